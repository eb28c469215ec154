import { clamp, ms, type Ms } from '../core/units.ts';
import { quantile } from '../core/statistics.ts';
import type { ParamValues } from './params.ts';

/** Onsets closer than this are one chord. */
const CHORD = 40;
const GAPS = 24;
/** With keys still down a phrase is over only after this many silences. */
const HELD = 2.5;
const LONGEST_SILENCE = 4000;

/** What the player has played since the last turn, and when it counts as over. Realtime-safe: yes. */
export class Phrase {
  /** Keys struck in this phrase. */
  notes = 0;
  first: Ms = ms(0);
  lastOn: Ms = ms(0);
  /** The last key up or down. */
  last: Ms = ms(0);
  private velocities = 0;
  private readonly gaps: number[] = [];

  on(time: Ms, velocity: number): void {
    if (this.notes === 0) this.first = time;
    else if (time - this.lastOn > CHORD) {
      this.gaps.push(time - this.lastOn);
      if (this.gaps.length > GAPS) this.gaps.shift();
    }
    this.notes++;
    this.velocities += velocity;
    this.lastOn = time;
    this.last = time;
  }

  off(time: Ms): void {
    this.last = time;
  }

  /** Begins anew; the player's usual gaps are remembered. */
  clear(): void {
    this.notes = 0;
    this.velocities = 0;
  }

  /** How long the player must rest: some multiple of the player's own longer gaps, within limits. */
  silence({ silence, patience }: ParamValues): number {
    const usual = this.gaps.length < 3 ? 0 : quantile(Float64Array.from(this.gaps).sort(), 0.6);
    return clamp(usual * patience, silence, LONGEST_SILENCE);
  }

  /** When the phrase will be over if nothing more is played; `down` keys are held. */
  end(params: ParamValues, down: number): Ms {
    const silence = this.silence(params);
    // A key let go late after its note does not restart the silence in full.
    return ms(down > 0 ? this.lastOn + HELD * silence : Math.max(this.lastOn + silence, this.last + silence / 2));
  }

  /** From the first key down to the last key up or down. */
  get length(): number {
    return Math.max(this.last - this.first, 1);
  }

  /** Notes a second, as `likeness.ts` counts them. */
  get density(): number {
    return (this.notes * 1000) / Math.max(100, this.length);
  }

  get velocity(): number {
    return this.notes === 0 ? 64 : this.velocities / this.notes;
  }
}
