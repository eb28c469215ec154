import { clamp, ms, type Ms } from '../core/units.ts';
import { quantile } from '../core/statistics.ts';
import type { ParamValues } from './params.ts';

/** Onsets closer than this are one chord. */
const CHORD = 40;
const GAPS = 24;
/** Gaps that are needed before the player has a usual one, and which of them it is. */
const ENOUGH = 3;
const USUAL = 0.6;
/** With keys still down a phrase is over only after this many silences. */
const HELD = 3;
/** With all keys up, this share of a silence must pass after the last went up. */
const RELEASED = 0.75;
const LONGEST_SILENCE = 4000;
/** What the player's density and velocity are taken for before anything was heard. */
const UNHEARD = { density: 2, velocity: 64 } as const;
const NOTHING = { notes: 0, first: ms(0), lastOn: ms(0), velocities: 0 } as const;
/** A phrase of fewer notes says too little of how densely the player plays. */
const TELLING = 4;

/** What the player has played since the last turn, and when it counts as over. Realtime-safe: yes. */
export class Phrase {
  /** Keys struck in this phrase. */
  notes = 0;
  first: Ms = ms(0);
  lastOn: Ms = ms(0);
  /** The last key up or down. */
  last: Ms = ms(0);
  private velocities = 0;
  private readonly gaps = new Float64Array(GAPS);
  private readonly sorted = new Float64Array(GAPS);
  private heard = 0;
  private usual = 0;
  private cleared: { readonly notes: number; readonly first: Ms; readonly lastOn: Ms; readonly velocities: number } = NOTHING;
  private before: { density: number; velocity: number } = UNHEARD;

  on(time: Ms, velocity: number): void {
    if (this.notes === 0) this.first = time;
    else if (time - this.lastOn > CHORD) this.gap(time - this.lastOn);
    this.notes++;
    this.velocities += velocity;
    this.lastOn = time;
    this.last = time;
  }

  off(time: Ms): void {
    this.last = time;
  }

  /** Begins anew; the player's usual gaps, density and velocity are remembered. */
  clear(): void {
    if (this.notes > 0) this.before = { density: this.notes >= TELLING ? this.density : this.before.density, velocity: this.velocity };
    this.cleared = { notes: this.notes, first: this.first, lastOn: this.lastOn, velocities: this.velocities };
    this.notes = 0;
    this.velocities = 0;
  }

  /** The phrase was not over after all: what was heard since it was cleared goes on from it. */
  resume(): void {
    const { notes, first, lastOn, velocities } = this.cleared;
    if (notes === 0 || this.notes === 0) return;
    this.gap(this.first - lastOn);
    this.notes += notes;
    this.velocities += velocities;
    this.first = first;
    this.cleared = NOTHING;
  }

  /** How long the player must rest: some multiple of the player's own longer gaps, within limits. */
  silence({ silence, patience }: ParamValues): number {
    return clamp(this.usual * patience, silence, LONGEST_SILENCE);
  }

  /** When the phrase will be over if nothing more is played; `down` keys are held. */
  end(params: ParamValues, down: number): Ms {
    const silence = this.silence(params);
    // A key let go late after its note does not restart the silence in full.
    return ms(down > 0 ? this.lastOn + HELD * silence : Math.max(this.lastOn + silence, this.last + RELEASED * silence));
  }

  /** From the first key down to the last key up or down. */
  get length(): number {
    return Math.max(this.last - this.first, 1);
  }

  /** Notes a second, as `likeness.ts` counts them. */
  get density(): number {
    return (this.notes * 1000) / Math.max(100, this.length);
  }

  /** Notes a second of the player's lately: of this phrase once it tells, else of the one before. */
  get pace(): number {
    return this.notes >= TELLING ? this.density : this.before.density;
  }

  /** The mean of the phrase; before its first note that of the one before. */
  get velocity(): number {
    return this.notes === 0 ? this.before.velocity : this.velocities / this.notes;
  }

  private gap(gap: number): void {
    this.gaps[this.heard++ % GAPS] = gap;
    const known = Math.min(this.heard, GAPS);
    if (known < ENOUGH) return;
    this.sorted.fill(Infinity);
    this.sorted.set(this.gaps.subarray(0, known));
    this.usual = quantile(this.sorted.sort().subarray(0, known), USUAL);
  }
}
