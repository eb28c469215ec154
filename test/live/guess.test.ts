import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { classWeights, guessOf, packGuess } from '../../src/live/guess.ts';

it('packs twelve weights into one whole number and gives them back, the heaviest as 15', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 12, maxLength: 12 }), (weights) => {
      const packed = packGuess(weights);
      const most = Math.max(...weights);
      expect(Number.isSafeInteger(packed)).toBe(true);
      if (most > 0) for (let key = 0; key < 128; key++) expect(guessOf(packed, key)).toBe(Math.round((15 * (weights[key % 12] as number)) / most));
      else expect(packed).toBe(0);
    }),
  );
});

it('adds up the octaves of each pitch class that may be struck', () => {
  const logits = new Float32Array(128).fill(-30);
  logits[48] = logits[60] = logits[72] = Math.log(0.2);
  logits[67] = Math.log(0.4);
  const weights = classWeights(logits, 128, (key) => key !== 72);
  expect((weights[0] as number) / (weights[7] as number)).toBeCloseTo(1, 5);
  expect(packGuess(weights)).toBe(15 + 15 * 16 ** 7);
});
