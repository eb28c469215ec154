import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { findTensorFlow, loadTensorFlow, type TensorFlow } from '../../src/engine/tensorflow.ts';
import { BUILDS, furthest, passesOf, shapeOf, toldOf, type Told } from './gradients.ts';

const here = findTensorFlow() !== undefined;
// A run that should check everything must not pass because a part of it is missing.
const skipped = !here && !process.env['CI'];
const stored = JSON.parse(readFileSync(new URL('../fixtures/gradients.json', import.meta.url), 'utf8')) as Record<string, Record<string, Told>>;

describe.skipIf(skipped)(`the fused layers${skipped ? ' (skipped: TensorFlow is not set up; run `antiphon setup tensorflow`)' : ''}`, () => {
  let engine: TensorFlow;
  beforeAll(() => {
    process.env['ONEDNN_DEFAULT_FPMATH_MODE'] = 'F32'; // read when it loads: with 8 bits of mantissa nothing agrees to 1e-4
    engine = loadTensorFlow();
  });

  it.each(Object.keys(BUILDS))('have the values and gradients of the plain ones, and those stored of the plain path: %s', { timeout: 120_000 }, async (build) => {
    const { tf, raw } = engine;
    const fused = await passesOf(tf, raw, shapeOf(build));
    const plain = await passesOf(tf, null, shapeOf(build));
    expect(fused.map(([name]) => name)).toEqual(plain.map(([name]) => name));
    for (const [i, [name, values]] of fused.entries()) {
      const [, wanted] = plain[i] as [string, Float32Array];
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const furthestValue = values.reduce((most, value, at) => Math.max(most, Math.abs(value - (wanted[at] as number))), 0);
      expect(largest, name).toBeGreaterThan(0);
      expect(furthestValue / largest, name).toBeLessThan(1e-4);
    }
    expect(furthest(toldOf(fused), stored[build] as Record<string, Told>)).toBeLessThan(1e-4);
  });
});
