import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Carry } from './memory.ts';
import { productsOf, sumRows } from './product.ts';

/** One recurrent layer over a time-major sequence [time, batch, inputs] → [time, batch, units]; moves `carry`. Differentiable in x, kernel and bias. */
export type Layer = (x: Tensor3D, kernel: Tensor2D, bias: Tensor, carry: Carry) => Tensor3D;

/**
 * The fused layer: TensorFlow's `BlockLSTM` forward; backward step by step through `LSTMBlockCellGrad` and one product with
 * the recurrent weights a step, then one product over all steps for the weights' gradient.
 */
export const fusedLayer = (tf: Tf, raw: Raw): Layer => {
  const products = productsOf(tf, raw);
  return (x, kernel, bias, carry) => {
    const run = tf.customGrad((...args) => {
      const [input, w, b] = args as unknown as [Tensor3D, Tensor2D, Tensor];
      const save = args[3] as unknown as (tensors: Tensor[]) => void;
      const [steps, batch, inputs] = input.shape;
      const units = w.shape[1] / 4;
      const peephole = tf.zeros([units]);
      const out = raw.run(
        'BlockLSTM',
        { T: 'float32', forget_bias: 0, cell_clip: -1, use_peephole: false },
        [raw.int64(steps), input, carry.c as Tensor2D, carry.h, w, peephole, peephole, peephole, b],
        7,
      );
      const [i, cs, f, o, ci, co, h] = out as [Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D];
      const last = (sequence: Tensor3D): Tensor2D => tf.keep(tf.reshape(tf.slice(sequence, [steps - 1], [1]), [batch, units])) as Tensor2D;
      const before = { ...carry };
      carry.h = last(h);
      carry.c = last(cs);
      save([input, w, b, i, cs, f, o, ci, co, h, before.h, before.c as Tensor2D]);
      const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
        const [xs, ws, bs, is, css, fs, os, cis, cos, hs, h0, c0] = saved as [Tensor3D, Tensor2D, Tensor, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor2D, Tensor2D];
        const back = products.factor(tf.transpose(tf.slice(ws, [inputs, 0], [units, 4 * units])));
        const at = [xs, is, css, fs, os, cis, cos, hs, dy].map((sequence) => tf.unstack(sequence)) as Tensor2D[][];
        const [xt, it, ct, ft, ot, cit, cot, ht, dt] = at as [Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[]];
        const none = tf.zeros([units]);
        const gates: Tensor2D[] = [];
        let dc: Tensor = tf.zeros([batch, units]);
        let dh = dt[steps - 1] as Tensor2D;
        for (let t = steps - 1; t >= 0; t--) {
          const [dcPrevious, dgates] = raw.run(
            'LSTMBlockCellGrad',
            { T: 'float32', use_peephole: false },
            [xt[t], t > 0 ? ct[t - 1] : c0, t > 0 ? ht[t - 1] : h0, ws, none, none, none, bs, it[t], ct[t], ft[t], ot[t], cit[t], cot[t], dc, dh],
            5,
          ) as [Tensor, Tensor2D];
          gates[t] = dgates;
          dc = dcPrevious;
          if (t === 0) break;
          const slope = products.factor(dgates);
          dh = tf.add(dt[t - 1] as Tensor2D, products.of(slope, back));
          products.free(slope);
        }
        const slopes = tf.reshape(tf.stack(gates), [steps * batch, 4 * units]) as Tensor2D;
        const all = products.factor(slopes);
        const previous = products.factor(tf.reshape(tf.concat([tf.expandDims(h0, 0), tf.slice(hs, [0], [steps - 1])], 0), [steps * batch, units]));
        const flat = products.factor(tf.reshape(xs, [steps * batch, inputs]));
        const forth = products.factor(tf.slice(ws, [0, 0], [inputs, 4 * units]));
        const dKernel = tf.concat([products.of(flat, all, true), products.of(previous, all, true)], 0);
        const dx = tf.reshape(products.of(all, forth, false, true), [steps, batch, inputs]);
        products.free(back, all, previous, flat, forth);
        return [dx, dKernel, sumRows(tf, slopes)];
      };
      return { value: h, gradFunc: gradFunc as never };
    });
    return run(x, kernel, bias) as Tensor3D;
  };
};

/** The same layer in plain operations, for any backend: slow, and what the fused one is checked against. */
export const plainLayer = (tf: Tf): Layer => (x, kernel, bias, carry) => {
  const units = kernel.shape[1] / 4;
  let { h } = carry;
  let c = carry.c as Tensor2D;
  const out = tf.unstack(x).map((step) => {
    const [i, ci, f, o] = tf.split(tf.add(tf.matMul(tf.concat([step as Tensor2D, h], 1), kernel), bias), [units, units, units, units], 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(ci)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    return h;
  });
  carry.h = tf.keep(h);
  carry.c = tf.keep(c);
  return tf.stack(out) as Tensor3D;
};
