import type { Ms } from '../core/units.ts';
import { STATUS } from './message.ts';
import { LONGEST } from './run.ts';

/** Notes of ours that are remembered. */
const KEPT = 512;
/** Neighbours were told no further apart, in milliseconds, and came back no further apart. */
const CLOSE = 5;
const NONE = -1;

/** How far one source has come in what clients were told. */
interface Following {
  /** The last of ours that came back, of all that were, and when. */
  last: number;
  came: number;
  /** So many in a row; neighbours among them that were close both times, and that came back apart. */
  length: number;
  streak: number;
  apart: number;
  /** The least and the most lag in milliseconds, and velocities, and how many. */
  least: number;
  most: number;
  readonly velocities: Uint8Array;
  varied: number;
}

/**
 * Tells our own notes that come back at no constant lag (over a network: a client that mirrors what it is told) from a player who doubles
 * them, by their order: it counts neighbours, starts and ends alike, that came back as they were told and as close together, and none left
 * out. Hands that double us turn two fingers round, or leave a gap where we leave none, long before a network does. One voice has
 * no neighbours but the end of a note and the start of the next: a client that leaves ends out is not told by it, nor are two that mirror
 * into one source, nor one whose notes overtake each other. Realtime-safe: yes.
 */
export class Order {
  private readonly messages = new Int32Array(KEPT);
  private readonly times = new Float64Array(KEPT);
  private readonly numbers = new Float64Array(KEPT);
  private readonly sources: readonly Following[];
  private count = 0;

  constructor(sources: number) {
    this.sources = Array.from({ length: sources }, () => ({ last: NONE, came: 0, length: 0, streak: 0, apart: 0, least: Infinity, most: 0, velocities: new Uint8Array(128), varied: 0 }));
  }

  /** A note of ours began or ended; `number` is what it is called when it comes back. */
  told(message: number, number: number, now: Ms): void {
    const at = this.count++ % KEPT;
    this.messages[at] = message;
    this.times[at] = now;
    this.numbers[at] = number;
  }

  /** The number of the note of ours that this is, −1 where it is none or came before. */
  follow(source: number, message: number, time: Ms): number {
    const following = this.sources[source];
    if (!following) return NONE;
    const { last, came } = following;
    const inOrder = last !== NONE && this.messages[(last + 1) % KEPT] === message && this.lagOf(last + 1, time) <= LONGEST;
    const found = inOrder ? last + 1 : this.find(message, time, following);
    if (found === NONE) return NONE;
    if (!inOrder) this.clear(source);
    else if ((this.times[found % KEPT] as number) - (this.times[last % KEPT] as number) <= CLOSE) {
      if (time - came <= CLOSE) following.streak++;
      else following.apart++;
    }
    following.length++;
    following.last = found;
    following.came = time;
    const lag = this.lagOf(found, time);
    following.least = Math.min(following.least, lag);
    following.most = Math.max(following.most, lag);
    if (isOn(message) && following.velocities[message & 127] === 0) {
      following.velocities[message & 127] = 1;
      following.varied++;
    }
    return this.numbers[found % KEPT] as number;
  }

  /** What a source has brought back since something was out of order. */
  of(source: number): Readonly<Following> {
    return this.sources[source] as Following;
  }

  /** Whether what is to come back next is left out. */
  isOverdue(source: number, time: Ms): boolean {
    const { last } = this.of(source);
    return last + 1 < this.count && this.lagOf(last + 1, time) > LONGEST;
  }

  /** The source is followed from the beginning. */
  clear(source: number): void {
    const following = this.sources[source];
    if (!following) return;
    following.last = NONE;
    following.length = 0;
    following.streak = 0;
    following.apart = 0;
    following.least = Infinity;
    following.most = 0;
    following.velocities.fill(0);
    following.varied = 0;
  }

  /** How long ago that was told; Infinity where it was not, or is forgotten. */
  private lagOf(n: number, time: number): number {
    const lag = n < this.count && n > this.count - KEPT ? time - (this.times[n % KEPT] as number) : Infinity;
    return lag < 0 ? Infinity : lag;
  }

  /** The oldest that this may be and that has not come back in this row. */
  private find(message: number, time: number, { last, length }: Following): number {
    let found = NONE;
    for (let n = this.count - 1; n >= 0 && n > this.count - KEPT && time - (this.times[n % KEPT] as number) <= LONGEST; n--) {
      if (this.messages[n % KEPT] === message && (n > last || n <= last - length) && this.lagOf(n, time) <= LONGEST) found = n;
    }
    return found;
  }
}

const isOn = (message: number): boolean => message >> 14 === STATUS.on;
