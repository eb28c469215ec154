import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import type { Control, Note } from '../../src/music/note.ts';
import {
  decodePerformance, encodePerformance, gesturesOf, isOff, isOn, NO_VELOCITY, PerformanceGrammar, TIME_BINS, TIMES, timeBin, VELOCITIES, velocityBin, velocityOf, WHAT, WHATS,
  type Gesture, type PerformanceEvent,
} from '../../src/music/performance.ts';
import { readSmf, type Song } from '../../src/music/smf-read.ts';
import { dataSet, fixture } from '../fixtures/at.ts';

const note = (start: number, duration: number, key: number, struck = 64): Note => ({ start: ms(start), duration: ms(duration), pitch: pitch(key), velocity: velocity(struck), channel: channel(1) });
const pedal = (time: number, value: number): Control => ({ time: ms(time), controller: 64, value, channel: channel(1) });
const events = (notes: readonly Note[], controls: readonly Control[] = []): number[][] => encodePerformance(gesturesOf(notes, controls)).map((e) => [e.what, e.time, e.velocity]);
const whats = (notes: readonly Note[], controls: readonly Control[] = []): [number, number][] => gesturesOf(notes, controls).map(({ time, what }) => [time, what]);

const songFiles = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mid')).sort().map((name) => join(folder, name));
const gesturesIn = (song: Song): Gesture[] => gesturesOf(song.tracks.flatMap(({ notes }) => notes), song.tracks.flatMap(({ controls }) => controls));
const nearest = (gap: number): number => Math.min(...TIME_BINS.map((bin) => Math.abs(bin - gap)));
const every = (files: readonly string[], n: number): string[] => files.filter((_, i) => i % Math.ceil(files.length / n) === 0);
const SAMPLE = [fixture('pop909'), fixture('lieder'), ...['pop909', 'giantmidi', 'lieder', 'mutopia'].flatMap((name) => dataSet(name) ?? [])].flatMap((folder) => every(songFiles(folder), 12));
const songs = SAMPLE.map((file) => [file.split('/').slice(-2).join('/'), gesturesIn(readSmf(readFileSync(file)))] as const);

describe('time bins', () => {
  it('lie every 10 ms to half a second, then 8 % apart to ten seconds', () => {
    expect(Array.from(TIME_BINS.subarray(0, 3))).toEqual([0, 10, 20]);
    expect(Array.from(TIME_BINS.subarray(49, 53))).toEqual([490, 500, 540, 583]);
    expect([TIMES, TIME_BINS[TIMES - 1]]).toEqual([90, 10_058]);
  });

  it('are found nearest', () => {
    fc.assert(fc.property(fc.double({ min: -50, max: 12_000, noNaN: true }), (gap) => {
      expect(Math.abs((TIME_BINS[timeBin(gap)] as number) - gap)).toBeCloseTo(nearest(gap), 9);
    }), { seed: 1, numRuns: 2000 });
    for (const [bin, time] of TIME_BINS.entries()) expect(timeBin(time)).toBe(bin);
    expect([timeBin(4.9), timeBin(5), timeBin(505), timeBin(519.9), timeBin(520.1), timeBin(60_000)]).toEqual([0, 1, 50, 50, 51, 89]);
  });
});

describe('velocity bins', () => {
  it('keep every velocity within two', () => {
    for (let struck = 1; struck <= 127; struck++) expect(Math.abs(velocityOf(velocityBin(struck)) - struck)).toBeLessThanOrEqual(2);
    for (let bin = 0; bin < VELOCITIES; bin++) expect(velocityBin(velocityOf(bin))).toBe(bin);
  });
});

describe('a performance as events', () => {
  it('names what, when and how hard', () => {
    expect(events([note(1000, 250, 60, 64), note(1100, 150, 64, 127)])).toEqual([
      [60, 0, 16],
      [64, 10, 31],
      [128 + 60, 15, NO_VELOCITY],
      [128 + 64, 0, NO_VELOCITY],
    ]);
  });

  it('puts at one instant pedal up, keys up, keys down from the lowest, pedal down', () => {
    expect(whats([note(0, 100, 60), note(100, 50, 67), note(100, 50, 60)], [pedal(50, 127), pedal(100, 0), pedal(100, 90)])).toEqual([
      [0, 60], [50, WHAT.pedalDown], [100, WHAT.pedalUp], [100, 188], [100, 60], [100, 67], [100, WHAT.pedalDown], [150, 188], [150, 195],
    ]);
  });

  it('drops a pedal that goes down and up at one instant, and repeated values', () => {
    expect(whats([], [pedal(10, 127), pedal(10, 0), pedal(20, 64), pedal(30, 100), pedal(40, 63), pedal(50, 0)])).toEqual([[20, WHAT.pedalDown], [40, WHAT.pedalUp]]);
    expect(whats([], [pedal(0, 127), pedal(9, 0), pedal(9, 127), pedal(9, 0)])).toEqual([[0, WHAT.pedalDown], [9, WHAT.pedalUp]]);
  });

  it('lets a key go before it is struck again, and both ends stay', () => {
    expect(whats([note(0, 400, 60), note(100, 100, 60)])).toEqual([[0, 60], [100, 188], [100, 60], [400, 188]]);
    expect(whats([note(0, 400, 60), note(0, 100, 60)])).toEqual([[0, 60], [400, 188]]);
  });

  it('cuts a silence to the longest bin, and what comes after it is not late', () => {
    expect(events([note(0, 100, 60), note(60_000, 100, 60), note(60_100, 100, 62)]).map(([, time]) => time)).toEqual([0, 10, 89, 10, 0, 10]);
  });

  it('decodes what it encoded, on the grid', () => {
    const step = fc.record({
      what: fc.oneof(fc.nat(127), fc.nat(127), fc.constantFrom(WHAT.pedalDown, WHAT.pedalUp), fc.nat(127).map((key) => WHAT.off + key)),
      time: fc.integer({ min: 0, max: TIMES - 2 }),
      velocity: fc.nat(VELOCITIES - 1),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const grammar = new PerformanceGrammar();
      const played: PerformanceEvent[] = [];
      // An instant has one order only, so each event is at least 10 ms after the one before.
      const put = (what: number, time: number, struck: number): void => {
        if (!grammar.allows(what)) return;
        grammar.take(what);
        played.push({ what, time: played.length === 0 ? 0 : Math.max(1, time), velocity: isOn(what) ? struck : NO_VELOCITY });
      };
      for (const { what, time, velocity: struck } of steps) put(what, time, struck);
      for (let key = 0; key < 128; key++) put(WHAT.off + key, 1, 0);
      const { notes, controls } = decodePerformance(played, ms(500));
      expect(encodePerformance(gesturesOf(notes, controls))).toEqual(played);
    }), { seed: 2, numRuns: 500 });
  });

  it.each(songs)('never drifts: %s', (_, gestures) => {
    const encoded = encodePerformance(gestures);
    let now: number = gestures[0]?.time ?? 0;
    let ahead = 0;
    for (const [i, { time }] of encoded.entries()) {
      const gap = (gestures[i] as Gesture).time - now;
      now += TIME_BINS[time] as number;
      const before = ahead;
      ahead = now - (gestures[i] as Gesture).time;
      // Half a bin to each side; an event that is already late because of the one before comes with it, at once.
      const below = ((TIME_BINS[time] as number) - (TIME_BINS[Math.max(0, time - 1)] as number)) / 2;
      const above = ((TIME_BINS[Math.min(TIMES - 1, time + 1)] as number) - (TIME_BINS[time] as number)) / 2;
      if (gap > (TIME_BINS[TIMES - 1] as number)) {
        now = (gestures[i] as Gesture).time; // a long silence is cut
        ahead = 0;
      } else if (time === 0 && ahead > 0) expect(ahead).toBeLessThanOrEqual(before + 1e-6);
      else expect(ahead <= below + 1e-6 && -ahead <= above + 1e-6, `${ahead} ms at event ${i}`).toBe(true);
    }
  });
});

describe('the grammar of performances', () => {
  it.each(songs)('lets every event of a real piece through: %s', (_, gestures) => {
    const grammar = new PerformanceGrammar();
    const held = new Set<number>();
    let down = false;
    for (const { what } of gestures) {
      expect(grammar.allows(what)).toBe(true);
      grammar.take(what);
      if (isOn(what)) held.add(what);
      else if (isOff(what)) held.delete(what - WHAT.off);
      else down = what === WHAT.pedalDown;
      expect([grammar.sounding, grammar.pedal]).toEqual([held.size, down]);
    }
    expect(held.size).toBe(0);
  });

  it('lets no impossible event through, whatever came before', () => {
    fc.assert(fc.property(fc.array(fc.nat(WHATS), { maxLength: 80 }), (steps) => {
      const grammar = new PerformanceGrammar();
      const held = new Set<number>();
      let down = false;
      for (const what of steps) {
        grammar.take(what); // allowed or not: what a player does has happened
        if (isOn(what)) held.add(what);
        else if (isOff(what)) held.delete(what - WHAT.off);
        else if (what !== WHAT.start) down = what === WHAT.pedalDown;
      }
      const fork = new PerformanceGrammar();
      fork.copyFrom(grammar);
      for (let what = 0; what < WHATS; what++) {
        const possible = isOn(what) ? !held.has(what) : isOff(what) ? held.has(what - WHAT.off) : (what === WHAT.pedalDown) !== down;
        expect(fork.allows(what)).toBe(possible);
      }
      expect(fork.sounding).toBe(held.size);
    }), { seed: 3, numRuns: 200 });
  });
});
