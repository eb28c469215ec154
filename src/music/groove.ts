import { barOf, type Score } from './score.ts';
import type { Metre, SongNote } from './smf-read.ts';

const notesOf = ({ pitched, drums }: Score): SongNote[] => [...pitched, ...drums];
const firstBar = (score: Score): number => barOf(score, score.metres[0] as Metre);

/** The share of spans of `ticks` in which nothing sounds; a note that ends where a span begins still counts there. NaN where the song has no length. */
const emptyRate = (score: Score, ticks: number): number => {
  if (score.end < 1) return NaN;
  const spans = Math.floor(score.end / ticks) + 1;
  const filled = new Set<number>();
  for (const note of notesOf(score)) {
    for (let span = Math.floor(note.tick / ticks); span <= Math.floor((note.tick + note.ticks) / ticks); span++) filled.add(span);
  }
  return 1 - filled.size / spans;
};

/** The share of quarter notes in which nothing sounds. As muspy's `empty_beat_rate`. */
export const emptyBeatRate = (score: Score): number => emptyRate(score, score.ppq);

/** The share of bars, all as long as the first, in which nothing sounds. As muspy's `empty_measure_rate`. */
export const emptyBarRate = (score: Score): number => emptyRate(score, firstBar(score));

/**
 * How alike neighbouring bars' rhythms are: 1 less the share of places that are struck in one and not in the other, over bars as
 * long as the first; NaN for fewer than two. As muspy's `groove_consistency` (Wu and Yang 2020).
 *
 * @param perQuarter places in a quarter note; onsets and lengths go to the nearest
 */
export const grooveConsistency = (score: Score, perQuarter: number): number => {
  const scale = perQuarter / score.ppq;
  const onGrid = (ticks: number): number => Math.floor(ticks * scale + 0.5);
  const places = Math.round(firstBar(score) * scale);
  const notes = notesOf(score);
  const end = notes.reduce((latest, { tick, ticks }) => Math.max(latest, onGrid(tick) + onGrid(ticks)), 0);
  const bars = Math.floor(end / places) + 1;
  if (bars < 2) return NaN;
  const struck = new Set(notes.map(({ tick }) => onGrid(tick)));
  let apart = 0;
  for (const place of struck) {
    if (place < (bars - 1) * places && !struck.has(place + places)) apart++;
    if (place >= places && !struck.has(place - places)) apart++;
  }
  return 1 - apart / (places * (bars - 1));
};

/** The share of drum notes on the places of a quarter that a metre has: the better of halves and quarters, and of thirds. NaN without drums. As muspy's `drum_pattern_consistency`. */
export const drumPatternConsistency = ({ drums, ppq }: Score): number => {
  const on = (parts: readonly number[]): number => drums.filter(({ tick }) => parts.some((part) => ppq % part === 0 && (tick % ppq) % (ppq / part) === 0)).length / drums.length;
  return Math.max(on([1, 2, 4]), on([1, 3]));
};
