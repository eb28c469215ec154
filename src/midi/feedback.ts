import { ms, type Channel, type Ms } from '../core/units.ts';
import { channelOf, STATUS } from './message.ts';

/** What a message that came in is: the player's; the player's as far as can be told, but the third or later of what may be a loop; our own. */
export const HEARD = { own: 0, doubtful: 1, looped: 2 } as const;
export type Heard = (typeof HEARD)[keyof typeof HEARD];

/** Told of loops; must not throw. */
export interface Loops {
  /** What we send comes back into `source`, `lag` milliseconds later. */
  found(source: number, lag: Ms): void;
  /** It no longer does, or never did. */
  lost(source: number): void;
}

/** Messages sent that are remembered, and for how long: no loop of cables and programs takes longer. */
const KEPT = 512;
const LONGEST = 150;
/** Messages that came back at one lag, in a row, before it is believed. A hand that doubles us with 10 ms of spread hits a window of 3 ms one time in eight. */
const ENOUGH = 8;
const SPREAD = 3;
/** So many may come at one lag by chance. */
const CHANCE = 2;
/** What one that did not come back counts for until then. */
const MISS = 2;
/** A loop that is known may be so much quicker or slower than it was, where the machine is busy. */
const QUICKER = 2;
const SLOWER = 8;
/** Messages of ours that were not forwarded again, by which a player is told who plays as steadily as a loop. */
const WITHHELD = 16;
/** Such a player is not suspected again for so long at first; each time twice as long. */
const TRUST = 3000;
const LONGEST_TRUST = 600_000;
const KEYS = 128;
const CHANNELS = 16;
/** As many notes as a run can have struck that was not found yet. */
const STRUCK = 32;

/** What is known of one source. */
interface Run {
  evidence: number;
  found: boolean;
  /** The least and the most lag of the run's messages. */
  least: number;
  most: number;
  /** Messages sent before this one have been looked at for not coming back. */
  judged: number;
  /** Statuses of which one came back: a loop may leave the others out. */
  readonly lines: Uint8Array;
  /** Keys that the run struck before it was found. */
  readonly struck: Int32Array;
  strikes: number;
  readonly withheld: Int32Array;
  readonly withheldAt: Float64Array;
  withholdings: number;
  /** Until when messages of this source's own that come again are believed to be played again. */
  trusted: number;
  trust: number;
}

/**
 * Tells our own output that comes back in (a cable, a program that monitors) from a player who doubles it: a loop returns everything,
 * with the same pitch and velocity, whatever its channel, at a constant lag; hands don't. Each message sent comes back once, so that a
 * player's is heard while a loop is on. A note repeated by a machine, forwarded and repeated at just that lag is a loop to all that can
 * be seen: one is withheld, and a loop then has nothing to return. Realtime-safe: yes.
 */
export class Feedback {
  /** When a player's own key went down last, that was no message of ours. */
  lastOwn = ms(-Infinity);
  private readonly loops: Loops;
  private readonly runs: readonly Run[];
  private readonly messages = new Int32Array(KEPT);
  private readonly times = new Float64Array(KEPT).fill(-Infinity);
  private readonly statuses = new Uint8Array(KEPT);
  private readonly origins = new Int8Array(KEPT);
  /** Sources that a message has come back into, one bit each. */
  private readonly returned = new Int32Array(KEPT);
  /** Keys that the player holds, and how often keys of ours came back that have not been let go. */
  private readonly own: Uint8Array;
  private readonly away: Uint8Array;
  private count = 0;

  /** @param sources how many there are; at most 31 */
  constructor(sources: number, loops: Loops) {
    this.loops = loops;
    this.own = new Uint8Array(sources * CHANNELS * KEYS);
    this.away = new Uint8Array(sources * CHANNELS * KEYS);
    this.runs = Array.from({ length: sources }, () => ({
      evidence: 0,
      found: false,
      least: 0,
      most: 0,
      judged: 0,
      lines: new Uint8Array(128),
      struck: new Int32Array(STRUCK),
      strikes: 0,
      withheld: new Int32Array(WITHHELD),
      withheldAt: new Float64Array(WITHHELD).fill(-Infinity),
      withholdings: 0,
      trusted: -Infinity,
      trust: TRUST,
    }));
  }

  /** A channel message went out; `origin` is the source it was forwarded from, −1 where it is of our own. */
  sent(status: number, a: number, b: number, now: Ms, origin: number): void {
    const at = this.count++ % KEPT;
    this.messages[at] = messageOf(status, a, b);
    this.times[at] = now;
    this.statuses[at] = status;
    this.origins[at] = origin;
    this.returned[at] = 0;
  }

  /** What a channel message is that came into `source` at `time`; what is looped must be neither heard nor forwarded. */
  judge(source: number, status: number, a: number, b: number, time: Ms): Heard {
    const run = this.runs[source];
    if (!run) return HEARD.own;
    if (run.evidence > 0) this.judgeMissing(run, source, time);
    const message = messageOf(status, a, b);
    let sent = this.find(source, message, time, leastOf(run), mostOf(run));
    // Known to loop, and late: ours all the same, though it says nothing for the run.
    const late = sent < 0 && run.found;
    if (late) sent = this.find(source, message, time, leastOf(run), LONGEST);
    if (sent < 0) {
      if (run.found && this.isPlayedAgain(run, message, time)) this.acquit(run, source, time);
      return this.playersOwn(source, status, a, b, time);
    }
    const at = sent % KEPT;
    const place = source * CHANNELS * KEYS + placeOf(status, a);
    // A strike that came back too late to be told was heard: its end must be heard too.
    if (isOff(status, b) && this.away[place] === 0) return this.playersOwn(source, status, a, b, time);
    this.returned[at] = (this.returned[at] as number) | (1 << source);
    const lag = time - (this.times[at] as number);
    const again = this.origins[at] === source;
    if (run.found) {
      if (isOff(status, b)) this.away[place] = (this.away[place] as number) - 1;
      else if (!late) run.evidence = Math.min(ENOUGH, run.evidence + 1);
      if (isOn(status, b)) this.goesAway(source, placeOf(status, a));
      if (again) withhold(run, message, time);
      return HEARD.looped;
    }
    if (again && time < run.trusted) return this.playersOwn(source, status, a, b, time);
    this.follow(run, sent, lag);
    if (isOn(status, b) && run.strikes < STRUCK) run.struck[run.strikes++] = placeOf(status, a);
    if (run.evidence < ENOUGH) return run.evidence > CHANCE ? HEARD.doubtful : HEARD.own;
    run.found = true;
    if (again) withhold(run, message, time);
    this.loops.found(source, ms((run.least + run.most) / 2));
    for (; run.strikes > 0; run.strikes--) this.goesAway(source, run.struck[run.strikes - 1] as number);
    return HEARD.looped;
  }

  /** Keys that the loop of a source struck before it was found and has not let go, and that the player does not hold. */
  struck(source: number, visit: (channel: Channel, pitch: number) => void): void {
    const run = this.runs[source] as Run;
    for (let i = 0; i < run.strikes; i++) {
      const place = run.struck[i] as number;
      if (this.own[source * CHANNELS * KEYS + place] === 0) visit((Math.floor(place / KEYS) + 1) as Channel, place % KEYS);
    }
  }

  /** The source is gone, and with it what was known of it. */
  forget(source: number): void {
    const run = this.runs[source];
    if (!run) return;
    this.clear(run, source);
    this.own.fill(0, source * CHANNELS * KEYS, (source + 1) * CHANNELS * KEYS);
  }

  private playersOwn(source: number, status: number, a: number, b: number, time: Ms): Heard {
    const place = source * CHANNELS * KEYS + placeOf(status, a);
    if (isOn(status, b)) {
      this.own[place] = 1;
      this.lastOwn = time;
    } else if (isOff(status, b)) {
      this.own[place] = 0;
      const run = this.runs[source] as Run;
      const at = run.struck.lastIndexOf(placeOf(status, a), run.strikes - 1);
      if (run.strikes > 0 && at >= 0) run.struck[at] = run.struck[--run.strikes] as number;
    }
    return HEARD.own;
  }

  /** A key is down that nobody holds: its end is not to be heard. */
  private goesAway(source: number, key: number): void {
    const place = source * CHANNELS * KEYS + key;
    this.away[place] = Math.min(255, (this.away[place] as number) + 1);
  }

  /** The number of the oldest message that this may be, come back within these lags; −1 for none. */
  private find(source: number, message: number, time: number, least: number, most: number): number {
    let found = -1;
    for (let n = this.count - 1; n >= 0 && n > this.count - KEPT; n--) {
      const lag = time - (this.times[n % KEPT] as number);
      if (lag > most) break;
      const fits = lag >= least && this.messages[n % KEPT] === message && ((this.returned[n % KEPT] as number) & (1 << source)) === 0;
      if (fits) found = n;
    }
    return found;
  }

  /** One more message came back; the first says at what lag others are to. */
  private follow(run: Run, sent: number, lag: number): void {
    if (run.evidence === 0) {
      run.least = lag;
      run.most = lag;
      run.judged = sent + 1;
    }
    run.evidence++;
    run.least = Math.min(run.least, lag);
    run.most = Math.max(run.most, lag);
    run.lines[(this.statuses[sent % KEPT] as number) & 0x7f] = 1;
  }

  /** What should have come back by now and has not speaks against the run. */
  private judgeMissing(run: Run, source: number, time: Ms): void {
    const first = Math.max(run.judged, this.count - KEPT + 1);
    for (run.judged = first; run.judged < this.count; run.judged++) {
      const at = run.judged % KEPT;
      if ((this.times[at] as number) + mostOf(run) >= time) return;
      const missed = run.lines[(this.statuses[at] as number) & 0x7f] === 1 && ((this.returned[at] as number) & (1 << source)) === 0;
      if (!missed) continue;
      run.evidence -= run.found ? 1 : MISS;
      if (run.evidence > 0) continue;
      const { found } = run;
      this.clear(run, source);
      if (found) this.loops.lost(source);
      return;
    }
  }

  /** Whether a message comes at the run's lag after one that was withheld, and so was never sent. */
  private isPlayedAgain({ withheld, withheldAt, least, most }: Run, message: number, time: number): boolean {
    for (let i = 0; i < WITHHELD; i++) {
      const after = time - (withheldAt[i] as number);
      if (withheld[i] === message && after >= least - QUICKER && after <= most + QUICKER) return true;
    }
    return false;
  }

  private clear(run: Run, source: number): void {
    run.evidence = 0;
    run.found = false;
    run.strikes = 0;
    run.lines.fill(0);
    run.withheldAt.fill(-Infinity);
    this.away.fill(0, source * CHANNELS * KEYS, (source + 1) * CHANNELS * KEYS);
  }

  private acquit(run: Run, source: number, time: Ms): void {
    this.clear(run, source);
    run.trusted = time + run.trust;
    run.trust = Math.min(LONGEST_TRUST, run.trust * 2);
    this.loops.lost(source);
  }
}

const leastOf = ({ evidence, found, least, most }: Run): number => (evidence === 0 ? 0 : Math.max(0, found ? least - QUICKER : most - SPREAD));
const mostOf = ({ evidence, found, least, most }: Run): number => (evidence === 0 ? LONGEST : found ? most + SLOWER : least + SPREAD);

const withhold = (run: Run, message: number, time: number): void => {
  const at = run.withholdings++ % WITHHELD;
  run.withheld[at] = message;
  run.withheldAt[at] = time;
};

const isOn = (status: number, b: number): boolean => (status & 0xf0) === STATUS.on && b > 0;
const isOff = (status: number, b: number): boolean => (status & 0xf0) === STATUS.off || ((status & 0xf0) === STATUS.on && b === 0);
const placeOf = (status: number, a: number): number => (channelOf(status) - 1) * KEYS + a;
/** A message without its channel; a key's release without its speed, which is lost on the way as often as not. */
const messageOf = (status: number, a: number, b: number): number => (isOff(status, b) ? (STATUS.off << 14) | (a << 7) : ((status & 0xf0) << 14) | (a << 7) | b);
