import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beats, bpm, ms } from '../../src/core/units.ts';
import { beatAt, nextGrid, timeAt, withTempo, type Timeline } from '../../src/music/timeline.ts';

const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const timelines = fc.record({ time0: number(0, 1e7).map(ms), beat0: number(-100, 1e4).map(beats), bpm: number(20, 400).map(bpm), revision: fc.nat() });
const line: Timeline = { time0: ms(1000), beat0: beats(4), bpm: bpm(120), revision: 7 };

describe('a timeline', () => {
  it('counts two beats a second at 120', () => {
    expect(beatAt(line, ms(2000))).toBe(6);
    expect(timeAt(line, beats(3))).toBe(500);
  });

  it.each([[1000, 0.25, 4], [1001, 0.25, 4.25], [1125, 0.25, 4.25], [999, 1, 4], [1001, 1, 5], [0, 4, 4], [1001, 4, 8]])('at %d ms the next of every %d beats is %d', (now, step, expected) => {
    expect(nextGrid(line, ms(now), beats(step))).toBe(expected);
  });

  it('keeps its beat where the tempo changes', () => {
    const slower = withTempo(line, ms(2000), bpm(60));
    expect(slower).toEqual({ time0: 2000, beat0: 6, bpm: 60, revision: 8 });
    expect(timeAt(slower, beats(7))).toBe(3000);
  });

  it('turns beats into times and back', () => {
    fc.assert(fc.property(timelines, number(-1e4, 1e4), (t, beat) => {
      expect(Math.abs(beatAt(t, timeAt(t, beats(beat))) - beat)).toBeLessThan(1e-6);
    }), { seed: 1 });
  });

  it('does not jump at a change of tempo', () => {
    fc.assert(fc.property(timelines, number(0, 1e7), number(20, 400), (t, now, tempo) => {
      expect(beatAt(withTempo(t, ms(now), bpm(tempo)), ms(now))).toBe(beatAt(t, ms(now)));
    }), { seed: 2 });
  });

  it('gives a grid point less than a step ahead, and stays on one it stands on', () => {
    fc.assert(fc.property(timelines, number(0, 1e7), fc.constantFrom(0.25, 1 / 3, 0.5, 1, 4), (t, now, step) => {
      const grid = nextGrid(t, ms(now), beats(step));
      expect(grid - beatAt(t, ms(now))).toBeGreaterThanOrEqual(-1e-5);
      expect(grid - beatAt(t, ms(now))).toBeLessThan(step);
      expect(Math.abs(grid / step - Math.round(grid / step))).toBeLessThan(1e-6);
      expect(nextGrid(t, timeAt(t, grid), beats(step))).toBe(grid);
    }), { seed: 3, numRuns: 500 });
  });
});
