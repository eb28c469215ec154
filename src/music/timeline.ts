import { beats, ms, type Beats, type Bpm, type Ms } from '../core/units.ts';

/** Musical time as a straight line through one point of wall time; each change makes a new one with the next revision. */
export interface Timeline {
  readonly time0: Ms;
  readonly beat0: Beats;
  readonly bpm: Bpm;
  readonly revision: number;
}

/** Realtime-safe: yes. */
export const beatAt = (t: Timeline, now: Ms): Beats => beats(t.beat0 + ((now - t.time0) * t.bpm) / 60_000);

/** Realtime-safe: yes. */
export const timeAt = (t: Timeline, beat: Beats): Ms => ms(t.time0 + ((beat - t.beat0) * 60_000) / t.bpm);

/** A moment this close after a grid point, in steps, still counts as on it: what rounding can do to a time. */
const ROUNDING = 1e-6;

/** The first multiple of `step` at or after `now`. Realtime-safe: yes. */
export const nextGrid = (t: Timeline, now: Ms, step: Beats): Beats => beats(Math.ceil(beatAt(t, now) / step - ROUNDING) * step);

/** The timeline from `now` on at another tempo; the beat of `now` stays what it was. */
export const withTempo = (t: Timeline, now: Ms, bpm: Bpm): Timeline => ({ time0: now, beat0: beatAt(t, now), bpm, revision: t.revision + 1 });
