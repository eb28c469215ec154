import { setImmediate as turn } from 'node:timers/promises';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { median } from '../core/statistics.ts';
import { openState, type Predictor } from '../model/predictor.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { availableEngines, engineOf, ENGINES, type EngineName } from './engines.ts';
import { RemotePredictor, type RemoteOptions } from './remote.ts';

/** A contender takes over only when its step takes less than this share of the present one's: a change is not worth a hair's breadth. */
const CLEARLY = 0.8;
/** Enough for the JIT to have settled; a slow engine is given up on sooner. */
const WARM = { steps: 50, ms: 300 } as const;
const TIMED = { steps: 50, ms: 700 } as const;
/** Steps that are timed whatever they take. */
const LEAST = 3;

/** What one engine showed: milliseconds a step, or why there is no figure. */
export interface Measured {
  readonly name: EngineName;
  readonly step: number | null;
  readonly why: string;
}

/** The engine to play with, its to close when another takes its place. */
export interface Chosen {
  readonly name: EngineName;
  readonly predictor: Predictor;
  /** Those that were tried, this one among them once it has had contenders: music does not wait to be measured. */
  readonly measured: readonly Measured[];
  /**
   * Measures the engines that run in processes of their own, one by one, while this one plays on. Resolves to a choice
   * with this same predictor, or with another that is clearly faster: then the caller moves over (states serve any engine) and closes
   * this one. Never rejects.
   */
  contenders(): Promise<Chosen>;
}

/**
 * A model on the engine of that name.
 * @throws AntiphonError `engine.name`, `engine.missing`, `engine.start`, `model.weights`
 */
export const openEngine = async (name: string, shape: Shape, weights: Weights, options: RemoteOptions = {}): Promise<Predictor> => {
  const engine = engineOf(name);
  const available = engine.available();
  if (available !== true) throw new AntiphonError('engine.missing', `This engine cannot be used here (${available})`, name, `${engine.how} Available here: ${availableEngines().join(', ')}.`);
  if (engine.process === 'own') return RemotePredictor.open(name, shape, weights, options);
  return engine.open(shape, weights);
};

/** Median milliseconds of a feed and a query at batch 1, once warm; takes about a second at most, and lets others have a turn between steps. */
export const measureStep = async (predictor: Predictor): Promise<number> => {
  const { parts } = predictor.shape;
  const state = openState(predictor.shape);
  const event = parts.map(() => 0);
  const given = parts.map(() => -1);
  const timed = async ({ steps, ms }: { readonly steps: number; readonly ms: number }): Promise<number[]> => {
    const taken: number[] = [];
    const began = performance.now();
    while (taken.length < steps && (taken.length < LEAST || performance.now() - began < ms)) {
      const before = performance.now();
      await predictor.submit([{ kind: 'feed', state, event }]);
      await predictor.submit([{ kind: 'query', state, part: 0, given }]);
      taken.push(performance.now() - before);
      await turn();
    }
    return taken;
  };
  await timed(WARM);
  return median(await timed(TIMED));
};

/**
 * Opens the engine of that name; `auto` opens the embedded one at once, so that music can begin, and leaves the others to `contenders`.
 * @throws AntiphonError as `openEngine` does
 */
export const chooseEngine = async (wanted: string, shape: Shape, weights: Weights, options: RemoteOptions = {}): Promise<Chosen> => {
  const open = (name: string, own: RemoteOptions): Promise<Predictor> => openEngine(name, shape, weights, own);
  if (wanted !== 'auto') return chosen(engineOf(wanted).name, await open(wanted, options), []);
  try {
    return chosen('wasm', await open('wasm', options), [], rivals(open, options));
  } catch (thrown) {
    // WebAssembly with SIMD is missing on old processors only; the plain engine runs anywhere.
    return chosen('cpu', await open('cpu', options), [{ name: 'wasm', step: null, why: messageOf(thrown) }], rivals(open, options));
  }
};

type Contend = (incumbent: Chosen) => Promise<Chosen>;

const chosen = (name: EngineName, predictor: Predictor, measured: readonly Measured[], contend: Contend = async (self) => self): Chosen => {
  const self: Chosen = { name, predictor, measured, contenders: () => contend(self) };
  return self;
};

const rivals = (open: (name: string, options: RemoteOptions) => Promise<Predictor>, options: RemoteOptions): Contend => async (incumbent) => {
  let best: (Pick<Chosen, 'name' | 'predictor'> & { readonly ratio: number }) | undefined;
  const measured: Measured[] = [...incumbent.measured, { name: incumbent.name, step: await measureStep(incumbent.predictor), why: '' }];
  for (const { name, available } of ENGINES.filter((each) => each.process === 'own')) {
    const reason = available();
    if (reason !== true) {
      measured.push({ name, step: null, why: reason });
      continue;
    }
    let predictor: Predictor | undefined;
    try {
      predictor = await open(name, { ...options, onLost: (lost) => best?.predictor === predictor && options.onLost?.(lost) });
      const step = await measureStep(predictor);
      measured.push({ name, step, why: '' });
      // The incumbent again: both are judged under the load there is now.
      const ratio = step / (await measureStep(incumbent.predictor));
      if (ratio < (best?.ratio ?? CLEARLY)) {
        best?.predictor.close();
        best = { name, predictor, ratio };
      } else predictor.close();
    } catch (thrown) {
      predictor?.close();
      measured.push({ name, step: null, why: messageOf(thrown) });
    }
  }
  const { name, predictor } = best ?? incumbent;
  const winner: Chosen = { name, predictor, measured, contenders: async () => winner };
  return winner;
};
