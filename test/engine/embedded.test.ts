import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { openEngine } from '../../src/engine/choose.ts';
import { Embedded } from '../../src/engine/embedded.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import { equalsPlain, SHAPE, WEIGHTS } from './equality.ts';

const drawn = (count: number, seed: number, range: number): Float32Array => {
  const coin = coins(keyOf(seed));
  return Float32Array.from({ length: count }, () => (2 * coin() - 1) * range);
};

/** The layer in doubles. */
const exact = (values: Float32Array, kernel: Float32Array, bias: Float32Array | null, rows: number, outputs: number): Float64Array => {
  const inputs = kernel.length / outputs;
  const all = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < outputs; n++) {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < inputs; k++) sum += (values[r * inputs + k] as number) * (kernel[k * outputs + n] as number);
      all[r * outputs + n] = sum;
    }
  }
  return all;
};

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), a.length === b.length ? 0 : Infinity);

describe('the embedded engine', () => {
  it('says what the plain predictor says over 200 events', async () => {
    const predictor = await openEngine('wasm', SHAPE, WEIGHTS);
    await equalsPlain(predictor, 2e-3);
    predictor.close();
  });

  it.each([['gru'], ['deep'], ['attentive'], ['odd']] as const)('says it in every build: %s', async (build) => {
    const shape = { ...SHAPE, ...{ gru: { kind: 'gru' as const }, deep: { deep: 2, skip: true, attention: { window: 9, size: 6, heads: 2 } }, attentive: { attention: { window: 9, size: 16, heads: 2 } }, odd: { layers: [13, 7, 5], head: 3, embedding: 5 } }[build] };
    const predictor = await openEngine('wasm', shape, sampleWeights(shape, 7, 0.6));
    await equalsPlain(predictor, 2e-3, shape);
    predictor.close();
  });

  it.each([[1, 1], [7, 3], [8, 4], [130, 65], [512, 1024], [1024, 31]])('multiplies %i inputs into %i outputs, any number of rows, each as if it were alone', (inputs, outputs) => {
    const engine = new Embedded();
    const [kernel, bias] = [drawn(inputs * outputs, 1, 0.3), drawn(outputs, 2, 1)];
    const layer = engine.dense(kernel, bias, outputs);
    const values = drawn(inputs * 37, 3, 1);
    const alone = Float32Array.from({ length: 37 }, (_, r) => r).reduce((all, r) => {
      all.set(layer.now(values.subarray(r * inputs, (r + 1) * inputs), 1), r * outputs);
      return all;
    }, new Float32Array(37 * outputs));
    expect(farthest(alone, exact(values, kernel, bias, 37, outputs))).toBeLessThan(3e-4 * Math.sqrt(inputs) + 1e-6);
    for (const rows of [2, 3, 16, 17, 37]) expect(layer.now(values.subarray(0, rows * inputs), rows).slice()).toEqual(alone.subarray(0, rows * outputs));
  });

  it.each([[1, 1], [-1, 1], [1e6, 1e-6], [-1e-6, 1e6]])('sums the largest there are without passing 32 bits: weights of %d, inputs of %d', (weight, input) => {
    const engine = new Embedded();
    for (const inputs of [8, 512, 2048, 20_000]) {
      const layer = engine.dense(new Float32Array(inputs * 4).fill(weight), null, 4);
      const [product] = layer.now(new Float32Array(inputs).fill(input), 1);
      expect(Math.abs((product as number) / (inputs * weight * input) - 1), `${inputs} inputs`).toBeLessThan(1e-2);
    }
  });

  it('gives zeros for zeros, and the bias', () => {
    const engine = new Embedded();
    expect([...engine.dense(new Float32Array(15), new Float32Array([1, -2, 3]), 3).now(new Float32Array(5).fill(9), 1)]).toEqual([1, -2, 3]);
    expect([...engine.dense(new Float32Array(15).fill(9), new Float32Array([1, -2, 3]), 3).now(new Float32Array(5), 1)]).toEqual([1, -2, 3]);
  });

  it('moves cells and bends as JavaScript does, far out too', () => {
    const engine = new Embedded();
    engine.dense(new Float32Array(40), null, 40);
    const far = Float32Array.from([0, 1e-7, -1e-7, 0.5, -0.5, 3, -3, 9, -9, 40, -40, 100, -100, 1e30, -1e30, Infinity, -Infinity, ...drawn(400, 5, 6)]);
    const bent = far.slice();
    engine.tanh(bent);
    expect(farthest(bent, far.map(Math.tanh))).toBeLessThan(3e-7);
    const units = 9;
    const [gates, h, c] = [drawn(4 * units, 6, 4), drawn(units, 7, 1), drawn(units, 8, 2)];
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const cell = Float64Array.from(c, (value, u) => sigmoid(gates[2 * units + u] as number) * value + sigmoid(gates[u] as number) * Math.tanh(gates[units + u] as number));
    engine.lstm(gates, h, c);
    expect(farthest(c, cell)).toBeLessThan(1e-6);
    expect(farthest(h, cell.map((value, u) => sigmoid(gates[3 * units + u] as number) * Math.tanh(value)))).toBeLessThan(1e-6);
  });
});
