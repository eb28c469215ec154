/** A source of uniform numbers in [0, 1). */
export type Coin = () => number;

/** Avalanche of 32 bits (the finaliser of MurmurHash3, public domain). */
const mix = (bits: number): number => {
  let h = bits | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** One 32-bit key out of several whole numbers: their order counts. */
export const keyOf = (...parts: readonly number[]): number =>
  parts.reduce((key, part) => mix(Math.imul(key, 0x9e3779b1) ^ mix((part | 0) + 0x7f4a7c15)), 0x2545f491);

/**
 * The coin for one decision. Chance is keyed, not drawn in order of arrival, so that a session replays
 * to the same notes whichever completion came first. Realtime-safe: yes.
 */
export const coinAt = (key: number, index: number): number => mix(key ^ mix(Math.imul(index + 1, 0x9e3779b1))) / 4294967296;

/** A rewindable stream of coins for `key`, from its first. */
export const coins = (key: number): Coin => {
  let index = 0;
  return () => coinAt(key, index++);
};

/** A shuffled copy of `items` (Fisher and Yates). */
export const shuffled = <T>(items: readonly T[], coin: Coin): T[] => {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(coin() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
};
