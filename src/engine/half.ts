import { readFileSync } from 'node:fs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/** The part of TensorFlow's binding that is used here: tensors by number, which TensorFlow.js has no name for. */
export interface HalfBinding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_FLOAT: number;
  executeOp(name: string, attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[], inputs: readonly number[], outputs: number): { readonly id: number }[];
  deleteTensor(id: number): void;
}

/** A tensor in bfloat16, which lives until it is let go. */
export interface Halved {
  readonly id: number;
  free(): void;
}

/** Products in bfloat16: eight bits of mantissa, sums in 32 bits, the result rounded and widened again. */
export interface Half {
  of(x: Tensor): Halved;
  /** a·b of two matrices, either transposed first. */
  product(a: Tensor | Halved, b: Tensor | Halved, transposeA?: boolean, transposeB?: boolean): Tensor2D;
}

/** TensorFlow's number for the type. */
const BFLOAT16 = 14;
const INSTRUCTIONS = /^flags\s.*\b(avx512_bf16|amx_bf16)\b/m;

/** Whether this processor multiplies bfloat16 by itself: others do it in software, many times slower. */
export const multipliesHalf = (): boolean => {
  try {
    return INSTRUCTIONS.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
};

const isHalved = (x: Tensor | Halved): x is Halved => 'free' in x;

/**
 * Products in bfloat16 by TensorFlow's own operations: oneDNN's implicit bfloat16 (`ONEDNN_DEFAULT_FPMATH_MODE`) does nothing for
 * 32-bit tensors on processors that have AVX512-BF16 and no AMX, where these take half the time.
 *
 * @param idOf a tensor's number in the binding
 * @param wrap the tensor of TensorFlow.js for what the binding gave
 */
export const halfOf = (binding: HalfBinding, idOf: (x: Tensor) => number, wrap: (output: { readonly id: number }) => Tensor): Half => {
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = binding;
  const cast = (id: number, from: number, to: number): { readonly id: number } =>
    binding.executeOp('Cast', [{ name: 'SrcT', type: TF_ATTR_TYPE, value: from }, { name: 'DstT', type: TF_ATTR_TYPE, value: to }, { name: 'Truncate', type: TF_ATTR_BOOL, value: false }], [id], 1)[0] as { readonly id: number };
  const of = (x: Tensor): Halved => {
    const { id } = cast(idOf(x), TF_FLOAT, BFLOAT16);
    return { id, free: () => binding.deleteTensor(id) };
  };
  return {
    of,
    product: (a, b, transposeA = false, transposeB = false) => {
      const [left, right] = [a, b].map((x) => (isHalved(x) ? x : of(x))) as [Halved, Halved];
      const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: BFLOAT16 }, { name: 'transpose_a', type: TF_ATTR_BOOL, value: transposeA }, { name: 'transpose_b', type: TF_ATTR_BOOL, value: transposeB }];
      const { id } = binding.executeOp('MatMul', attributes, [left.id, right.id], 1)[0] as { readonly id: number };
      const out = wrap(cast(id, BFLOAT16, TF_FLOAT)) as Tensor2D;
      binding.deleteTensor(id);
      if (!isHalved(a)) left.free();
      if (!isHalved(b)) right.free();
      return out;
    },
  };
};
