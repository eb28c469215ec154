import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Layer } from './lstm.ts';
import { productsOf, sumRows, type Factor } from './product.ts';

/**
 * The fused GRU layer: TensorFlow's `GRUBlockCell` step by step forward, `GRUBlockCellGrad` backward, then one product over all steps
 * for the gradient of each part of the kernel.
 */
export const fusedGru = (tf: Tf, raw: Raw): Layer => (x, kernel, bias, carry) => {
  const run = tf.customGrad((...args) => {
    const [input, w, b] = args as unknown as [Tensor3D, Tensor2D, Tensor1D];
    const save = args[3] as unknown as (tensors: Tensor[]) => void;
    const [steps, batch, inputs] = input.shape;
    const units = w.shape[1] / 3;
    const halves = cut(tf, w, b);
    const before = carry.h;
    const gates: Tensor2D[][] = [];
    let h = carry.h;
    for (const step of tf.unstack(input)) {
      const moved = raw.run('GRUBlockCell', { T: 'float32' }, [step, h, ...halves], 4) as Tensor2D[];
      gates.push(moved);
      h = moved[3] as Tensor2D;
    }
    carry.h = tf.keep(tf.clone(h));
    const [r, u, c, hs] = [0, 1, 2, 3].map((which) => tf.stack(gates.map((each) => each[which] as Tensor2D))) as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
    save([input, w, b, r, u, c, hs, before]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [xs, ws, bs, rs, us, cs, all, first] = saved as [Tensor3D, Tensor2D, Tensor1D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor2D];
      const parts = cut(tf, ws, bs);
      const [xt, rt, ut, ct, dt] = [xs, rs, us, cs, dy].map((sequence) => tf.unstack(sequence)) as [Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[], Tensor2D[]];
      const previous = tf.concat([tf.expandDims(first, 0), tf.slice(all, [0, 0, 0], [steps - 1, batch, units])], 0) as Tensor3D;
      const pt = tf.unstack(previous) as Tensor2D[];
      const [dx, dc, dru]: [Tensor2D[], Tensor2D[], Tensor2D[]] = [[], [], []];
      let dh = dt[steps - 1] as Tensor2D;
      for (let t = steps - 1; t >= 0; t--) {
        const [dxt, dPrevious, dct, druT] = raw.run('GRUBlockCellGrad', { T: 'float32' }, [xt[t], pt[t], ...parts, rt[t], ut[t], ct[t], dh], 4) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
        [dx[t], dc[t], dru[t]] = [dxt, dct, druT];
        if (t > 0) dh = tf.add(dt[t - 1] as Tensor2D, dPrevious);
      }
      const products = productsOf(tf, raw);
      const flat = (sequence: Tensor, width: number): Tensor2D => tf.reshape(sequence, [steps * batch, width]);
      const slopes = [flat(tf.stack(dru), 2 * units), flat(tf.stack(dc), units)] as const;
      const [dGates, dCandidates, given, gated, candidate] = [...slopes, flat(xs, inputs), flat(previous, units), flat(tf.mul(rs, previous), units)].map((each) => products.factor(each)) as [Factor, Factor, Factor, Factor, Factor];
      const dKernel = tf.concat([tf.concat([products.of(given, dGates, true), products.of(gated, dGates, true)], 0), tf.concat([products.of(given, dCandidates, true), products.of(candidate, dCandidates, true)], 0)], 1);
      products.free(dGates, dCandidates, given, gated, candidate);
      return [tf.stack(dx), dKernel, tf.concat(slopes.map((each) => sumRows(tf, each)))];
    };
    return { value: hs, gradFunc: gradFunc as never };
  });
  return run(x, kernel, bias) as Tensor3D;
};

/** The kernels and biases as `GRUBlockCell` takes them: of the two gates, then of the candidate. */
const cut = (tf: Tf, kernel: Tensor2D, bias: Tensor): [Tensor2D, Tensor2D, Tensor1D, Tensor1D] => {
  const [rows, columns] = kernel.shape;
  const units = columns / 3;
  return [tf.slice(kernel, [0, 0], [rows, 2 * units]), tf.slice(kernel, [0, 2 * units], [rows, units]), tf.slice(bias as Tensor1D, 0, 2 * units), tf.slice(bias as Tensor1D, 2 * units, units)];
};

/** The same layer in plain operations, for any backend. */
export const plainGru = (tf: Tf): Layer => (x, kernel, bias, carry) => {
  const [gates, candidates, gateBias, candidateBias] = cut(tf, kernel, bias);
  let { h } = carry;
  const out = tf.unstack(x).map((step) => {
    const [r, u] = tf.split(tf.sigmoid(tf.add(tf.matMul(tf.concat([step as Tensor2D, h], 1), gates), gateBias)), 2, 1) as [Tensor2D, Tensor2D];
    const c = tf.tanh(tf.add(tf.matMul(tf.concat([step as Tensor2D, tf.mul(r, h)], 1), candidates), candidateBias));
    h = tf.add(tf.mul(u, h), tf.mul(tf.sub(1, u), c));
    return h;
  });
  carry.h = tf.keep(h);
  return tf.stack(out) as Tensor3D;
};
