import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { copiesOf, type Sameness } from '../../src/music/copies.ts';
import type { GridNote } from '../../src/music/melody.ts';

type Steps = readonly (readonly [pitch: number, steps: number])[];
/** A line of notes end to end. */
const line = (notes: Steps, from = 0): GridNote[] => {
  let step = from;
  return notes.map(([key, steps]) => ({ step: (step += steps) - steps, steps, pitch: pitch(key) }));
};
const up = (notes: Steps, by: number): Steps => notes.map(([key, steps]) => [key + by, steps]);

/** "Frère Jacques", and a line that has nothing of it. */
const JACQUES: Steps = [[60, 4], [62, 4], [64, 4], [60, 4], [60, 4], [62, 4], [64, 4], [60, 4], [64, 4], [65, 4], [67, 8]];
const OTHER: Steps = [[70, 1], [40, 3], [71, 2], [42, 5], [73, 1], [44, 7], [76, 2]];

describe('copies', () => {
  it('are found by pitch, and transposed by interval, with their place', () => {
    const judged = line([...OTHER, ...up(JACQUES, 6).slice(0, 6), [30, 3]]);
    const training = [line(OTHER.toReversed()), line([[50, 2], ...JACQUES], 7)];
    const [transposed, exact] = (['transposed', 'exact'] as const).map((sameness) => copiesOf([judged, ...training], [0, 1, 1], sameness, 4)[0]);
    expect(transposed).toEqual({ longest: { notes: 6, at: 7, other: 2, otherAt: 1 }, rate: 6 / 14 });
    expect(exact).toEqual({ longest: null, rate: 0 });
    expect(copiesOf([line(JACQUES), ...training], [0, 1, 1], 'exact', 4)[0]).toEqual({ longest: { notes: 11, at: 0, other: 2, otherAt: 1 }, rate: 1 });
  });

  it('need the same rhythm, but for the length of the last note', () => {
    const longer = JACQUES.map(([key, steps], i) => [key, i === 4 ? steps + 1 : i === 10 ? 1 : steps] as const);
    expect(copiesOf([line(longer), line(JACQUES)], [0, 1], 'transposed', 2)[0]).toEqual({ longest: { notes: 6, at: 5, other: 1, otherAt: 5 }, rate: 1 });
  });

  it('count no run under the least towards the rate', () => {
    const judged = line([...JACQUES.slice(0, 3), [90, 1], ...JACQUES.slice(6)]);
    expect([3, 4, 6].map((least) => copiesOf([judged, line(JACQUES)], [0, 1], 'transposed', least)[0]?.rate)).toEqual([8 / 9, 5 / 9, 0]);
  });

  it('of chords are told whatever the order of their notes', () => {
    const chords: GridNote[] = [0, 4, 8].flatMap((step) => [60, 64, 67].map((key) => ({ step, steps: 4, pitch: pitch(key + step) })));
    expect(copiesOf([chords.toReversed(), chords], [0, 1], 'exact', 2)[0]?.longest?.notes).toBe(9);
  });

  it('are looked for in other groups alone: what two families of pieces share', () => {
    const pieces = [line(JACQUES), line(up(JACQUES, 3)), line([...OTHER, ...JACQUES.slice(2, 6)])];
    expect(copiesOf(pieces, [0, 0, 1], 'transposed', 4).map(({ longest }) => [longest?.notes, longest?.other])).toEqual([[4, 2], [4, 2], [4, 1]]);
    expect(copiesOf(pieces, [0, 1, 2], 'transposed', 4)[0]?.longest).toEqual({ notes: 11, at: 0, other: 1, otherAt: 0 });
  });

  it('have nothing to say of lines without notes, or with one', () => {
    expect(copiesOf([[], line([[60, 4]]), line(JACQUES)], [0, 0, 1], 'transposed', 2)).toEqual([{ longest: null, rate: 0 }, { longest: null, rate: 0 }, { longest: null, rate: 0 }]);
  });

  it('are what looking everywhere finds', () => {
    const short = fc.array(fc.tuple(fc.integer({ min: 60, max: 62 }), fc.integer({ min: 1, max: 2 })), { maxLength: 14 }).map((notes) => line(notes));
    const pieces = fc.array(fc.tuple(short, fc.integer({ min: 0, max: 2 })), { minLength: 2, maxLength: 6 });
    fc.assert(fc.property(pieces, fc.constantFrom<Sameness[]>('exact', 'transposed'), fc.integer({ min: 2, max: 5 }), (all, sameness, least) => {
      const [lines, groups] = [all.map(([notes]) => notes), all.map(([, group]) => group)];
      const found = copiesOf(lines, groups, sameness, least);
      expect(found.map(({ longest, rate }) => [longest?.notes ?? 0, rate])).toEqual(lines.map((_, i) => searched(lines, groups, i, sameness, least)));
      for (const [i, { longest }] of found.entries()) {
        if (!longest) continue;
        expect(groups[longest.other]).not.toBe(groups[i]);
        expect(sameRun(lines[i] as GridNote[], longest.at, lines[longest.other] as GridNote[], longest.otherAt, sameness)).toBe(longest.notes);
      }
    }), { seed: 1, numRuns: 300 });
  });

  it('takes thousands of pieces', () => {
    // Every piece a walk of its own; one of them is copied in the middle of what is judged.
    const walk = (seed: number): Steps => Array.from({ length: 400 }, (_, i) => [40 + ((seed * 7919 + i * i * 31 + ((i * seed) % 13) * 17) % 40), 1 + ((seed + i * 3) % 5)]);
    const training = Array.from({ length: 2500 }, (_, i) => line(walk(i)));
    const judged = line([...OTHER, ...up(walk(1234).slice(100, 160), 9), ...OTHER]);
    const [found] = copiesOf([judged, ...training], [0, ...training.map(() => 1)], 'transposed', 30);
    expect(found?.longest).toMatchObject({ notes: 60, at: 7 });
    expect(found?.rate).toBe(60 / 74);
  });
});

/** How many notes from two places on are the same. */
const sameRun = (a: readonly GridNote[], i: number, b: readonly GridNote[], j: number, sameness: Sameness): number => {
  let notes = 0;
  for (; a[i + notes + 1] && b[j + notes + 1]; notes++) {
    const [x, y, u, v] = [a[i + notes], a[i + notes + 1], b[j + notes], b[j + notes + 1]] as [GridNote, GridNote, GridNote, GridNote];
    if (y.pitch - x.pitch !== v.pitch - u.pitch || y.step - x.step !== v.step - u.step || x.steps !== u.steps || (sameness === 'exact' && x.pitch !== u.pitch)) break;
  }
  return notes === 0 ? 0 : notes + 1;
};

const searched = (lines: readonly GridNote[][], groups: readonly number[], own: number, sameness: Sameness, least: number): [number, number] => {
  const notes = lines[own] as GridNote[];
  const runs = notes.map((_, i) => Math.max(0, ...lines.flatMap((other, o) => (groups[o] === groups[own] ? [] : other.map((__, j) => sameRun(notes, i, other, j, sameness))))));
  const within = notes.filter((_, i) => runs.some((run, at) => run >= least && at <= i && i < at + run)).length;
  return [Math.max(0, ...runs), notes.length === 0 ? 0 : within / notes.length];
};
