import type { Ms } from '../core/units.ts';

/** Messages of ours that were not forwarded again, by which a player is told who plays as steadily as a loop. */
const KEPT = 16;
/** So much sooner or later than the loop, in milliseconds, one comes that is played again. */
const STEADY = 2;
/** Such a player is not suspected again for so long at first; each time twice as long. */
const TRUST = 3000;
const LONGEST_TRUST = 600_000;

/** What was taken for a loop's on one source, and was it not: a loop has nothing to return of what was never sent. */
export class Withheld {
  private readonly messages = new Int32Array(KEPT);
  private readonly times = new Float64Array(KEPT).fill(-Infinity);
  private count = 0;
  private trust = TRUST;
  private until = -Infinity;

  /** Until when messages of the source's own that come again are believed to be played again. */
  get trusted(): number {
    return this.until;
  }

  /** A message was not forwarded. */
  add(message: number, time: Ms): void {
    const at = this.count++ % KEPT;
    this.messages[at] = message;
    this.times[at] = time;
  }

  /** Whether a message comes at the lag of a loop after one that was withheld, and so was never sent. */
  isPlayedAgain(message: number, least: number, most: number, time: Ms): boolean {
    for (let i = 0; i < KEPT; i++) {
      const after = time - (this.times[i] as number);
      if (this.messages[i] === message && after >= least - STEADY && after <= most + STEADY) return true;
    }
    return false;
  }

  /** The player is believed from now on, for a while. */
  acquit(time: Ms): void {
    this.times.fill(-Infinity);
    this.until = time + this.trust;
    this.trust = Math.min(LONGEST_TRUST, this.trust * 2);
  }
}
