import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import { toldParts, type Encoding } from '../music/encodings.ts';
import type { Shape, Weights } from '../model/shape.ts';
import type { MoreAugmentation } from './augment.ts';
import { Adam } from './adam.ts';
import { TrainingStream } from './batches.ts';
import { eventsOf, transposed } from './piece.ts';
import { averageOf, follow } from './average.ts';
import { judgementOf, natsOf } from './judge.ts';
import { fill, tensorsOf, type Memory } from './memory.ts';
import { Network, type Dropout } from './network.ts';
import { RunFolder, type RunState } from './run-folder.ts';
import { runPage } from './run-page.ts';
import type { Split } from './split.ts';
import { TrainingSteps } from './step.ts';

/** Everything that decides a run's result, beside its data. */
export interface TrainSettings extends MoreAugmentation {
  readonly shape: Shape;
  readonly steps: number;
  readonly length: number;
  readonly rows: number;
  readonly rate: number;
  readonly dropout: Dropout;
  /** Share of the kernels that each step takes away beside its gradient, by the learning rate (Loshchilov and Hutter 2019). */
  readonly decay: number;
  /** What is judged and kept is a running mean of the weights over about so many steps; 0 for the weights themselves. */
  readonly averaged: number;
  /** Whether heads end in the embeddings. */
  readonly tied?: boolean;
  readonly seed: number;
  /** The share of rows that forget before each step what they heard, where it is not `FORGOTTEN`. */
  readonly forgetting?: number;
  /** Steps between two looks at the tuning split. */
  readonly every: number;
  /** How often an epoch hears the pieces of a data set, where that is not once. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Looks without a new best after which training stops. */
  readonly patience: number;
  /** Steps over which the learning rate rises; 200 by default. */
  readonly warmUp?: number;
  /** Tells the model that training begins from, where it begins from one. */
  readonly from?: string;
}

export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly epochs: number;
  readonly eventsPerSecond: number;
  readonly secondsLeft: number;
  /** Nats an event over the steps since the last line. */
  readonly train: number;
  readonly tune: number | null;
}

export interface TrainResult {
  readonly weights: Weights;
  readonly steps: number;
  readonly seconds: number;
  readonly epochs: number;
  /** The best look at the tuning split: at which step, and its nats an event. */
  readonly best: RunState['best'];
  readonly curve: RunState['curve'];
}

const WARM_UP = 200;

/** Linear warm-up, then a half cosine to a twentieth. */
const rateAt = (step: number, { rate, steps, warmUp = WARM_UP }: TrainSettings): number =>
  rate * Math.min(1, (step + 1) / warmUp) * (0.05 + 0.95 * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps)));

/**
 * Trains, saving every `every` steps under `folder`; begun again with the same settings it goes on from there. `stop` saves and ends it
 * after the step in hand. Where nothing is kept to tune on, the last weights are what it gives. Where it begins from weights, those are the first that are looked at, and kept where none are better.
 */
export const train = async (
  { tf, raw }: { readonly tf: Tf; readonly raw: Raw | null },
  encoding: Encoding,
  split: Split,
  settings: TrainSettings,
  folder: string,
  report: (progress: Progress) => void,
  stop: () => boolean,
  start?: Weights,
): Promise<TrainResult> => {
  const run = new RunFolder(folder);
  const saved = run.resume(settings);
  const network = new Network(tf, raw, settings.shape, settings.seed, settings.tied);
  if (start) network.load(start);
  else silence(tf, network, encoding);
  const adam = new Adam(tf, network.variables, settings.decay);
  const shown = settings.averaged > 0 ? averageOf(tf, raw, network) : network;
  const stream = new TrainingStream(encoding, split.train, settings.rows, settings.seed, saved?.state.cursor, settings.weights, settings);
  const steps = new TrainingSteps(tf, network, adam, settings.rows, settings.seed, settings.forgetting);
  let seconds = saved?.state.seconds ?? 0;
  let best = saved?.state.best ?? null;
  const curve = [...(saved?.state.curve ?? [])];
  if (saved) restore(tf, saved.arrays, network, shown, adam, steps.memory, saved.state.step);
  const tunePieces = sample(split).map((piece) => (piece.home ? (transposed(encoding.name, piece, piece.home) ?? piece) : piece));
  let step = saved?.state.step ?? 0;
  let since = { step, at: performance.now(), nats: 0 };
  const look = async (): Promise<number> => judgementOf(encoding, tunePieces, await natsOf(tf, shown, encoding, tunePieces)).nllPerEvent;
  if (start && !saved && tunePieces.length > 0) {
    best = { step: 0, nll: await look() };
    run.saveBest(await shown.weights());
  }
  const stale = (): number => (best ? (step - best.step) / settings.every : 0);

  while (step < settings.steps && stale() < settings.patience && !stop()) {
    const started = performance.now();
    const events = settings.length * settings.rows;
    since.nats += await steps.take(stream.next(settings.length, step), step, rateAt(step, settings), settings.dropout);
    if (shown !== network) follow(tf, network, shown, settings.averaged, step);
    step++;
    seconds += (performance.now() - started) / 1000;
    // TensorFlow's promises never leave the microtask queue: without a turn of the loop no signal would be heard.
    await new Promise(setImmediate);

    // An interruption only saves: looked at out of turn, the tuning split could choose another best than the run that was let be.
    const looking = step % settings.every === 0 || step === settings.steps;
    const saving = looking || stop();
    if (saving || step % 50 === 0) {
      const done = step - since.step;
      const eventsPerSecond = (done * events) / ((performance.now() - since.at) / 1000);
      const progress = { step, steps: settings.steps, epochs: stream.epochs, eventsPerSecond, secondsLeft: ((settings.steps - step) * events) / eventsPerSecond, train: since.nats / done };
      let tune: number | null = null;
      if (looking) {
        tune = tunePieces.length > 0 ? await look() : null;
        curve.push({ step, train: progress.train, tune, rate: rateAt(step, settings), eventsPerSecond });
        if (tune !== null && (!best || tune < best.nll)) {
          best = { step, nll: tune };
          run.saveBest(await shown.weights());
        }
      }
      if (saving) {
        const state: RunState = { settings, step, seconds, cursor: stream.cursor, best, curve };
        run.save(state, await gather(network, shown, adam, steps.memory), (kept) => {
          for (const name of readdirSync(folder)) if (/^last-\d+\.bin$/.test(name) && name !== kept) unlinkSync(join(folder, name));
        });
      }
      if (looking) run.page(runPage({ settings, step, seconds, best, curve }));
      report({ ...progress, tune });
      since = { step, at: performance.now(), nats: 0 };
    }
  }
  return { weights: best ? run.best() : await shown.weights(), steps: step, seconds, epochs: stream.epochs, best, curve };
};

/** What is wished means nothing to begin with: the rest is then learnt as if none of it were told, and what is told as what it adds. */
const silence = (tf: Tf, network: Network, encoding: Encoding): void => {
  for (const { name } of toldParts(encoding)) {
    const rows = network.variables.get(`embed/${name}`) as Variable;
    tf.tidy(() => rows.assign(tf.zerosLike(rows)));
  }
};

/** At most about 60,000 events of the tuning split, so that a look at it stays short. */
const sample = (split: Split): Split['tune'] => {
  const kept: Split['tune'][number][] = [];
  for (const piece of split.tune) if (eventsOf(kept) < 60_000) kept.push(piece);
  return kept;
};

/** Everything a run must have again to go on, by name. */
const gather = async (network: Network, shown: Network, adam: Adam, memory: Memory): Promise<Map<string, Float32Array>> => {
  const out = new Map<string, Float32Array>();
  const put = async (name: string, tensor: Tensor): Promise<void> => void out.set(name, Float32Array.from(await tensor.data()));
  for (const [name, variable] of network.variables) await put(name, variable);
  if (shown !== network) for (const [name, variable] of shown.variables) await put(`a/${name}`, variable);
  for (const [name, { m, v }] of adam.moments) {
    await put(`m/${name}`, m);
    await put(`v/${name}`, v);
  }
  for (const [name, tensor] of tensorsOf(memory)) await put(name, tensor);
  return out;
};

const restore = (tf: Tf, arrays: ReadonlyMap<string, Float32Array>, network: Network, shown: Network, adam: Adam, memory: Memory, step: number): void => {
  network.load(arrays);
  adam.step = step;
  const put = (name: string, into: Variable): void => tf.tidy(() => into.assign(tf.tensor(arrays.get(name) as Float32Array, into.shape)));
  if (shown !== network) for (const [name, variable] of shown.variables) put(`a/${name}`, variable);
  for (const [name, { m, v }] of adam.moments) {
    put(`m/${name}`, m);
    put(`v/${name}`, v);
  }
  fill(tf, memory, arrays);
};
