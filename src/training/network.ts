import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import { coins, keyOf } from '../core/rng.ts';
import { askedParts, sizeOf, weightShapes, type Shape, type Weights } from '../model/shape.ts';
import { fusedLayer, plainLayer, type Carry, type Layer } from './lstm.ts';

/** One batch, time-major: for each part the symbols fed and the symbols wanted, [steps × rows]; −1 is "nothing is asked here". */
export interface Batch {
  readonly steps: number;
  readonly rows: number;
  readonly inputs: readonly Int32Array[];
  readonly targets: readonly Int32Array[];
  /** What head p is told of part q at each place: its symbol, or that part's `inputs` for "not known". `given[p][q]`, unused where p = q. */
  readonly given: readonly (readonly Int32Array[])[];
}

/** The model as a trainable network on one backend. */
export class Network {
  readonly variables = new Map<string, Variable>();
  private readonly tf: Tf;
  private readonly raw: Raw | null;
  private readonly shape: Shape;
  private readonly layer: Layer;

  /** @param raw TensorFlow's own operations where the backend has them: the fast path */
  constructor(tf: Tf, raw: Raw | null, shape: Shape, seed: number) {
    this.tf = tf;
    this.raw = raw;
    this.shape = shape;
    this.layer = raw ? fusedLayer(tf, raw) : plainLayer(tf);
    weightShapes(shape).forEach((row, index) => {
      this.variables.set(row.name, tf.tidy(() => tf.variable(tf.tensor(initial(row.name, row.shape, keyOf(seed, index)), [...row.shape]), true)));
    });
  }

  /** Zero states for `rows` sequences, one for each layer. */
  carries(rows: number): Carry[] {
    return this.shape.layers.map((units) => ({ h: this.tf.keep(this.tf.zeros([rows, units])), c: this.tf.keep(this.tf.zeros([rows, units])) }));
  }

  /**
   * Summed nats of each part that is asked over the batch, one scalar a part; moves `carries`.
   * @param dropout share of the stack's inputs and outputs dropped, keyed by `key`; 0 to evaluate
   */
  losses(batch: Batch, carries: Carry[], dropout: number, key: number): Tensor[] {
    const { tf, shape } = this;
    const { steps, rows } = batch;
    const fed = this.sum(shape.parts.map((part, p) => tf.gather(this.weight(`embed/${part.name}`), tf.tensor1d(batch.inputs[p] as Int32Array, 'int32'))));
    let x = tf.reshape(fed, [steps, rows, shape.embedding]) as Tensor3D;
    shape.layers.forEach((_units, i) => {
      if (i > 0) x = this.dropped(x, dropout, keyOf(key, i));
      x = this.layer(x, this.weight(`lstm${i}/kernel`) as Tensor2D, this.weight(`lstm${i}/bias`), carries[i] as Carry);
    });
    const units = shape.layers[shape.layers.length - 1] as number;
    const top = tf.reshape(this.dropped(x, dropout, keyOf(key, 99)), [steps * rows, units]) as Tensor2D;
    const asked = askedParts(shape.parts);
    return asked.map((part, p) => {
      const told = asked.flatMap((other, q) =>
        q === p ? [] : [tf.gather(this.weight(`head/${part.name}/given/${other.name}`), tf.tensor1d((batch.given[p] as readonly Int32Array[])[q] as Int32Array, 'int32'))],
      );
      const own = tf.add(tf.matMul(top, this.weight(`head/${part.name}/kernel`) as Tensor2D), this.weight(`head/${part.name}/bias`));
      const hidden = tf.tanh(this.sum([own, ...told])) as Tensor2D;
      const logits = tf.add(tf.matMul(hidden, this.weight(`head/${part.name}/out`) as Tensor2D), this.weight(`head/${part.name}/outBias`)) as Tensor2D;
      return this.nats(logits, batch.targets[p] as Int32Array, rows);
    });
  }

  /** The weights as they are, copied. */
  async weights(): Promise<Weights> {
    const out = new Map<string, Float32Array>();
    for (const [name, variable] of this.variables) out.set(name, Float32Array.from(await variable.data()));
    return out;
  }

  load(weights: Weights): void {
    for (const [name, variable] of this.variables) this.tf.tidy(() => variable.assign(this.tf.tensor(weights.get(name) as Float32Array, variable.shape)));
  }

  /** Lets go of the weights. */
  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  private weight(name: string): Tensor {
    return this.variables.get(name) as Tensor;
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

  /** Summed cross entropy of `logits` against `targets`, those of −1 left out. */
  private nats(logits: Tensor2D, targets: Int32Array, rows: number): Tensor {
    const { tf, raw } = this;
    const mask = tf.tensor1d(Float32Array.from(targets, (target) => (target >= 0 ? 1 : 0)));
    const safe = tf.tensor1d(targets.map((target) => Math.max(target, 0)), 'int32');
    if (!raw) {
      const picked = tf.sum(tf.mul(tf.oneHot(safe, logits.shape[1]), tf.logSoftmax(logits)), 1);
      // Summed in two stages: WebAssembly adds floats one after another, and over thousands that loses the fifth digit.
      return tf.neg(tf.sum(tf.sum(tf.reshape(tf.mul(picked, mask), [-1, rows]), 1)));
    }
    const entropy = tf.customGrad((...args) => {
      const input = args[0] as unknown as Tensor2D;
      const save = args[1] as unknown as (tensors: Tensor[]) => void;
      const [loss, slope] = raw.run('SparseSoftmaxCrossEntropyWithLogits', { T: 'float32', Tlabels: 'int32' }, [input, safe], 2) as [Tensor1D, Tensor2D];
      save([slope]);
      return { value: loss, gradFunc: ((dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] as Tensor, tf.expandDims(dy, 1))) as never };
    });
    return tf.sum(tf.mul(entropy(logits), mask));
  }
}

/** Glorot-uniform kernels, small embeddings, zero biases but for the forget gate's one (Jozefowicz et al. 2015). */
const initial = (name: string, shape: readonly number[], key: number): Float32Array => {
  const coin = coins(key);
  const values = new Float32Array(sizeOf(shape));
  if (name.endsWith('bias') || name.endsWith('outBias')) {
    if (name.startsWith('lstm')) values.fill(1, values.length / 2, (values.length * 3) / 4);
    return values;
  }
  const bound = name.includes('embed') || name.includes('given') ? 0.1 : Math.sqrt(6 / ((shape[0] as number) + (shape[1] as number)));
  return values.map(() => (2 * coin() - 1) * bound);
};
