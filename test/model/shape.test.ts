import { describe, expect, it } from 'vitest';
import { checkWeights, sizeOf, weightShapes } from '../../src/model/shape.ts';
import { randomWeights, TINY } from './shape.ts';

describe('a shape', () => {
  it('names every weight with its size', () => {
    expect(weightShapes(TINY).map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'embed/what 5x3', 'embed/time 3x3',
      'lstm0/kernel 7x16', 'lstm0/bias 16', 'lstm1/kernel 7x12', 'lstm1/bias 12',
      'head/what/kernel 3x4', 'head/what/bias 4', 'head/what/given/time 4x4', 'head/what/out 4x4', 'head/what/outBias 4',
      'head/time/kernel 3x4', 'head/time/bias 4', 'head/time/given/what 6x4', 'head/time/out 4x3', 'head/time/outBias 3',
    ]);
    expect(sizeOf([])).toBe(1);
  });

  it('refuses weights that are missing or of another size, by name', () => {
    const weights = new Map(randomWeights(TINY, 1));
    checkWeights(TINY, weights);
    weights.set('lstm1/bias', new Float32Array(11));
    expect(() => checkWeights(TINY, weights)).toThrow('Weight lstm1/bias should hold 12 numbers and holds: 11');
    weights.delete('embed/what');
    expect(() => checkWeights(TINY, weights)).toThrow('Weight embed/what should hold 15 numbers and holds: 0');
  });
});
