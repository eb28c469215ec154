import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import { AntiphonError } from '../core/errors.ts';
import type { Part } from '../core/part.ts';
import { coins, keyOf } from '../core/rng.ts';
import { askedParts, sizeOf, weightShapes, type Shape, type Weights } from '../model/shape.ts';
import { attendAll } from './attend.ts';
import { fusedGru, plainGru } from './gru.ts';
import { fusedLayer, plainLayer, type Layer } from './lstm.ts';
import type { Memory } from './memory.ts';
import { addBias, multiply } from './product.ts';

/** One batch, time-major: for each part the symbols fed and the symbols wanted, [steps × rows]; −1 is "nothing is asked here", −2 − s "s, or any symbol after it". */
export interface Batch {
  readonly steps: number;
  readonly rows: number;
  readonly inputs: readonly Int32Array[];
  readonly targets: readonly Int32Array[];
  /** What head p is told of part q at each place: its symbol, or that part's `inputs` for "not known". `given[p][q]`, unused where p = q. */
  readonly given: readonly (readonly Int32Array[])[];
  /** Which piece each event is of: attention does not look beyond its start. */
  readonly segments: Float32Array;
}

/** Shares of numbers left out in training, each batch others: of the event that is fed, of what layers hand on, of the recurrent weights. */
export interface Dropout {
  readonly input: number;
  readonly between: number;
  readonly recurrent: number;
}

/** Nothing left out. */
export const WHOLE: Dropout = { input: 0, between: 0, recurrent: 0 };

/** What the network makes of a batch: the stack's output, [steps × rows, units], and the nats of each part that is asked, [steps, rows]. */
export interface Pass {
  readonly top: Tensor2D;
  readonly nats: readonly Tensor2D[];
}

/** The model as a trainable network on one backend. */
export class Network {
  readonly variables = new Map<string, Variable>();
  private readonly tf: Tf;
  private readonly raw: Raw | null;
  readonly shape: Shape;
  /** Whether each head ends in the embedding of what it asks, turned round (Press and Wolf 2017), and has no weights of its own there. */
  readonly tied: boolean;
  private readonly layer: Layer;
  private readonly multiply: ReturnType<typeof multiply>;
  private readonly addBias: ReturnType<typeof addBias>;

  /** @param raw TensorFlow's own operations where the backend has them: the fast path */
  constructor(tf: Tf, raw: Raw | null, shape: Shape, seed: number, tied = false) {
    if (tied && shape.head !== shape.embedding) throw new AntiphonError('train.tied', 'Tied embeddings need heads of their own size, not of', shape.head, `Give --head ${shape.embedding}, or leave --tied out.`);
    this.tf = tf;
    this.raw = raw;
    this.shape = shape;
    this.tied = tied;
    const layers = { lstm: raw ? fusedLayer(tf, raw) : plainLayer(tf), gru: raw ? fusedGru(tf, raw) : plainGru(tf) };
    this.layer = layers[shape.kind];
    this.multiply = multiply(tf, raw);
    this.addBias = addBias(tf, raw);
    weightShapes(shape).forEach((row, index) => {
      if (tied && isOut(row.name)) return;
      this.variables.set(row.name, tf.tidy(() => tf.variable(tf.tensor(initial(row.name, row.shape, keyOf(seed, index)), [...row.shape]), true)));
    });
  }

  /**
   * Runs a batch; moves `memory`.
   * @param key of what is left out
   */
  pass(batch: Batch, memory: Memory, dropout: Dropout, key: number): Pass {
    const { tf, shape } = this;
    const { steps, rows } = batch;
    const { kind, embedding } = shape;
    const fed = this.dropped(this.sum(shape.parts.map((part, p) => this.rowsOf(`embed/${part.name}`, batch.inputs[p] as Int32Array))), dropout.input, keyOf(key, 98));
    let x = tf.reshape(fed, [steps, rows, embedding]) as Tensor3D;
    shape.layers.forEach((units, i) => {
      if (i > 0) x = this.dropped(x, dropout.between, keyOf(key, i));
      const kernel = this.weight(`${kind}${i}/kernel`) as Tensor2D;
      const inputs = kernel.shape[0] - units;
      // The same connections are missing at every step (Merity et al. 2018).
      const thinned = dropout.recurrent === 0 ? kernel : (tf.concat([tf.slice(kernel, [0, 0], [inputs, -1]), this.dropped(tf.slice(kernel, [inputs, 0], [units, -1]), dropout.recurrent, keyOf(key, 50 + i))]) as Tensor2D);
      x = this.layer(x, thinned, this.weight(`${kind}${i}/bias`), memory.cells[i] as Memory['cells'][number]);
    });
    const units = shape.layers[shape.layers.length - 1] as number;
    const flat = tf.reshape(x, [steps * rows, units]) as Tensor2D;
    const seen = [this.dropped(flat, dropout.between, keyOf(key, 99))];
    if (shape.attention && memory.past) {
      const found = attendAll(tf, shape.attention, x, batch.segments, memory.past, this.multiply, (name) => this.weight(`attention/${name}`) as Tensor2D);
      seen.push(this.dropped(tf.reshape(found, [steps * rows, shape.attention.size]) as Tensor2D, dropout.between, keyOf(key, 97)));
    }
    if (shape.skip) seen.push(fed as Tensor2D);
    const all = seen.length > 1 ? (tf.concat(seen, 1) as Tensor2D) : (seen[0] as Tensor2D);
    const asked = askedParts(shape.parts);
    const nats = asked.map((part, p) => {
      const told = asked.flatMap((other, q) =>
        q === p ? [] : [this.rowsOf(`head/${part.name}/given/${other.name}`, (batch.given[p] as readonly Int32Array[])[q] as Int32Array)],
      );
      const own = this.affine(all, `head/${part.name}/kernel`, `head/${part.name}/bias`);
      let hidden = tf.tanh(this.sum([own, ...told])) as Tensor2D;
      for (let layer = 0; layer < (shape.deep ?? 0); layer++) {
        const name = `head/${part.name}/deep${layer}`;
        hidden = tf.add(hidden, tf.tanh(this.affine(hidden, `${name}/kernel`, `${name}/bias`)));
      }
      const logits = this.addBias(this.multiply(this.dropped(hidden, dropout.between / 2, keyOf(key, 200 + p)), this.outOf(part)), this.weight(`head/${part.name}/outBias`));
      return this.nats(logits, batch.targets[p] as Int32Array, rows);
    });
    return { top: flat, nats };
  }

  /** Summed nats of each part that is asked over the batch, one scalar a part; moves `memory`. */
  losses(batch: Batch, memory: Memory, dropout: Dropout, key: number): Tensor[] {
    const { tf } = this;
    // Summed in two stages: WebAssembly adds floats one after another, and over thousands that loses the fifth digit.
    return this.pass(batch, memory, dropout, key).nats.map((nats) => tf.sum(tf.sum(nats, 1)));
  }

  /** The weights as they are, copied; tied ones in each of their places, for what plays them knows of no ties. */
  async weights(): Promise<Weights> {
    const out = new Map<string, Float32Array>();
    for (const [name, variable] of this.variables) out.set(name, Float32Array.from(await variable.data()));
    for (const part of this.tied ? askedParts(this.shape.parts) : []) {
      const kernel = this.tf.tidy(() => this.outOf(part));
      out.set(`head/${part.name}/out`, Float32Array.from(await kernel.data()));
      kernel.dispose();
    }
    return out;
  }

  load(weights: Weights): void {
    for (const [name, variable] of this.variables) this.tf.tidy(() => variable.assign(this.tf.tensor(weights.get(name) as Float32Array, variable.shape)));
  }

  /** Lets go of the weights. */
  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  /** The kernel that a head ends in, [head, outputs]. */
  private outOf({ name, outputs }: Part): Tensor2D {
    if (!this.tied) return this.weight(`head/${name}/out`) as Tensor2D;
    return this.tf.transpose(this.tf.slice(this.weight(`embed/${name}`) as Tensor2D, [0, 0], [outputs, -1]));
  }

  private weight(name: string): Tensor {
    return this.variables.get(name) as Tensor;
  }

  /** Rows of a table. The plain backend's gradient of `gather` walks all of the data once for each row there is: there it is a product. */
  private rowsOf(name: string, rows: Int32Array): Tensor2D {
    const { tf } = this;
    const table = this.weight(name) as Tensor2D;
    const ids = tf.tensor1d(rows, 'int32');
    return tf.getBackend() === 'cpu' ? tf.matMul(tf.cast(tf.oneHot(ids, table.shape[0]), 'float32') as Tensor2D, table) : tf.gather(table, ids);
  }

  private affine(x: Tensor2D, kernel: string, bias: string): Tensor2D {
    return this.addBias(this.multiply(x, this.weight(kernel) as Tensor2D), this.weight(bias));
  }

  private sum(tensors: readonly Tensor[]): Tensor {
    return tensors.reduce((sum, tensor) => this.tf.add(sum, tensor));
  }

  private dropped<T extends Tensor>(x: T, rate: number, key: number): T {
    const { tf } = this;
    if (rate === 0) return x;
    const uniform = this.raw
      ? (this.raw.run('StatelessRandomUniform', { T: 'int32', dtype: 'float32', Tseed: 'int32' }, [tf.tensor1d(x.shape, 'int32'), tf.tensor1d([key | 0, 1], 'int32')], 1)[0] as Tensor)
      : tf.tensor(Float32Array.from({ length: x.size }, coins(key)), x.shape);
    return tf.mul(x, tf.mul(tf.cast(tf.greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate)));
  }

  /** Cross entropy of `logits` against `targets`, 0 at those of −1: [steps, rows]. */
  private nats(logits: Tensor2D, targets: Int32Array, rows: number): Tensor2D {
    const { tf, raw } = this;
    const mask = tf.tensor1d(Float32Array.from(targets, (target) => (target === -1 ? 0 : 1)));
    const safe = tf.tensor1d(targets.map((target) => (target < -1 ? -2 - target : Math.max(target, 0))), 'int32');
    const shaped = (nats: Tensor): Tensor2D => tf.reshape(tf.sub(tf.mul(nats, mask), this.later(logits, targets)), [-1, rows]);
    if (!raw) return shaped(tf.neg(tf.sum(tf.mul(tf.oneHot(safe, logits.shape[1]), tf.logSoftmax(logits)), 1)));
    const entropy = tf.customGrad((...args) => {
      const input = args[0] as unknown as Tensor2D;
      const save = args[1] as unknown as (tensors: Tensor[]) => void;
      const [loss, slope] = raw.run('SparseSoftmaxCrossEntropyWithLogits', { T: 'float32', Tlabels: 'int32' }, [input, safe], 2) as [Tensor1D, Tensor2D];
      save([slope]);
      return { value: loss, gradFunc: ((dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] as Tensor, tf.expandDims(dy, 1))) as never };
    });
    return shaped(entropy(logits));
  }

  /** How many nats fewer a target costs that any later symbol would meet as well: [steps × rows], 0 at all others. */
  private later(logits: Tensor2D, targets: Int32Array): Tensor {
    const { tf } = this;
    const [count, symbols] = logits.shape;
    const open = Array.from(targets.keys()).filter((at) => (targets[at] as number) < -1);
    if (open.length === 0) return tf.zeros([count]);
    const least = open.map((at) => -2 - (targets[at] as number));
    const places = tf.oneHot(tf.tensor1d(open, 'int32'), count);
    const rows = tf.matMul(tf.cast(places, 'float32') as Tensor2D, logits);
    const before = tf.tensor2d(least.map((from) => Array.from({ length: symbols }, (_, symbol) => (symbol < from ? NEVER : 0))));
    const own = tf.sum(tf.mul(rows, tf.oneHot(tf.tensor1d(least, 'int32'), symbols)), 1);
    const gained = tf.sub(tf.logSumExp(tf.add(rows, before), 1), own);
    return tf.reshape(tf.matMul(tf.cast(places, 'float32') as Tensor2D, tf.reshape(gained, [-1, 1]) as Tensor2D, true), [count]);
  }
}

const isOut = (name: string): boolean => name.endsWith('/out');

const NEVER = -1e9;

/** Glorot-uniform kernels, small embeddings, zero biases but for the forget gate's one (Jozefowicz et al. 2015). */
const initial = (name: string, shape: readonly number[], key: number): Float32Array => {
  const coin = coins(key);
  const values = new Float32Array(sizeOf(shape));
  if (name.endsWith('bias') || name.endsWith('outBias')) {
    if (name.startsWith('lstm')) values.fill(1, values.length / 2, (values.length * 3) / 4);
    return values;
  }
  const bound = name.includes('embed') || name.includes('given') || name.endsWith('lag') ? 0.1 : Math.sqrt(6 / ((shape[0] as number) + (shape[1] as number)));
  return values.map(() => (2 * coin() - 1) * bound);
};
