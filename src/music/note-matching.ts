import type { Note } from './note.ts';
import type { Ms } from '../core/units.ts';

/** How many notes of one list stand in another. */
export interface Matching {
  readonly matched: number;
  /** Of the notes played, those that were true; NaN where none was played. */
  readonly precision: number;
  /** Of the true notes, those that were played; NaN where there is none. */
  readonly recall: number;
  /** The harmonic mean of the two; NaN where there is no note at all. */
  readonly f1: number;
}

/**
 * Precision and recall of notes by pitch and onset: a note matches one true note of its pitch whose onset is at most `tolerance`
 * away, and each is matched once at most, so that as many match as can (as in mir_eval's transcription measure, offsets left out; Raffel et al. 2014).
 */
export const matchNotes = (played: readonly Pick<Note, 'start' | 'pitch'>[], truth: readonly Pick<Note, 'start' | 'pitch'>[], tolerance: Ms): Matching => {
  const [ours, theirs] = [onsetsByPitch(played), onsetsByPitch(truth)];
  let matched = 0;
  for (const [pitch, onsets] of ours) matched += matchedOnsets(onsets, theirs.get(pitch) ?? [], tolerance);
  return { matched, precision: matched / played.length, recall: matched / truth.length, f1: (2 * matched) / (played.length + truth.length) };
};

const onsetsByPitch = (notes: readonly Pick<Note, 'start' | 'pitch'>[]): Map<number, number[]> => {
  const onsets = new Map<number, number[]>();
  for (const { pitch, start } of notes) {
    const list = onsets.get(pitch);
    if (list) list.push(start);
    else onsets.set(pitch, [start]);
  }
  for (const list of onsets.values()) list.sort((a, b) => a - b);
  return onsets;
};

/** Both in order: on a line, taking the earliest that fits leaves most for those to come. */
const matchedOnsets = (a: readonly number[], b: readonly number[], tolerance: number): number => {
  let matched = 0;
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const apart = (a[i] as number) - (b[j] as number);
    if (Math.abs(apart) <= tolerance) matched++;
    if (apart <= tolerance) i++;
    if (apart >= -tolerance) j++;
  }
  return matched;
};
