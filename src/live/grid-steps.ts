import { ms, type Ms } from '../core/units.ts';
import { STEPS_PER_BEAT } from '../music/melody.ts';
import type { Pulse } from './melody-past.ts';

/** A 16th where there is no pulse, in milliseconds: a beat is 500. */
const STEP = 125;

/** 16ths in time: step 0 is at `phase`. */
export interface Grid {
  readonly phase: number;
  readonly step: number;
}

export const gridOf = (pulse: Pulse | null): Grid => (pulse ? { phase: pulse.phase, step: 60_000 / pulse.bpm / STEPS_PER_BEAT } : { phase: 0, step: STEP });

/** The step that a time is nearest to. */
export const stepAt = ({ phase, step }: Grid, time: Ms): number => Math.round((time - phase) / step);

/** From when on a time is nearest to that step. */
export const stepsFrom = ({ phase, step }: Grid, at: number): Ms => ms(phase + (at - 0.5) * step);
