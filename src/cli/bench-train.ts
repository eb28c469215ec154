import type { Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import { median } from '../core/statistics.ts';
import { loadTensorFlow, type TensorFlow } from '../engine/tensorflow.ts';
import type { Shape } from '../model/shape.ts';
import { encodingOf, type AnyEncodingName, type Encoding } from '../music/encodings.ts';
import { Adam } from '../training/adam.ts';
import { TrainingStream } from '../training/batches.ts';
import { Network, WHOLE, type Dropout } from '../training/network.ts';
import { TrainingSteps } from '../training/step.ts';
import { syntheticPiece } from '../training/synthetic.ts';
import { openKeras, pythonFor, type Took } from './keras.ts';
import { machineLine } from './machine.ts';
import { loadModel, modelNames } from './models.ts';
import { numberFrom, say } from './terminal.ts';

const ROWS = 48;
const LENGTH = 128;

/** Shares of a step's time, as measured. */
export interface Shares {
  readonly batches: number;
  readonly forward: number;
  readonly backward: number;
  readonly optimiser: number;
}

/** One model's training speed: medians over the rounds, in tokens (events) a second. */
export interface Speed {
  readonly model: string;
  readonly tokensPerSecond: number;
  /** Tokens for each second that all processors together worked on them: what other programs take does not count. */
  readonly tokensPerBusySecond: number;
  readonly shares: Shares;
  /** The same model in Keras in the rounds between, and the medians over rounds of ours ÷ theirs. */
  readonly keras?: { readonly tokensPerSecond: number; readonly tokensPerBusySecond: number; readonly ratio: number; readonly busyRatio: number };
}

/** What `bench train --json` prints. */
export interface TrainingBench {
  readonly machine: string;
  readonly engine: string;
  /** Null where there is none. */
  readonly keras: string | null;
  readonly rounds: number;
  readonly plain: readonly Speed[];
  readonly models: readonly Speed[];
}

interface BenchOptions {
  readonly json: boolean;
  readonly python?: string;
  readonly rounds: number;
  readonly models: boolean;
}

/** Adds `bench train`. */
export const benchTrainCommand = (bench: Command): void => {
  bench
    .command('train')
    .description('tokens a second of a training step, beside the same model in Keras and for each shipped shape')
    .option('--json', 'one JSON object on standard output', false)
    .option('--python <path>', 'a Python with TensorFlow and Keras; $ANTIPHON_PYTHON, else the one beside TensorFlow')
    .option('--rounds <n>', 'rounds, ours and Keras in turn', numberFrom(1), 7)
    .option('--no-models', 'leave the shipped shapes out')
    .addHelpText('after', '\nExample:\n  $ antiphon bench train --python ~/keras/bin/python\n')
    .action(async (options: BenchOptions) => {
      const report = await benchTrain(options);
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : table(report));
    });
};

/** One model in training on pieces by chance: the step that `train` takes. */
class Bench {
  private readonly batches: TrainingStream;
  private readonly network: Network;
  private readonly adam: Adam;
  private readonly steps: TrainingSteps;
  private readonly dropout: Dropout;
  private making = 0;
  private taken = 0;

  constructor({ tf, raw }: TensorFlow, encoding: Encoding, shape: Shape, dropout: Dropout) {
    this.network = new Network(tf, raw, shape, 1);
    this.adam = new Adam(tf, this.network.variables);
    this.dropout = dropout;
    this.batches = new TrainingStream(encoding, Array.from({ length: 2 * ROWS }, (_, key) => syntheticPiece(encoding, 400, key)), ROWS, 1);
    this.steps = new TrainingSteps(tf, this.network, this.adam, ROWS, 1);
  }

  get parameters(): number {
    return [...this.network.variables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async train(steps: number): Promise<Took> {
    const began = performance.now();
    const before = process.cpuUsage();
    for (let i = 0; i < steps; i++) {
      const making = performance.now();
      const batch = this.batches.next(LENGTH, this.taken);
      this.making += performance.now() - making;
      await this.steps.take(batch, this.taken++, 0.001, this.dropout);
    }
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - began) / 1000, busy: (user + system) / 1e6 };
  }

  get shares(): Shares {
    const times = { batches: this.making, ...this.steps.times };
    const all = Object.values(times).reduce((sum, time) => sum + time, 0);
    return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, Number((time / all).toFixed(3))])) as unknown as Shares;
  }
}

/** Steps of a round: about as long for each size. */
const PLAIN = [{ units: 256, steps: 4 }, { units: 512, steps: 2 }] as const;

const benchTrain = async ({ python, rounds, models }: BenchOptions): Promise<TrainingBench> => {
  const engine = loadTensorFlow();
  let keras: string | null = null;
  const plain: Speed[] = [];
  // The plain stacked recipe, which is told nothing beside its symbols.
  const melody = encodingOf('melody', 'melody-1');
  for (const { units, steps } of PLAIN) {
    const shape: Shape = { kind: 'lstm', parts: melody.parts, embedding: 192, layers: [units, units], head: 256 };
    const ours = new Bench(engine, melody, shape, WHOLE);
    const [{ inputs = 0, outputs = 0 } = {}] = melody.parts;
    const other = await openKeras(pythonFor(python), { inputs, outputs, embedding: shape.embedding, layers: shape.layers, head: shape.head, rows: ROWS, length: LENGTH });
    if (typeof other === 'string') say(other);
    const theirs = typeof other === 'string' ? null : other;
    keras = theirs?.version ?? keras;
    if (theirs && theirs.parameters !== ours.parameters) say(`not the same model: ${ours.parameters} parameters here, ${theirs.parameters} in Keras`);
    const [here, there]: [Took[], Took[]] = [[], []];
    // The first round of each warms it up: buffers, threads, Keras's graph.
    for (let round = 0; round <= rounds; round++) {
      for (const [side, kept] of [[ours, here], [theirs, there]] as const) {
        const took = await side?.train(steps);
        if (took && round > 0) kept.push(took);
      }
    }
    theirs?.close();
    const ratioOf = (of: (took: Took) => number): number => Number(median(here.map((took, i) => of(there[i] as Took) / of(took))).toFixed(2));
    const beside = there.length > 0 ? { keras: { ...rates(there, steps), ratio: ratioOf(({ wall }) => wall), busyRatio: ratioOf(({ busy }) => busy) } } : {};
    plain.push({ model: `2x${units}`, ...rates(here, steps), shares: ours.shares, ...beside });
  }
  return { machine: machineLine(), engine: engineLine(engine), keras, rounds, plain, models: models ? await benchModels(engine, rounds) : [] };
};

const rates = (rounds: readonly Took[], steps: number): Pick<Speed, 'tokensPerSecond' | 'tokensPerBusySecond'> => {
  const tokens = steps * LENGTH * ROWS;
  return { tokensPerSecond: Math.round(tokens / median(rounds.map(({ wall }) => wall))), tokensPerBusySecond: Math.round(tokens / median(rounds.map(({ busy }) => busy))) };
};

const engineLine = ({ raw, gpu }: TensorFlow): string => `tensorflow on ${gpu ? 'a GPU' : 'the CPU'}, backward ${raw.half ? 'in bfloat16' : 'in 32 bits'}`;

/** What the shipped models are trained with, or near it. */
const MODEL_STEPS = 2;
const DROPOUT: Dropout = { input: 0, between: 0.1, recurrent: 0 };

/** The shapes that are shipped, each in its own encoding, in turn. */
const benchModels = async (engine: TensorFlow, rounds: number): Promise<Speed[]> => {
  const benches = modelNames().flatMap((model) => {
    try {
      const { card } = loadModel(model);
      return [{ model, bench: new Bench(engine, encodingOf<AnyEncodingName>(card.encoding, card.encodingHash), card.shape, DROPOUT), took: [] as Took[] }];
    } catch (thrown) {
      say(`${model} left out: ${messageOf(thrown)}`);
      return [];
    }
  });
  for (let round = 0; round <= rounds; round++) {
    for (const { bench, took } of benches) {
      const each = await bench.train(MODEL_STEPS);
      if (round > 0) took.push(each);
    }
  }
  return benches.map(({ model, bench, took }) => ({ model, ...rates(took, MODEL_STEPS), shares: bench.shares }));
};

const percent = (share: number): string => `${Math.round(100 * share)} %`.padStart(6);

const count = (tokens: number): string => String(tokens).padStart(7);

const row = ({ model, tokensPerSecond, tokensPerBusySecond, shares, keras }: Speed): string => {
  const beside = keras ? `\n  ${'  in Keras'.padEnd(16)}${count(keras.tokensPerSecond)} ${count(keras.tokensPerBusySecond)}   ours: ${keras.ratio.toFixed(2)} times by the clock, ${keras.busyRatio.toFixed(2)} times by processor time` : '';
  return `  ${model.padEnd(16)}${count(tokensPerSecond)} ${count(tokensPerBusySecond)}   batches ${percent(shares.batches)}  forward ${percent(shares.forward)}  backward ${percent(shares.backward)}  optimiser ${percent(shares.optimiser)}${beside}`;
};

const table = ({ machine, engine, keras, rounds, plain, models }: TrainingBench): string => {
  const lines = [machine, `${engine}; ${keras ?? 'no Keras'}`, `sequences of ${LENGTH}, ${ROWS} rows; medians of ${rounds} rounds, in turn: tokens a second, tokens a second of processor time`, '', 'embedding 192, two LSTM layers, dense 256 tanh, dense 130', ...plain.map(row)];
  return `${[...lines, ...(models.length > 0 ? ['', 'shapes of the models here', ...models.map(row)] : [])].join('\n')}\n`;
};
