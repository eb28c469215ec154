import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { attend } from '../model/attention.ts';
import type { ModelState } from '../model/predictor.ts';
import { CELL_STATES, cellMemory, type Shape } from '../model/shape.ts';
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

/**
 * The layers that a fed event passes. Of the recurrent ones an LSTM's is one product, a GRU's two: its gates, then its candidates, which
 * see the gated past; the first layer has neither its input nor its bias, which are folded into tables. Then what attention asks, and
 * the heads' first layers, side by side.
 */
export interface Stack {
  readonly layers: readonly (readonly Dense[])[];
  readonly attention: { readonly dense: Dense; readonly lag: Float32Array } | null;
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

/** Moves `states` by one event each; `gates` is what the events put into the first layer, a row a state. */
export const feedHere = (tf: Tf, shape: Shape, stack: Stack, gates: Float32Array, states: readonly ModelState[]): void => {
  const rows = states.length;
  let below = new Float32Array(0);
  let at = 0;
  shape.layers.forEach((units, layer) => {
    const inputs = layer === 0 ? 0 : (shape.layers[layer - 1] as number);
    const pasts = states.map(({ memory }) => memory.subarray(at, at + units));
    /** The layer's product over what comes from below and these pasts. */
    const product = (which: number, past: readonly Float32Array[]): Float32Array => {
      const x = new Float32Array(rows * (inputs + units));
      past.forEach((values, r) => {
        x.set(below.subarray(r * inputs, (r + 1) * inputs), r * (inputs + units));
        x.set(values, r * (inputs + units) + inputs);
      });
      return denseNow(tf, x, rows, (stack.layers[layer] as readonly Dense[])[which] as Dense);
    };
    /** Row r of what an event puts into the first layer: `columns` of its gates from `from` on. */
    const folded = (into: Float32Array, from: number, columns: number): Float32Array => {
      if (layer > 0) return into;
      const width = gates.length / rows;
      for (let r = 0; r < rows; r++) for (let i = 0; i < columns; i++) into[r * columns + i] = (into[r * columns + i] as number) + (gates[r * width + from + i] as number);
      return into;
    };
    if (shape.kind === 'lstm') {
      const moved = folded(product(0, pasts), 0, 4 * units);
      states.forEach(({ memory }, r) => moveLstm(moved.subarray(4 * r * units, 4 * (r + 1) * units), pasts[r] as Float32Array, memory.subarray(at + units, at + 2 * units)));
    } else {
      const ru = folded(product(0, pasts), 0, 2 * units);
      const reset = pasts.map((past, r) => past.map((value, u) => value * sigmoid(ru[2 * r * units + u] as number)));
      const candidates = folded(product(1, reset), 2 * units, units);
      pasts.forEach((past, r) => moveGru(ru.subarray((2 * r + 1) * units, (2 * r + 2) * units), candidates.subarray(r * units, (r + 1) * units), past));
    }
    below = new Float32Array(rows * units);
    pasts.forEach((past, r) => below.set(past, r * units));
    at += CELL_STATES[shape.kind] * units;
  });
  const asked = stack.attention ? denseNow(tf, below, rows, stack.attention.dense) : null;
  putHeads(states, denseNow(tf, asked ? withFound(shape, stack, asked, below, states) : below, rows, stack.heads));
};

const moveLstm = (gates: Float32Array, h: Float32Array, c: Float32Array): void => {
  const units = h.length;
  for (let u = 0; u < units; u++) {
    const cell = sigmoid(gates[2 * units + u] as number) * (c[u] as number) + sigmoid(gates[u] as number) * Math.tanh(gates[units + u] as number);
    c[u] = cell;
    h[u] = sigmoid(gates[3 * units + u] as number) * Math.tanh(cell);
  }
};

const moveGru = (updates: Float32Array, candidates: Float32Array, h: Float32Array): void => {
  for (let u = 0; u < h.length; u++) {
    const update = sigmoid(updates[u] as number);
    h[u] = update * (h[u] as number) + (1 - update) * Math.tanh(candidates[u] as number);
  }
};

/** The stack's output with what attention found beside it, a row a state; moves the states' windows. */
const withFound = (shape: Shape, { attention }: Stack, asked: Float32Array, top: Float32Array, states: readonly ModelState[]): Float32Array => {
  const { size } = shape.attention as NonNullable<Shape['attention']>;
  const units = top.length / states.length;
  const out = new Float32Array(states.length * (units + size));
  states.forEach(({ memory }, r) => {
    const [query, key, value] = [0, 1, 2].map((which) => asked.subarray((3 * r + which) * size, (3 * r + which + 1) * size)) as [Float32Array, Float32Array, Float32Array];
    const row = out.subarray(r * (units + size), (r + 1) * (units + size));
    row.set(top.subarray(r * units, (r + 1) * units));
    attend(shape.attention as NonNullable<Shape['attention']>, memory.subarray(cellMemory(shape)), (attention as NonNullable<Stack['attention']>).lag, query, key, value, row.subarray(units));
  });
  return out;
};

const putHeads = (states: readonly ModelState[], heads: Float32Array): void => {
  const width = heads.length / states.length;
  states.forEach((state, r) => state.heads.set(heads.subarray(r * width, (r + 1) * width)));
};

/** As `feedHere`, with the cells computed on the engine and read back once; what attention finds is found here, which costs one more. */
export const feedOnEngine = async (tf: Tf, shape: Shape, stack: Stack, gates: Float32Array, states: readonly ModelState[]): Promise<void> => {
  const rows = states.length;
  const size = cellMemory(shape);
  const { layers, kind } = shape;
  const moved = tf.tidy(() => {
    const before = new Float32Array(rows * size);
    states.forEach(({ memory }, r) => before.set(memory.subarray(0, size), r * size));
    const past = tf.split(tf.tensor2d(before, [rows, size]), layers.flatMap((units) => Array.from({ length: CELL_STATES[kind] }, () => units)), 1);
    const folded = tf.tensor2d(gates, [rows, gates.length / rows]);
    const after: Tensor2D[] = [];
    let below: Tensor2D | undefined;
    layers.forEach((units, i) => {
      const h = past[CELL_STATES[kind] * i] as Tensor2D;
      const product = (which: number, of: Tensor2D, from: number, columns: number): Tensor2D => {
        const out = dense(tf, below ? tf.concat([below, of], 1) : of, (stack.layers[i] as readonly Dense[])[which] as Dense);
        return below ? out : tf.add(out, tf.slice(folded, [0, from], [rows, columns]));
      };
      if (kind === 'lstm') {
        const [input, candidate, forget, output] = tf.split(product(0, h, 0, 4 * units), 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
        const cell = tf.add(tf.mul(tf.sigmoid(forget), past[2 * i + 1] as Tensor2D), tf.mul(tf.sigmoid(input), tf.tanh(candidate))) as Tensor2D;
        below = tf.mul(tf.sigmoid(output), tf.tanh(cell)) as Tensor2D;
        after.push(below, cell);
      } else {
        const [reset, update] = tf.split(tf.sigmoid(product(0, h, 0, 2 * units)), 2, 1) as [Tensor2D, Tensor2D];
        const candidate = tf.tanh(product(1, tf.mul(reset, h), 2 * units, units));
        below = tf.add(tf.mul(update, h), tf.mul(tf.sub(1, update), candidate)) as Tensor2D;
        after.push(below);
      }
    });
    return tf.concat([...after, dense(tf, below as Tensor2D, stack.attention?.dense ?? stack.heads)], 1);
  });
  const data = (await moved.data()) as Float32Array;
  moved.dispose();
  const width = data.length / rows;
  states.forEach(({ memory }, r) => memory.set(data.subarray(r * width, r * width + size)));
  const rest = new Float32Array(rows * (width - size));
  for (let r = 0; r < rows; r++) rest.set(data.subarray(r * width + size, (r + 1) * width), r * (width - size));
  if (!stack.attention) return putHeads(states, rest);
  const units = layers.at(-1) as number;
  const top = new Float32Array(rows * units);
  states.forEach(({ memory }, r) => top.set(memory.subarray(size - CELL_STATES[kind] * units).subarray(0, units), r * units));
  putHeads(states, await denseLater(tf, withFound(shape, stack, rest, top, states), rows, stack.heads));
};
