/** Each of the twelve pitch classes counts for 0 to 15. */
const MOST = 15;
const BASE = MOST + 1;
const CLASSES = 12;

/** Twelve weights, from C, as one whole number below 2^48: a record holds doubles. The heaviest counts for 15; 0 where none weighs anything. */
export const packGuess = (weights: readonly number[]): number => {
  const most = Math.max(...weights);
  if (!(most > 0)) return 0;
  return weights.reduceRight((packed, weight) => packed * BASE + Math.round((MOST * weight) / most), 0);
};

/** The weight, 0 to 15, of a key's pitch class. Realtime-safe: yes. */
export const guessOf = (packed: number, key: number): number => Math.floor(packed / BASE ** (key % CLASSES)) % BASE;

/** How likely each pitch class is by the logits of keys, of those that `may` be struck. */
export const classWeights = (logits: ArrayLike<number>, keys: number, may: (key: number) => boolean): number[] => {
  const weights = Array.from({ length: CLASSES }, () => 0);
  let most = -Infinity;
  for (let key = 0; key < keys; key++) if (may(key)) most = Math.max(most, logits[key] as number);
  for (let key = 0; key < keys; key++) if (may(key)) weights[key % CLASSES] = (weights[key % CLASSES] as number) + Math.exp((logits[key] as number) - most);
  return weights;
};
