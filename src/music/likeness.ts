import { ms, type Ms } from '../core/units.ts';
import type { Note } from './note.ts';

/** From the first note struck to the last note's end; 0 for no notes. */
export const phraseLength = (notes: readonly Note[]): Ms => {
  let start = Infinity;
  let end = -Infinity;
  for (const note of notes) {
    start = Math.min(start, note.start);
    end = Math.max(end, note.start + note.duration);
  }
  return ms(notes.length === 0 ? 0 : end - start);
};

/** Notes a second over the phrase; 0 for no notes. A phrase shorter than 100 ms counts as one of 100 ms. */
export const density = (notes: readonly Note[]): number => (notes.length === 0 ? 0 : (notes.length * 1000) / Math.max(100, phraseLength(notes)));

/** How an answer compares with its phrase: each is the answer's measure over the phrase's; NaN where either has no notes. */
export interface Likeness {
  readonly length: number;
  readonly density: number;
}

export const likeness = (phrase: readonly Note[], answer: readonly Note[]): Likeness => {
  if (phrase.length === 0 || answer.length === 0) return { length: NaN, density: NaN };
  return { length: phraseLength(answer) / Math.max(1, phraseLength(phrase)), density: density(answer) / density(phrase) };
};

/** Whether an answer's length and density are both within half to twice the phrase's. */
export const alike = (phrase: readonly Note[], answer: readonly Note[]): boolean => {
  const { length, density: dense } = likeness(phrase, answer);
  return length >= 0.5 && length <= 2 && dense >= 0.5 && dense <= 2;
};
