import { chooseEngine, openEngine, type Chosen } from '../engine/choose.ts';
import { engineOf } from '../engine/engines.ts';
import type { MuseModels } from '../live/muse.ts';
import type { Model } from '../model/checkpoint.ts';
import type { Predictor, Request } from '../model/predictor.ts';
import { loadModel, modelNames } from './models.ts';

/** The engine that plays, and its step in milliseconds. */
export interface Playing {
  readonly engine: string;
  readonly stepMs: number;
}

export interface OpenedModels extends Playing {
  readonly models: MuseModels;
  /** Whether all work is done on this thread, so that it may block between asks. */
  readonly blocking: () => boolean;
  /** Tries other engines while this one plays; null where none was clearly faster. */
  readonly better: () => Promise<Playing | null>;
  close(): void;
}

/** A predictor whose engine can be changed between two steps: states serve any engine. */
class Switched implements Predictor {
  current: Predictor;
  private readonly model: Model;
  private fallback: Promise<Predictor> | null = null;

  constructor(model: Model, current: Predictor) {
    this.model = model;
    this.current = current;
  }

  get shape(): Predictor['shape'] {
    return this.current.shape;
  }

  /** An engine that is lost in a step is replaced by the embedded one, and the step is done again. */
  async submit(batch: readonly Request[]): ReturnType<Predictor['submit']> {
    const { current } = this;
    try {
      return await current.submit(batch);
    } catch {
      this.fallback ??= openEngine('wasm', this.model.card.shape, this.model.weights);
      const embedded = await this.fallback;
      if (this.current === current) this.current = embedded;
      return this.current.submit(batch);
    }
  }

  close(): void {
    this.current.close();
  }
}

/** Models that a performance goes on without. */
const OTHERS = ['melody', 'harmony', 'drums', 'accompaniment'] as const;
type OtherModel = (typeof OTHERS)[number];

/**
 * Opens the models a performance needs; `engine` is a name or `auto`.
 * @throws AntiphonError `engine.*`, `model.*`
 */
export const loadMuseModels = async (engine: string): Promise<OpenedModels> => {
  const performance = loadModel('performance');
  const chosen = await chooseEngine(engine, performance.card.shape, performance.weights);
  const first = new Switched(performance, chosen.predictor);
  const names = modelNames();
  const others = new Map<OtherModel, Switched>();
  for (const name of OTHERS.filter((each) => names.includes(each))) {
    const model = loadModel(name);
    others.set(name, new Switched(model, await openEngine(chosen.name, model.card.shape, model.weights)));
  }
  const other = (name: OtherModel): Switched | null => others.get(name) ?? null;
  let trying = false;
  let inProcess = engineOf(chosen.name).process === 'ours';
  const better = async (): Promise<Playing | null> => {
    if (engine !== 'auto') return null;
    trying = true;
    const winner: Chosen = await chosen.contenders();
    if (winner.predictor !== chosen.predictor) {
      first.current = winner.predictor;
      inProcess = false;
    }
    trying = false;
    return winner.predictor === chosen.predictor ? null : { engine: winner.name, stepMs: winner.step };
  };
  return {
    models: { performance: first, melody: other('melody'), harmony: other('harmony'), drums: other('drums'), accompaniment: other('accompaniment') },
    engine: chosen.name,
    stepMs: chosen.step,
    blocking: () => inProcess && !trying,
    better,
    close: () => {
      for (const each of [first, ...others.values()]) each.close();
    },
  };
};
