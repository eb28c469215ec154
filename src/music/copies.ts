import { suffixArray } from '../core/suffix-array.ts';
import type { GridNote } from './melody.ts';

/**
 * When two notes' successions are the same: `exact` by pitch, `transposed` by interval; both by the steps from onset to onset and by
 * the length of the first.
 */
export type Sameness = 'exact' | 'transposed';

/** A run of notes that stands in another line too. */
export interface Run {
  readonly notes: number;
  /** Its first note, from 0. */
  readonly at: number;
  /** The other line, and the run's first note there. */
  readonly other: number;
  readonly otherAt: number;
}

/** What a line has in common with those of other groups. */
export interface Copied {
  /** Null where not two notes in succession are found elsewhere. */
  readonly longest: Run | null;
  /** The share of notes that stand in a run of at least so many as asked for; 0 for an empty line. */
  readonly rate: number;
}

/** Steps and lengths above this count as it. */
const LONGEST = 255;

/** A line's notes in order: by step, then from the lowest. */
const inOrder = (line: readonly GridNote[]): GridNote[] => [...line].sort((a, b) => a.step - b.step || a.pitch - b.pitch);

/** One symbol, 0 or more, from each note to the next, so that n symbols are n + 1 notes and the last one's length is free: where a line is cut off is no mark of its own. */
const symbolsOf = (line: readonly GridNote[], sameness: Sameness): number[] => {
  const notes = inOrder(line);
  return notes.slice(1).map((note, i) => {
    const from = notes[i] as GridNote;
    const succession = ((note.pitch - from.pitch + 128) << 16) | (Math.min(LONGEST, note.step - from.step) << 8) | Math.min(LONGEST, from.steps);
    return sameness === 'exact' ? (from.pitch << 24) | succession : succession;
  });
};

/**
 * For each line the longest run of notes that also stands in a line of another group, and the share of its notes in runs of `least`
 * notes or more. With what is judged in one group and what it was trained on in another this is verbatim copying; with a group a
 * family it is what people's pieces share. One suffix array over all lines: a few seconds for millions of notes.
 *
 * @param groups one number a line
 */
export const copiesOf = (lines: readonly (readonly GridNote[])[], groups: readonly number[], sameness: Sameness, least: number): Copied[] => {
  const symbols = lines.map((line) => symbolsOf(line, sameness));
  const text = new Int32Array(symbols.reduce((sum, each) => sum + each.length + 1, 0));
  const lineAt = new Int32Array(text.length);
  const starts: number[] = [];
  let next = 0;
  symbols.forEach((each, line) => {
    starts.push(next);
    text.set(each, next);
    next += each.length;
    // A mark of its own after each line: no run goes on over its end.
    text[next++] = -1 - line;
    lineAt.fill(line, starts[line], next);
  });
  const { lengths, others } = elsewhere(text, lineAt, groups);
  return lines.map(({ length }, line) => {
    const start = starts[line] as number;
    return copied(length, (at) => lengths[start + at] as number, least, (at, notes) => {
      const found = others[start + at] as number;
      const other = lineAt[found] as number;
      return { notes, at, other, otherAt: found - (starts[other] as number) };
    });
  });
};

const copied = (length: number, symbolsAt: (at: number) => number, least: number, runOf: (at: number, notes: number) => Run): Copied => {
  let longest: Run | null = null;
  let inRuns = 0;
  let end = 0;
  for (let at = 0; at < length - 1; at++) {
    const notes = symbolsAt(at) === 0 ? 0 : symbolsAt(at) + 1;
    if (notes > (longest?.notes ?? 1)) longest = runOf(at, notes);
    if (notes < least) continue;
    inRuns += Math.max(0, at + notes - Math.max(at, end));
    end = Math.max(end, at + notes);
  }
  return { longest, rate: length === 0 ? 0 : inRuns / length };
};

interface Elsewhere {
  /** From each place of the text, how many symbols are found in another group. */
  readonly lengths: Int32Array;
  /** And where. */
  readonly others: Int32Array;
}

/** The nearest suffixes of other groups, before and after in the order of suffixes, are those with most in common. */
const elsewhere = (text: Int32Array, lineAt: Int32Array, groups: readonly number[]): Elsewhere => {
  const { order, common } = suffixArray(text);
  const found = { lengths: new Int32Array(text.length), others: new Int32Array(text.length).fill(-1) };
  const groupAt = (at: number): number => groups[lineAt[at] as number] as number;
  const size = order.length;
  const sweep = (placeOf: (i: number) => number, sharedOf: (i: number) => number): void => {
    // The last suffix heard of the last group, and of the last group but that: what they have in common with the one at hand.
    let last = { at: -1, group: NaN, shared: 0 };
    let before = last;
    for (let i = 0; i < size; i++) {
      const at = order[placeOf(i)] as number;
      const group = groupAt(at);
      const shared = sharedOf(i);
      last.shared = Math.min(last.shared, shared);
      before.shared = Math.min(before.shared, shared);
      const best = last.group === group ? before : last;
      if (best.at >= 0 && best.shared > (found.lengths[at] as number)) {
        found.lengths[at] = best.shared;
        found.others[at] = best.at;
      }
      if (last.group !== group) before = last;
      last = { at, group, shared: Infinity };
    }
  };
  sweep((i) => i, (i) => common[i] as number);
  sweep((i) => size - 1 - i, (i) => (i === 0 ? 0 : (common[size - i] as number)));
  return found;
};
