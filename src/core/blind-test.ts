import { coinAt, coins, keyOf, shuffled } from './rng.ts';
import { wilson, type Interval } from './wilson.ts';

/** One of set A and one of set B, and which of the two is heard first. */
export interface BlindPair {
  readonly id: number;
  readonly a: string;
  readonly b: string;
  readonly first: 'a' | 'b';
}

export const CHOICES = ['first', 'second', 'same'] as const;
/** What a listener says of a pair without knowing which is which. */
export type Choice = (typeof CHOICES)[number];
export type Preferred = 'a' | 'b' | 'same';

/** What listeners preferred. */
export interface Tally {
  readonly votes: number;
  readonly a: number;
  readonly b: number;
  readonly same: number;
  /** How often A was preferred where either was, with its 95 % interval. */
  readonly preference: Interval;
}

/** Pairs of two sets, at most `most`, the pieces and their order drawn by `seed`; no piece stands in two pairs. */
export const blindPairs = (as: readonly string[], bs: readonly string[], most: number, seed: number): BlindPair[] => {
  const [left, right] = [shuffled(as, coins(keyOf(seed, 1))), shuffled(bs, coins(keyOf(seed, 2)))];
  return left.slice(0, Math.min(most, right.length)).map((a, id) => ({ id, a, b: right[id] as string, first: coinAt(keyOf(seed, 3), id) < 0.5 ? 'a' : 'b' }));
};

/** Which set a choice was for. */
export const preferredOf = ({ first }: BlindPair, choice: Choice): Preferred => {
  if (choice === 'same') return 'same';
  return (choice === 'first') === (first === 'a') ? 'a' : 'b';
};

/** Counts what was preferred. */
export const tallyOf = (preferred: readonly Preferred[]): Tally => {
  const of = (which: Preferred): number => preferred.filter((each) => each === which).length;
  const [a, b, same] = [of('a'), of('b'), of('same')];
  return { votes: preferred.length, a, b, same, preference: wilson(a, a + b) };
};
