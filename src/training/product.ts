import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Halved } from '../engine/half.ts';
import type { Raw, Tf } from '../engine/tensorflow.ts';

/** A factor of many products: converted once where that pays, and let go in the end. */
export interface Factor {
  readonly tensor: Tensor2D;
  readonly half: Halved | null;
}

/** Products of which gradients are made: in bfloat16 where the processor has it and training was allowed it, else in 32 bits. */
export interface Products {
  factor(x: Tensor2D): Factor;
  of(a: Factor, b: Factor, transposeA?: boolean, transposeB?: boolean): Tensor2D;
  free(...factors: readonly Factor[]): void;
}

/** Products on that engine. */
export const productsOf = (tf: Tf, raw: Raw | null): Products => {
  const half = raw?.half ?? null;
  return {
    factor: (tensor) => ({ tensor, half: half && half.of(tensor) }),
    of: (a, b, transposeA = false, transposeB = false) => (half && a.half && b.half ? half.product(a.half, b.half, transposeA, transposeB) : tf.matMul(a.tensor, b.tensor, transposeA, transposeB)),
    free: (...factors) => {
      for (const factor of factors) factor.half?.free();
    },
  };
};

/** The sum of a matrix's rows: as a product, for TensorFlow sums down columns ten times slower. */
export const sumRows = (tf: Tf, x: Tensor2D): Tensor => tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]), x), [x.shape[1]]);

/** a·b, differentiable: in 32 bits forward, the gradients by `productsOf`. */
export const multiply = (tf: Tf, raw: Raw | null): ((a: Tensor2D, b: Tensor2D) => Tensor2D) => {
  if (!raw?.half) return (a, b) => tf.matMul(a, b);
  const products = productsOf(tf, raw);
  const run = tf.customGrad((...args) => {
    const [a, b] = args as unknown as [Tensor2D, Tensor2D];
    const save = args[2] as unknown as (tensors: Tensor[]) => void;
    save([a, b]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [slope, left, right] = [dy as Tensor2D, ...(saved as [Tensor2D, Tensor2D])].map((x) => products.factor(x)) as [Factor, Factor, Factor];
      const out = [products.of(slope, right, false, true), products.of(left, slope, true)];
      products.free(slope, left, right);
      return out;
    };
    return { value: tf.matMul(a, b), gradFunc: gradFunc as never };
  });
  return (a, b) => run(a, b) as Tensor2D;
};

/** x + b for each row of x, differentiable: b's gradient by `sumRows`. */
export const addBias = (tf: Tf, raw: Raw | null): ((x: Tensor2D, bias: Tensor) => Tensor2D) => {
  if (!raw) return (x, bias) => tf.add(x, bias);
  const run = tf.customGrad((...args) => {
    const [x, bias] = args as unknown as [Tensor2D, Tensor];
    return { value: tf.add(x, bias), gradFunc: ((dy: Tensor) => [dy, sumRows(tf, dy as Tensor2D)]) as never };
  });
  return (x, bias) => run(x, bias) as Tensor2D;
};
