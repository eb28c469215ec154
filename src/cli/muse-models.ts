import { chooseEngine, measureStep, openEngine } from '../engine/choose.ts';
import { engineOf } from '../engine/engines.ts';
import { Slowed } from '../engine/slowed.ts';
import { FREE_TIME } from '../live/cast.ts';
import type { MuseModel } from '../live/instrument.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { loadModel } from './models.ts';
import { Switched } from './switched.ts';

/** The engine that plays, and its step in milliseconds. */
export interface Playing {
  readonly engine: string;
  readonly stepMs: number;
}

export interface OpenedModels {
  readonly engine: string;
  /** By the numbers they have in the cast. */
  readonly models: readonly MuseModel[];
  /** Whether all work is done on this thread, so that it may block between asks. */
  readonly blocking: () => boolean;
  /** Measures this engine while it plays, once its code has been compiled, and tries others where it may; resolves to what plays then. */
  readonly settle: () => Promise<Playing>;
  close(): void;
}

/**
 * Opens the models of a cast, and beside them the one for free time where a model of the grid needs it; `engine` is a name or `auto`.
 * @param slow how many times as long as they need its steps take
 * @param lost told of each engine that was lost and replaced
 * @throws AntiphonError `engine.*`, `model.*`
 */
export const loadMuseModels = async (engine: string, cast: readonly string[], { slow = 1, lost = () => {} }: { readonly slow?: number; readonly lost?: (why: unknown) => void } = {}): Promise<OpenedModels> => {
  const named = cast.map((name) => ({ name, model: loadModel(name) }));
  // Without any there is still an engine to be told of.
  const needsFree = named.length === 0 || named.some(({ model }) => model.card.encoding === 'melody');
  const all = needsFree && !cast.includes(FREE_TIME) ? [...named, { name: FREE_TIME, model: loadModel(FREE_TIME) }] : named;
  const { model: measured } = (all.find(({ name }) => name === FREE_TIME) ?? all[0]) as (typeof all)[number];
  const chosen = await chooseEngine(engine, measured.card.shape, measured.weights);
  const first = new Switched(measured, chosen.predictor, lost);
  const models: MuseModel[] = [];
  const opened: Switched[] = [];
  for (const { name, model } of all) {
    const predictor = model === measured ? first : new Switched(model, await openEngine(chosen.name, model.card.shape, model.weights), lost);
    opened.push(predictor);
    models.push({ name, encoding: model.card.encoding as AnyEncodingName, predictor: slow > 1 ? new Slowed(predictor, slow) : predictor });
  }
  // A native engine may be lost in the middle of a harmony: the embedded one must not have to be loaded first.
  if (engineOf(chosen.name).process === 'own') for (const each of opened) await each.prepare();
  let trying = false;
  let inProcess = engineOf(chosen.name).process === 'ours';
  const settle = async (): Promise<Playing> => {
    trying = true;
    const winner = engine === 'auto' ? await chosen.contenders() : chosen;
    if (winner.predictor !== chosen.predictor) {
      first.change(winner.predictor);
      inProcess = false;
    }
    // An engine that is lost meanwhile is replaced, and is told of by `lost`.
    const stepMs = await measureStep(first).catch(() => NaN);
    trying = false;
    return { engine: winner.name, stepMs };
  };
  return {
    models,
    engine: chosen.name,
    blocking: () => inProcess && !trying,
    settle,
    close: () => {
      for (const each of opened) each.close();
    },
  };
};
