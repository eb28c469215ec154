import { beats, ms, type Ms } from '../core/units.ts';
import { TempoTracker } from '../music/tempo.ts';
import type { Timeline } from '../music/timeline.ts';

/** A pulse is trusted from this confidence on. */
const TRUSTED = 0.6;
/** Milliseconds after a key by which the pulse is reckoned anew; a chord's keys are reckoned together. */
const RECKON_AFTER = 3;

/**
 * The player's pulse. To reckon it takes a tenth of a millisecond or more, and the key that gives rise to it has harmony that is waited for: it is
 * put off until somebody asks, or until a few milliseconds later. Realtime-safe: yes.
 */
export class Pulse {
  private readonly tracker = new TempoTracker();
  /** Time, velocity and pitch of each onset that was not reckoned with yet. */
  private readonly onsets: number[] = [];
  private at: Ms = ms(Infinity);
  private pulse: Timeline | null = null;
  private last: Timeline | null = null;

  /** Hears a key struck; its times must not run backwards. */
  hear(time: Ms, velocity: number, pitch: number, now: Ms): void {
    this.onsets.push(time, velocity, pitch);
    this.at = ms(Math.min(this.at, now + RECKON_AFTER));
  }

  /** When `reckon` is next needed. */
  due(): Ms {
    return this.at;
  }

  /** Reckons with what was heard. */
  reckon(): void {
    const { onsets } = this;
    if (onsets.length === 0) return;
    for (let i = 0; i < onsets.length; i += 3) this.tracker.onset(ms(onsets[i] as number), onsets[i + 1], onsets[i + 2]);
    const { bpm, phase, confidence } = this.tracker.estimate(ms(onsets[onsets.length - 3] as number));
    onsets.length = 0;
    this.at = ms(Infinity);
    const revision = (this.pulse?.revision ?? 0) + 1;
    this.pulse = confidence >= TRUSTED ? { time0: phase, beat0: beats(0), bpm, revision } : null;
    this.last = this.pulse ?? this.last;
  }

  /** As it was when it was last reckoned; null where none can be told. */
  get known(): Timeline | null {
    return this.pulse;
  }

  /** With all that was heard; null where none can be told. */
  get now(): Timeline | null {
    this.reckon();
    return this.pulse;
  }

  /** The last that could be told: who keeps time goes on when the player's wavers. */
  get trusted(): Timeline | null {
    this.reckon();
    return this.last;
  }

  /** Forgets what could be told before now. */
  renew(): void {
    this.last = this.now;
  }
}
