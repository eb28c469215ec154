import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { attend } from '../model/attention.ts';
import type { ModelState } from '../model/predictor.ts';
import { CELL_STATES, cellMemory, type Shape } from '../model/shape.ts';
import type { Arithmetic, Dense, Stack } from './arithmetic.ts';
import { addRow, moveLstm, putHeads, withFound } from './cells.ts';
import type { Tf } from './tensorflow.ts';

/**
 * Where the cells' own arithmetic is done: `here`, in JavaScript over products read back from the engine, or on the `engine`, with one
 * read-back a step. An operation costs 3 to 12 µs before it computes anything, and a step on the engine has some forty where a step
 * here has three; but a device that answers late (a GPU) must be asked once.
 */
export type Cells = 'here' | 'engine';

/** A dense layer in tensors of TensorFlow.js. */
class TensorDense implements Dense {
  readonly outputs: number;
  private readonly tf: Tf;
  private readonly kernel: Tensor2D;
  private readonly bias: Tensor1D | null;

  constructor(tf: Tf, kernel: Float32Array, bias: Float32Array | null, outputs: number) {
    this.tf = tf;
    this.outputs = outputs;
    this.kernel = tf.tensor2d(kernel, [kernel.length / outputs, outputs]);
    this.bias = bias && tf.tensor1d(bias);
  }

  /** A tensor through the layer, for its caller to dispose of. */
  of(x: Tensor2D): Tensor2D {
    return (this.bias ? this.tf.fused.matMul({ a: x, b: this.kernel, bias: this.bias }) : this.tf.matMul(x, this.kernel)) as Tensor2D;
  }

  now(values: Float32Array, rows: number): Float32Array {
    // No `tidy`: it would look for tensors in every number of what is read, which takes longer than the product.
    const x = this.tf.tensor2d(values, [rows, values.length / rows]);
    const product = this.of(x);
    const read = product.dataSync() as Float32Array;
    x.dispose();
    product.dispose();
    return read;
  }

  async later(values: Float32Array, rows: number): Promise<Float32Array> {
    const product = this.tf.tidy(() => this.of(this.tf.tensor2d(values, [rows, values.length / rows])));
    const read = (await product.data()) as Float32Array;
    product.dispose();
    return read;
  }

  close(): void {
    this.kernel.dispose();
    this.bias?.dispose();
  }
}

/** A TensorFlow.js backend's arithmetic: one code for all of them. */
export const tensors = (tf: Tf, cells: Cells): Arithmetic<TensorDense> => ({
  dense: (kernel, bias, outputs) => new TensorDense(tf, kernel, bias, outputs),
  tables: (tables, width) => (sum, event) => tables.forEach((table, p) => addRow(sum, table, event[p] as number, width)),
  lstm: moveLstm,
  tanh: (values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.tanh(values[i] as number);
  },
  attention: (attention, lag) => (...given) => attend(attention, lag, ...given),
  feed: cells === 'here' ? null : (shape, stack, gates, states) => feedOnEngine(tf, shape, stack, gates, states),
});

/** As `feedHere`, with the cells computed on the engine and read back once; what attention finds is found here, which costs one more. */
const feedOnEngine = async (tf: Tf, shape: Shape, stack: Stack<TensorDense>, gates: Float32Array, states: readonly ModelState[]): Promise<void> => {
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
        const out = ((stack.layers[i] as readonly TensorDense[])[which] as TensorDense).of(below ? tf.concat([below, of], 1) : of);
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
    return tf.concat([...after, (stack.attention?.dense ?? stack.heads).of(below as Tensor2D)], 1);
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
  putHeads(states, await stack.heads.later(withFound(shape, stack, rest, top, states), rows));
};
