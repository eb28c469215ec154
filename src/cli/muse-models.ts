import { chooseEngine, measureStep, openEngine, type Chosen } from '../engine/choose.ts';
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
  /** Its step in milliseconds as it is by now: code that has just been loaded takes several times as long. */
  readonly measure: () => Promise<number>;
  /** By the numbers they have in the cast. */
  readonly models: readonly MuseModel[];
  /** Whether all work is done on this thread, so that it may block between asks. */
  readonly blocking: () => boolean;
  /** Tries other engines while this one plays; null where none was clearly faster. */
  readonly better: () => Promise<Playing | null>;
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
  const better = async (): Promise<Playing | null> => {
    if (engine !== 'auto') return null;
    trying = true;
    const winner: Chosen = await chosen.contenders();
    if (winner.predictor !== chosen.predictor) {
      first.change(winner.predictor);
      inProcess = false;
    }
    trying = false;
    return winner.predictor === chosen.predictor ? null : { engine: winner.name, stepMs: winner.step };
  };
  return {
    models,
    engine: chosen.name,
    measure: () => measureStep(first),
    blocking: () => inProcess && !trying,
    better,
    close: () => {
      for (const each of opened) each.close();
    },
  };
};
