import { expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { Pulse } from '../../src/live/pulse.ts';
import { TempoTracker } from '../../src/music/tempo.ts';

/** Milliseconds between two keys at 120 beats a minute. */
const BEAT = 500;

it('is reckoned three milliseconds after a key, with all the keys of a chord, or as soon as somebody asks', () => {
  const pulse = new Pulse();
  expect(pulse.due()).toBe(Infinity);
  for (let beat = 0; beat < 24; beat++) {
    const at = beat * BEAT;
    for (const [i, key] of [60, 64, 67].entries()) pulse.hear(ms(at + i), 80, key, ms(at + i + 0.5));
    expect(pulse.due()).toBe(at + 3.5);
    const known = pulse.known;
    if (beat % 2 === 0) pulse.reckon();
    else if (known) expect(pulse.now).not.toBe(known);
    else expect(pulse.now?.bpm ?? 120).toBeCloseTo(120, 0);
    expect(pulse.due()).toBe(Infinity);
  }
  expect(pulse.known?.bpm).toBeCloseTo(120, 0);
  expect(pulse.now).toBe(pulse.known);
});

it('is what a tracker makes of the same keys, and the last that was to be trusted stays', () => {
  const pulse = new Pulse();
  const tracker = new TempoTracker();
  const hear = (time: number): void => {
    pulse.hear(ms(time), 70, 60, ms(time));
    tracker.onset(ms(time), 70, 60);
  };
  const last = 23 * BEAT + 14;
  for (let beat = 0; beat < 24; beat++) hear(beat * BEAT + (beat % 3) * 7);
  const { bpm, phase } = tracker.estimate(ms(last));
  expect(pulse.now).toMatchObject({ bpm, time0: phase, beat0: 0 });
  expect(pulse.trusted).toBe(pulse.known);
  // Keys that keep to nothing.
  for (const time of [103, 190, 511, 1302, 1377, 1984, 2013, 2590, 3433, 3469, 4301, 4420, 5211, 5930]) hear(last + time);
  expect(pulse.now).toBe(null);
  expect(pulse.trusted).not.toBe(null);
  pulse.renew();
  expect(pulse.trusted).toBe(null);
});
