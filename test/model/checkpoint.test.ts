import { describe, expect, it } from 'vitest';
import { decodeWeights, encodeWeights, readCard } from '../../src/model/checkpoint.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { randomWeights, TINY } from './shape.ts';

const weights = randomWeights(TINY, 1);
const { manifest, bytes } = encodeWeights(TINY, weights);

describe('weights on disk', () => {
  it('come back within half a unit in the last place of float16', () => {
    const back = decodeWeights(TINY, manifest, bytes);
    expect([...back.keys()]).toEqual([...weights.keys()]);
    for (const [name, values] of weights) {
      for (const [i, value] of values.entries()) expect(Math.abs((back.get(name)?.[i] as number) - value)).toBeLessThanOrEqual(2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 11));
    }
    expect(encodeWeights(TINY, back).bytes).toEqual(bytes);
  });

  it('are described as TensorFlow.js has it', () => {
    expect(manifest.paths).toEqual(['weights.bin']);
    expect(manifest.weights[0]).toEqual({ name: 'embed/what', shape: [5, 3], dtype: 'float32', quantization: { dtype: 'float16', original_dtype: 'float32' } });
    expect(bytes.length).toBe(2 * manifest.weights.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0));
  });

  it('are read where they lie, at an odd offset too', () => {
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeWeights(TINY, manifest, shifted.subarray(1))).toEqual(decodeWeights(TINY, manifest, bytes));
  });

  it('are refused when cut, too long, or of another shape', () => {
    expect(codeOf(() => decodeWeights(TINY, manifest, bytes.subarray(1)))).toBe('model.weights');
    expect(codeOf(() => decodeWeights(TINY, manifest, new Uint8Array(bytes.length + 2)))).toBe('model.weights');
    expect(codeOf(() => decodeWeights({ ...TINY, head: 5 }, manifest, bytes))).toBe('model.weights');
    expect(codeOf(() => encodeWeights(TINY, new Map()))).toBe('model.weights');
  });
});

describe('a model card', () => {
  const card = { format: 'antiphon-model-1', name: 'tiny', encoding: 'melody', encodingHash: 'melody-1', shape: TINY, weights: manifest, training: {}, report: {} };

  it('is read as it was written', () => {
    expect(readCard(JSON.stringify(card), 'model.json')).toEqual(card);
  });

  it.each([
    ['cut short', JSON.stringify(card).slice(0, -2)],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['of a later format', JSON.stringify({ ...card, format: 'antiphon-model-2' })],
    ['without a shape', JSON.stringify({ ...card, shape: undefined })],
    ['of another kind', JSON.stringify({ ...card, shape: { ...TINY, kind: 'transformer' } })],
    ['without weights', JSON.stringify({ ...card, weights: {} })],
  ])('is refused when %s', (_, json) => {
    expect(codeOf(() => readCard(json, 'model.json'))).toBe('model.card');
  });
});
