import { ms, type Channel, type Ms } from '../core/units.ts';
import { Crowd } from './crowd.ts';
import { Order } from './order.ts';
import { APART, clear, leastOf, letGo, LONGEST, mostOf, ORDERED_KIND, runOf, STEADY_KINDS, strike, type Run } from './run.ts';
import { isOff, isOn, messageOf, placeOf } from './same.ts';
import { Withheld } from './withheld.ts';

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

/** Messages sent that are remembered. */
const KEPT = 512;
/** The origin of what was forwarded from no source. */
const OURS = -1;
/** What one that did not come back counts for until then. */
const MISS = 2;
const KEYS = 128;
/** Keys of all channels. */
const LINES = 16 * KEYS;
/** A source nobody plays from. */
const NOBODY = { runs: [], steady: [] } as const;

/** What is known of one source. */
interface Source {
  /** Those at a constant lag, and the one by order. */
  readonly runs: readonly Run[];
  readonly steady: readonly Run[];
  readonly ordered: Run;
  readonly withheld: Withheld;
}

/**
 * Tells our own output that comes back in (a cable, a program that monitors, a client that mirrors) from a player who doubles it: a loop
 * returns everything, with the same pitch and velocity, whatever its channel, at a constant lag or at least in order; hands don't. Each
 * message sent comes back once, so that a player's is heard while a loop is on. A note repeated by a machine, forwarded and repeated at just
 * that lag is a loop to all that can be seen: one is withheld, and a loop then has nothing to return. What none of this tells, its pace does.
 * Realtime-safe: yes.
 */
export class Feedback {
  /** When a player's own key went down last, that was no message of ours. */
  lastOwn = ms(-Infinity);
  private readonly loops: Loops;
  private readonly sources: readonly Source[];
  private readonly messages = new Int32Array(KEPT);
  private readonly times = new Float64Array(KEPT).fill(-Infinity);
  private readonly statuses = new Uint8Array(KEPT);
  private readonly origins = new Int8Array(KEPT);
  /** Sources that a message has come back into, one bit each, by kind of run. */
  private readonly returned = [...STEADY_KINDS, ORDERED_KIND].map(() => new Int32Array(KEPT));
  private readonly order: Order;
  private readonly crowd: Crowd;
  /** Keys that the player holds, and how often keys of ours came back that have not been let go. */
  private readonly own: Uint8Array;
  private readonly away: Uint8Array;
  private count = 0;

  /** @param sources how many there are; at most 31 */
  constructor(sources: number, loops: Loops) {
    this.loops = loops;
    this.own = new Uint8Array(sources * LINES);
    this.away = new Uint8Array(sources * LINES);
    this.order = new Order(sources);
    this.crowd = new Crowd(sources);
    this.sources = Array.from({ length: sources }, () => {
      const steady = STEADY_KINDS.map((kind, n) => runOf(kind, this.returned[n] as Int32Array));
      const ordered = runOf(ORDERED_KIND, this.returned.at(-1) as Int32Array);
      return { runs: [...steady, ordered], steady, ordered, withheld: new Withheld() };
    });
  }

  /** A channel message went out; `origin` is the source it was forwarded from, −1 where it is of our own. */
  sent(status: number, a: number, b: number, now: Ms, origin: number): void {
    const at = this.count++ % KEPT;
    this.messages[at] = messageOf(status, a, b);
    this.times[at] = now;
    this.statuses[at] = status;
    this.origins[at] = origin;
    for (const returned of this.returned) returned[at] = 0;
    if (isOn(status, b)) this.crowd.sent(messageOf(status, a, b), now);
  }

  /**
   * A note of ours began (and was sent just now) or ended, as clients are told: who mirrors what clients are told returns one end for each
   * note, though a key that two of them hold is let go with the second.
   */
  told(status: number, a: number, b: number, now: Ms): void {
    const message = messageOf(status, a, b);
    const last = this.count - 1;
    this.order.told(message, last >= 0 && isOn(status, b) && this.messages[last % KEPT] === message ? last : -1, now);
  }

  /** What a channel message is that came into `source` at `time`; what is looped must be neither heard nor forwarded. */
  judge(source: number, status: number, a: number, b: number, time: Ms): Heard {
    const heard = this.judgeRuns(source, status, a, b, time);
    return heard !== HEARD.looped && isOn(status, b) && this.isOfCrowd(source, messageOf(status, a, b), time) ? HEARD.looped : heard;
  }

  /** Whether a strike is to be left out because more of ours come back than anybody plays. */
  private isOfCrowd(source: number, message: number, time: Ms): boolean {
    const before = this.isCrowd(source);
    const part = this.crowd.judge(source, message, time);
    if (before && !this.isCrowd(source)) this.loops.lost(source);
    if (!before && this.isCrowd(source)) this.loops.found(source, this.crowd.lag(source));
    return part;
  }

  /** What a message is by its lag or its order. */
  private judgeRuns(source: number, status: number, a: number, b: number, time: Ms): Heard {
    const { runs, steady } = this.sources[source] ?? NOBODY;
    for (const run of runs) if (run.evidence > 0) this.judgeMissing(run, source, time);
    const inOrder = this.followOrder(source, status, a, b, time);
    for (const run of runs) if (run.found) return this.judgeKnown(run, source, status, a, b, time);
    let heard = inOrder ? this.judgeOrder(source, placeOf(status, a)) : null;
    if (heard === HEARD.looped) return heard;
    for (const run of steady) {
      const each = isOff(status, b) ? null : this.judgeRun(run, source, status, a, b, time);
      if (each !== null) heard = Math.max(each, heard ?? 0) as Heard;
      if (each === HEARD.looped) break;
    }
    return heard ?? this.playersOwn(source, status, a, b, time);
  }

  /** The source loops: what can be a message of ours that has not come back yet is one. */
  private judgeKnown(run: Run, source: number, status: number, a: number, b: number, time: Ms): Heard {
    const message = messageOf(status, a, b);
    let sent = this.find(run, source, message, time, leastOf(run), mostOf(run));
    // Late, it is ours all the same, though it says nothing for the run.
    const late = sent < 0;
    if (late) sent = this.find(run, source, message, time, leastOf(run), LONGEST);
    if (sent < 0) {
      if (this.withheldOf(source).isPlayedAgain(message, run.least, run.most, time)) this.acquit(source, time);
      return this.playersOwn(source, status, a, b, time);
    }
    const place = placeOf(status, a);
    const away = this.away[source * LINES + place] as number;
    // A strike that came back too late to be told was heard: its end must be heard too. And of a key that the player holds, the first end
    // is the player's: ours is sent after it. Were it another channel's of ours, a note would be cut short; else one would sound on.
    if (isOff(status, b) && (away === 0 || this.own[source * LINES + place] === 1)) return this.playersOwn(source, status, a, b, time);
    this.takeBack(run, source, sent);
    if (isOff(status, b)) this.away[source * LINES + place] = away - 1;
    else if (!late) run.evidence = Math.min(run.kind.enough, run.evidence + 1);
    if (isOn(status, b)) this.goesAway(source, place);
    if (this.origins[sent % KEPT] === source) this.withheldOf(source).add(message, time);
    return HEARD.looped;
  }

  /** Whether a message goes on with a run, or begins one; null where it does not. What ends says little, and is not asked about. */
  private judgeRun(run: Run, source: number, status: number, a: number, b: number, time: Ms): Heard | null {
    const message = messageOf(status, a, b);
    const sent = this.find(run, source, message, time, leastOf(run), mostOf(run));
    if (sent < 0) return null;
    this.takeBack(run, source, sent);
    const again = this.origins[sent % KEPT] === source;
    if (again && time < this.withheldOf(source).trusted) return null;
    this.follow(run, sent, time - (this.times[sent % KEPT] as number));
    if (isOn(status, b)) strike(run, placeOf(status, a));
    if (run.velocities[b] === 0) run.varied++;
    run.velocities[b] = 1;
    const { enough, velocities, chance } = run.kind;
    if (run.evidence < enough || run.varied < velocities) return run.evidence > chance ? HEARD.doubtful : HEARD.own;
    if (again) this.withheldOf(source).add(message, time);
    this.know(run, source);
    return HEARD.looped;
  }

  /** Whether a message is a strike of ours that came back, in order or to begin with, into a source that is not known to return them so. */
  private followOrder(source: number, status: number, a: number, b: number, time: Ms): boolean {
    const run = this.sources[source]?.ordered;
    if (!run || run.found || !(isOn(status, b) || isOff(status, b))) return false;
    const sent = this.order.follow(source, messageOf(status, a, b), time);
    if (this.order.of(source).length === 1) run.lines.fill(0);
    if (sent < 0 || sent <= this.count - KEPT) return false;
    this.takeBack(run, source, sent);
    run.lines[(this.statuses[sent % KEPT] as number) & 0x7f] = 1;
    run.judged = sent + 1;
    return true;
  }

  /** What a strike is that came back in order. */
  private judgeOrder(source: number, key: number): Heard {
    const run = (this.sources[source] as Source).ordered;
    strike(run, key);
    if (!this.isInOrder(source)) return this.order.of(source).streak > run.kind.chance ? HEARD.doubtful : HEARD.own;
    this.measure(run, source);
    this.know(run, source);
    return HEARD.looped;
  }

  /** The run has the lags of what came back in order. */
  private measure(run: Run, source: number): void {
    const { least, most } = this.order.of(source);
    run.least = least;
    run.most = most;
  }

  private isInOrder(source: number): boolean {
    const { streak, apart, varied } = this.order.of(source);
    return streak >= ORDERED_KIND.enough && varied >= ORDERED_KIND.velocities && apart <= APART * streak;
  }

  /** The source loops from now on, as this run does: ends of what it struck are not to be heard, and others are no runs. */
  private know(run: Run, source: number): void {
    run.found = true;
    run.evidence = run.kind.enough;
    this.loops.found(source, ms((run.least + run.most) / 2));
    for (; run.strikes > 0; run.strikes--) this.goesAway(source, run.struck[run.strikes - 1] as number);
    for (const other of (this.sources[source] as Source).runs) if (other !== run) clear(other);
    if (run.kind.ours) this.order.clear(source);
  }

  /** Keys that the loop of a source struck before it was found and has not let go, and that the player does not hold. */
  struck(source: number, visit: (channel: Channel, pitch: number) => void): void {
    for (const { found, struck, strikes } of (this.sources[source] ?? NOBODY).runs) {
      for (let i = 0; i < strikes && found; i++) {
        const place = struck[i] as number;
        if (this.own[source * LINES + place] === 0) visit((Math.floor(place / KEYS) + 1) as Channel, place % KEYS);
      }
    }
  }

  /** Whether more of ours comes back into the source than anybody plays. */
  isCrowd(source: number): boolean {
    return this.crowd.isIn(source);
  }

  /** The source is gone, and with it what was known of it. */
  forget(source: number): void {
    const known = this.sources[source];
    if (!known) return;
    const looped = known.runs.some(({ found }) => found) || this.isCrowd(source);
    this.lose(source);
    this.crowd.clear(source);
    this.order.clear(source);
    this.own.fill(0, source * LINES, (source + 1) * LINES);
    if (looped) this.loops.lost(source);
  }

  private playersOwn(source: number, status: number, a: number, b: number, time: Ms): Heard {
    const place = source * LINES + placeOf(status, a);
    if (isOn(status, b)) {
      this.own[place] = 1;
      this.lastOwn = time;
    } else if (isOff(status, b)) {
      this.own[place] = 0;
      for (const run of (this.sources[source] ?? NOBODY).runs) letGo(run, placeOf(status, a));
    }
    return HEARD.own;
  }

  /** A key is down that nobody holds: its end is not to be heard. */
  private goesAway(source: number, key: number): void {
    const place = source * LINES + key;
    this.away[place] = Math.min(255, (this.away[place] as number) + 1);
  }

  /** The number of the oldest message that this may be, come back within these lags; −1 for none. */
  private find({ kind, returned }: Run, source: number, message: number, time: number, least: number, most: number): number {
    let found = -1;
    for (let n = this.count - 1; n >= 0 && n > this.count - KEPT; n--) {
      const lag = time - (this.times[n % KEPT] as number);
      if (lag > most) break;
      const fits = lag >= least && this.messages[n % KEPT] === message && ((returned[n % KEPT] as number) & (1 << source)) === 0;
      if (fits && !(kind.ours && this.origins[n % KEPT] !== OURS)) found = n;
    }
    return found;
  }

  private takeBack({ returned }: Run, source: number, sent: number): void {
    returned[sent % KEPT] = (returned[sent % KEPT] as number) | (1 << source);
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
      const missed = run.lines[(this.statuses[at] as number) & 0x7f] === 1 && ((run.returned[at] as number) & (1 << source)) === 0;
      if (!missed || (run.kind.ours && this.origins[at] !== OURS)) continue;
      run.evidence -= run.found ? 1 : MISS;
      if (run.evidence > 0) continue;
      if (!run.found) clear(run);
      else if (!this.goesOnInOrder(run, source, time)) {
        this.lose(source);
        this.loops.lost(source);
      }
      return;
    }
  }

  /** Whether what is lost at its lag comes back in order all the same, and is known by that from now on. */
  private goesOnInOrder(run: Run, source: number, time: Ms): boolean {
    const { ordered } = this.sources[source] as Source;
    if (run === ordered || !this.isInOrder(source) || this.order.isOverdue(source, time)) return false;
    clear(run);
    this.measure(ordered, source);
    ordered.found = true;
    ordered.evidence = ordered.kind.enough;
    this.order.clear(source);
    return true;
  }

  /** The source no longer loops. */
  private lose(source: number): void {
    for (const run of (this.sources[source] ?? NOBODY).runs) clear(run);
    this.away.fill(0, source * LINES, (source + 1) * LINES);
  }

  private withheldOf(source: number): Withheld {
    return (this.sources[source] as Source).withheld;
  }

  private acquit(source: number, time: Ms): void {
    this.lose(source);
    this.withheldOf(source).acquit(time);
    this.loops.lost(source);
  }
}
