import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ModelState } from '../model/predictor.ts';
import type { Shape } from '../model/shape.ts';
import type { Tf } from './tensorflow.ts';

/**
 * Where the cells' own arithmetic is done: `here`, in JavaScript over products read back from the engine, or on the `engine`, with one
 * read-back a step. An operation costs 3 to 12 µs before it computes anything, and a step on the engine has some forty where a step
 * here has three; but a device that answers late (a GPU) must be asked once.
 */
export type Cells = 'here' | 'engine';

/** A dense layer on an engine. */
export interface Dense {
  readonly kernel: Tensor2D;
  readonly bias: Tensor1D | null;
}

/** The layers that a fed event passes: the recurrent ones (the first without its input and bias, which are folded into `gates`), then the heads' first, side by side. */
export interface Stack {
  readonly layers: readonly Dense[];
  readonly heads: Dense;
}

const dense = (tf: Tf, x: Tensor2D, { kernel, bias }: Dense): Tensor2D => (bias ? tf.fused.matMul({ a: x, b: kernel, bias }) : tf.matMul(x, kernel)) as Tensor2D;

/** `values` (a row each of `rows`) through a layer, read back at once. Not for engines that only answer later. */
export const denseNow = (tf: Tf, values: Float32Array, rows: number, layer: Dense): Float32Array => {
  // No `tidy`: it would look for tensors in every number of what is read, which takes longer than the product.
  const x = tf.tensor2d(values, [rows, values.length / rows]);
  const product = dense(tf, x, layer);
  const read = product.dataSync() as Float32Array;
  x.dispose();
  product.dispose();
  return read;
};

/** `values` (a row each of `rows`) through a layer. */
export const denseLater = async (tf: Tf, values: Float32Array, rows: number, layer: Dense): Promise<Float32Array> => {
  const product = tf.tidy(() => dense(tf, tf.tensor2d(values, [rows, values.length / rows]), layer));
  const read = (await product.data()) as Float32Array;
  product.dispose();
  return read;
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Moves `states` by one event each; `gates` is what the events put into the first layer's gates, a row a state. */
export const feedHere = (tf: Tf, { layers }: Shape, stack: Stack, gates: Float32Array, states: readonly ModelState[]): void => {
  const rows = states.length;
  let below = new Float32Array(0);
  let at = 0;
  layers.forEach((units, layer) => {
    const inputs = layer === 0 ? 0 : (layers[layer - 1] as number);
    const x = new Float32Array(rows * (inputs + units));
    states.forEach(({ memory }, r) => {
      x.set(below.subarray(r * inputs, (r + 1) * inputs), r * (inputs + units));
      x.set(memory.subarray(at, at + units), r * (inputs + units) + inputs);
    });
    const product = denseNow(tf, x, rows, stack.layers[layer] as Dense);
    if (layer === 0) for (let i = 0; i < product.length; i++) product[i] = (product[i] as number) + (gates[i] as number);
    below = new Float32Array(rows * units);
    for (let r = 0; r < rows; r++) {
      const { memory } = states[r] as ModelState;
      moveCell(product.subarray(4 * r * units, 4 * (r + 1) * units), memory.subarray(at, at + units), memory.subarray(at + units, at + 2 * units));
      below.set(memory.subarray(at, at + units), r * units);
    }
    at += 2 * units;
  });
  const heads = denseNow(tf, below, rows, stack.heads);
  const width = heads.length / rows;
  states.forEach((state, r) => state.heads.set(heads.subarray(r * width, (r + 1) * width)));
};

const moveCell = (gates: Float32Array, h: Float32Array, c: Float32Array): void => {
  const units = h.length;
  for (let u = 0; u < units; u++) {
    const cell = sigmoid(gates[2 * units + u] as number) * (c[u] as number) + sigmoid(gates[u] as number) * Math.tanh(gates[units + u] as number);
    c[u] = cell;
    h[u] = sigmoid(gates[3 * units + u] as number) * Math.tanh(cell);
  }
};

/** As `feedHere`, with everything computed on the engine and read back once. */
export const feedOnEngine = async (tf: Tf, { layers }: Shape, stack: Stack, gates: Float32Array, states: readonly ModelState[]): Promise<void> => {
  const rows = states.length;
  const size = (states[0] as ModelState).memory.length;
  const moved = tf.tidy(() => {
    const before = new Float32Array(rows * size);
    states.forEach(({ memory }, r) => before.set(memory, r * size));
    const past = tf.split(tf.tensor2d(before, [rows, size]), layers.flatMap((units) => [units, units]), 1);
    const after: Tensor2D[] = [];
    let below: Tensor2D | undefined;
    layers.forEach((_, i) => {
      const h = past[2 * i] as Tensor2D;
      const product = dense(tf, below ? tf.concat([below, h], 1) : h, stack.layers[i] as Dense);
      const [input, candidate, forget, output] = tf.split(below ? product : tf.add(product, tf.tensor2d(gates, [rows, gates.length / rows])), 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
      const cell = tf.add(tf.mul(tf.sigmoid(forget), past[2 * i + 1] as Tensor2D), tf.mul(tf.sigmoid(input), tf.tanh(candidate))) as Tensor2D;
      below = tf.mul(tf.sigmoid(output), tf.tanh(cell)) as Tensor2D;
      after.push(below, cell);
    });
    return tf.concat([...after, dense(tf, below as Tensor2D, stack.heads)], 1);
  });
  const data = (await moved.data()) as Float32Array;
  moved.dispose();
  const width = data.length / rows;
  states.forEach(({ memory, heads }, r) => {
    memory.set(data.subarray(r * width, r * width + size));
    heads.set(data.subarray(r * width + size, (r + 1) * width));
  });
};
