import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tensorflow.ts';
import type { Attention } from '../model/shape.ts';
import type { Past } from './memory.ts';

const NEVER = -1e9;

/**
 * What the streaming `attend` finds, for a whole chunk at once: [steps, rows, size]. The last `window` events before each are looked
 * at, those of the same piece; moves `past`.
 *
 * @param top the stack's output, [steps, rows, units]
 * @param segments which piece each event is of, [steps × rows]
 * @param multiply a product of two matrices, differentiable
 * @param weight by name, without `attention/`
 */
export const attendAll = (tf: Tf, { window, size, heads }: Attention, top: Tensor3D, segments: Float32Array, past: Past, multiply: (a: Tensor2D, b: Tensor2D) => Tensor2D, weight: (name: string) => Tensor2D): Tensor3D => {
  const [steps, rows, units] = top.shape;
  const own = tf.tensor2d(segments, [steps, rows]);
  const tops = tf.concat([past.tops, top], 0) as Tensor3D;
  const pieces = tf.concat([past.segments, own], 0) as Tensor2D;
  past.tops = tf.keep(tf.slice(tops, [steps, 0, 0], [window, rows, units]));
  past.segments = tf.keep(tf.slice(pieces, [steps, 0], [window, rows]));

  const seen = window + steps - 1;
  /** [rows × heads, events, width] of some events' products. */
  const split = (events: Tensor3D, name: string): Tensor3D => {
    const count = events.shape[0];
    const product = multiply(tf.reshape(events, [count * rows, units]), weight(name));
    return tf.reshape(tf.transpose(tf.reshape(product, [count, rows, heads, size / heads]), [1, 2, 0, 3]), [rows * heads, count, size / heads]);
  };
  const keys = split(tf.slice(tops, [0, 0, 0], [seen, rows, units]), 'key');
  const values = split(tf.slice(tops, [1, 0, 0], [seen, rows, units]), 'value');
  const scores = tf.reshape(tf.mul(tf.matMul(split(top, 'query'), keys, false, true), Math.sqrt(heads / size)), [rows, heads, steps, seen]);

  // Event t may look at the window before it: lag 1 is the event before.
  const lags = Int32Array.from({ length: steps * seen }, (_, i) => window + Math.floor(i / seen) - (i % seen));
  const inside = tf.tensor2d(Float32Array.from(lags, (lag) => (lag >= 1 && lag <= window ? 0 : NEVER)), [steps, seen]);
  const rowsOfLag = tf.tensor1d(lags.map((lag) => Math.max(0, Math.min(window, lag) - 1)), 'int32');
  const bias = tf.transpose(tf.reshape(tf.gather(weight('lag'), rowsOfLag), [steps, seen, heads]), [2, 0, 1]);
  const asking = tf.expandDims(tf.transpose(own), 2);
  const asked = tf.expandDims(tf.transpose(tf.slice(pieces, [0, 0], [seen, rows])), 1);
  const foreign = tf.mul(tf.cast(tf.notEqual(asking, asked), 'float32'), NEVER);
  const masked = tf.add(tf.add(tf.add(scores, tf.expandDims(bias, 0)), inside), tf.expandDims(foreign, 1));
  const nowhere = tf.zeros([rows, heads, steps, 1]);
  const shares = tf.slice(tf.softmax(tf.concat([masked, nowhere], 3) as Tensor), [0, 0, 0, 0], [rows, heads, steps, seen]);
  const found = tf.matMul(tf.reshape(shares, [rows * heads, steps, seen]), values);
  return tf.reshape(tf.transpose(tf.reshape(found, [rows, heads, steps, size / heads]), [2, 0, 1, 3]), [steps, rows, size]);
};
