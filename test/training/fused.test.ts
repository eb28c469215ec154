import type { Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { findTensorFlow, loadTensorFlow, type Raw, type Tf } from '../../src/engine/tensorflow.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { judgingBatches } from '../../src/training/batches.ts';
import { free, held, openMemory, tensorsOf } from '../../src/training/memory.ts';
import { Network, WHOLE } from '../../src/training/network.ts';
import { randomPiece } from './pieces.ts';

const here = findTensorFlow() !== undefined;
// A run that should check everything must not pass because a part of it is missing.
const skipped = !here && !process.env['CI'];

describe.skipIf(skipped)(`the fused layer${skipped ? ' (skipped: TensorFlow is not set up; run `antiphon setup tensorflow`)' : ''}`, () => {
  it('has the values and gradients of the plain one', { timeout: 120_000 }, async () => {
    process.env['ONEDNN_DEFAULT_FPMATH_MODE'] = 'F32'; // read when it loads: with 8 bits of mantissa nothing agrees to 1e-4
    const { tf, raw } = loadTensorFlow();
    const encoding = ENCODINGS.performance;
    const shape = { kind: 'lstm', parts: encoding.parts, embedding: 24, layers: [32, 16], head: 20 } as const;
    const pieces = Array.from({ length: 5 }, (_, i) => randomPiece('performance', 90 + 7 * i, i));
    const batches = [...judgingBatches(encoding, pieces, 5, 48)].map(({ batch }) => batch);
    const fused = await passes(tf, raw, shape, batches);
    const plain = await passes(tf, null, shape, batches);
    expect(fused.map(([name]) => name)).toEqual(plain.map(([name]) => name));
    for (const [i, [name, values]] of fused.entries()) {
      const [, wanted] = plain[i] as [string, Float32Array];
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const furthest = values.reduce((most, value, at) => Math.max(most, Math.abs(value - (wanted[at] as number))), 0);
      expect(largest, name).toBeGreaterThan(0);
      expect(furthest / largest, name).toBeLessThan(1e-4);
    }
  });
});

/** Losses, gradients and states of batch after batch, by name. */
const passes = async (tf: Tf, raw: Raw | null, shape: ConstructorParameters<typeof Network>[2], batches: readonly Parameters<Network['losses']>[0][]): Promise<[string, Float32Array][]> => {
  const network = new Network(tf, raw, shape, 3);
  const carries = openMemory(tf, shape, 5);
  const out: [string, Float32Array][] = [];
  for (const [b, batch] of batches.entries()) {
    const before = held(carries);
    const { value, grads } = tf.variableGrads(() => tf.div(network.losses(batch, carries, WHOLE, 0).reduce((sum, each) => tf.add(sum, each)), 100) as Scalar, [...network.variables.values()]);
    free(before);
    out.push([`loss ${b}`, (await value.data()) as Float32Array]);
    for (const [name, variable] of network.variables) out.push([`${name} ${b}`, (await grads[variable.name]?.data()) as Float32Array]);
    for (const [name, tensor] of tensorsOf(carries)) out.push([`${name} ${b}`, (await tensor.data()) as Float32Array]);
  }
  network.dispose();
  return out;
};
