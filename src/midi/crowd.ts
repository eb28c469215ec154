import { ms, type Ms } from '../core/units.ts';

/** No loop of anything takes longer, in milliseconds. */
const LONGEST = 2000;
/** Strikes of ours that are remembered. */
const KEPT = 4096;
/** Nobody doubles so many strikes a millisecond, with just our velocities, for long. */
const PACE = 0.03;
/** What comes back beyond that pace is a crowd from so many on. */
const ENOUGH = 32;
/** What one that is the player's own counts against it: more than its return, so that who repeats himself is not taken for a crowd for ever. */
const OWN = 2;
/** A crowd's evidence at most: what outweighs it is more than a few bars. */
const MOST = 128;

/** What comes back into one source. */
interface Returning {
  evidence: number;
  /** When the last strike came, and how late it was where it was ours. */
  came: number;
  lag: number;
  isIn: boolean;
  /** Strikes sent before this one have been looked at for not coming back. */
  judged: number;
}

/**
 * The last resort against loops: at whatever lag and in whatever order they return, notes that call forth others soon come faster than
 * anybody plays. From then on what comes back of ours is left out, until what does not, and what the player does beside it, outweighs it. Of
 * strikes only: every end is heard, so that nothing is left sounding. A sequencer that repeats more than thirty strikes a second, within two
 * seconds, is taken for one.
 * Realtime-safe: yes.
 */
export class Crowd {
  private readonly messages = new Int32Array(KEPT);
  private readonly times = new Float64Array(KEPT);
  /** Sources that a strike has come back into, one bit each. */
  private readonly returned = new Int32Array(KEPT);
  private readonly sources: readonly Returning[];
  private count = 0;

  /** @param sources how many there are; at most 31 */
  constructor(sources: number) {
    this.sources = Array.from({ length: sources }, () => ({ evidence: 0, came: -Infinity, lag: 0, isIn: false, judged: 0 }));
  }

  /** A strike went out. */
  sent(message: number, now: Ms): void {
    const at = this.count++ % KEPT;
    this.messages[at] = message;
    this.times[at] = now;
    this.returned[at] = 0;
  }

  isIn(source: number): boolean {
    return this.sources[source]?.isIn ?? false;
  }

  /** How long ago that was sent which came back last. */
  lag(source: number): Ms {
    return ms(this.sources[source]?.lag ?? 0);
  }

  /** A strike came in; whether it is one of a crowd, and to be left out. */
  judge(source: number, message: number, time: Ms): boolean {
    const returning = this.sources[source];
    if (!returning) return false;
    const sent = this.find(source, message, time);
    if (sent >= 0) {
      this.returned[sent % KEPT] = (this.returned[sent % KEPT] as number) | (1 << source);
      returning.lag = time - (this.times[sent % KEPT] as number);
    }
    if (returning.isIn) {
      if (sent < 0) returning.evidence -= OWN;
      this.judgeMissing(returning, source, time);
    } else {
      const leaked = Math.max(0, returning.evidence - PACE * (time - returning.came));
      returning.evidence = Math.max(0, leaked + (sent >= 0 ? 1 : -OWN));
      returning.isIn = returning.evidence >= ENOUGH;
      if (returning.isIn) returning.evidence = MOST;
      returning.judged = this.count;
    }
    returning.came = time;
    return returning.isIn && sent >= 0;
  }

  /** The source is heard from the beginning. */
  clear(source: number): void {
    const returning = this.sources[source];
    if (returning) Object.assign(returning, { evidence: 0, came: -Infinity, isIn: false });
  }

  /** What should have come back by now and has not speaks against a crowd. */
  private judgeMissing(returning: Returning, source: number, time: Ms): void {
    returning.judged = Math.max(returning.judged, this.count - KEPT);
    for (; returning.judged < this.count; returning.judged++) {
      const at = returning.judged % KEPT;
      if ((this.times[at] as number) + LONGEST >= time) break;
      const back = ((this.returned[at] as number) & (1 << source)) !== 0;
      returning.evidence = Math.min(MOST, returning.evidence + (back ? 1 : -1));
      if (returning.evidence <= 0) break;
    }
    if (returning.evidence <= 0) this.clear(source);
  }

  /** The number of the oldest strike that this may be and that has not come back, −1 for none. */
  private find(source: number, message: number, time: number): number {
    let found = -1;
    for (let n = this.count - 1; n >= 0 && n >= this.count - KEPT && time - (this.times[n % KEPT] as number) <= LONGEST; n--) {
      if (this.messages[n % KEPT] === message && ((this.returned[n % KEPT] as number) & (1 << source)) === 0) found = n;
    }
    return found;
  }
}
