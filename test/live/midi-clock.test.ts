import { expect, it } from 'vitest';
import { coins } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { MidiClock } from '../../src/live/midi-clock.ts';
import { beatAt } from '../../src/music/timeline.ts';

const GAP = 60_000 / 120 / 24;

/** Ticks `from` to `to` of a clock at 120 bpm that began at `start`, each as much as `jitter` late. */
const run = (clock: MidiClock, start: number, from: number, to: number, jitter = 0): ReturnType<MidiClock['tick']> => {
  const coin = coins(3);
  let timeline = null;
  for (let n = from; n < to; n++) timeline = clock.tick(ms(start + n * GAP + jitter * coin()));
  return timeline;
};

it('says nothing before half a beat, then tempo and beat exactly', () => {
  const clock = new MidiClock();
  clock.start(true);
  expect(run(clock, 1000, 0, 11)).toBeNull();
  const timeline = run(clock, 1000, 11, 48);
  expect(timeline?.bpm).toBeCloseTo(120, 9);
  expect(beatAt(timeline as never, ms(1000 + 500))).toBeCloseTo(1, 9);
});

it('averages the jitter of a cable away', () => {
  const clock = new MidiClock();
  clock.start(true);
  const timeline = run(clock, 0, 0, 96, 4);
  expect(Math.abs((timeline?.bpm ?? 0) - 120)).toBeLessThan(0.6);
  expect(Math.abs(beatAt(timeline as never, ms(95 * GAP)) - 95 / 24)).toBeLessThan(0.01);
});

it('stands when stopped, goes on from its beat, and begins anew at start', () => {
  const clock = new MidiClock();
  clock.start(true);
  run(clock, 0, 0, 24);
  clock.stop();
  expect(clock.tick(ms(600))).toBeNull();
  expect(clock.alive(ms(600))).toBe(false);
  clock.start(false);
  const on = run(clock, 5000, 0, 24);
  expect(beatAt(on as never, ms(5000))).toBeCloseTo(1, 9);
  clock.start(true);
  const anew = run(clock, 9000, 0, 24);
  expect(beatAt(anew as never, ms(9000))).toBeCloseTo(0, 9);
});

it('is known to be lost when a cable is pulled', () => {
  const clock = new MidiClock();
  run(clock, 0, 0, 48);
  expect(clock.alive(ms(48 * GAP))).toBe(true);
  expect(clock.alive(ms(48 * GAP + 900))).toBe(false);
});
