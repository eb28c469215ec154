import { ms, type Channel, type Ms } from '../core/units.ts';
import { HEARD, type Feedback, type Heard } from '../midi/feedback.ts';
import type { Ledger } from '../midi/ledger.ts';
import type { Planned, Scheduler } from '../midi/scheduler.ts';

/** All outputs of a line are one to its ledger: what is sent goes to each of them. */
export const PORT = 0;

/** The outputs that share an offset: what is planned for them, what sounds there, and what of it comes back in. */
export interface Line {
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
  readonly feedback: Feedback;
}

/**
 * The lines of a stage as one. Each plays the whole plan by itself, in its own time, so that what is taken back never sounds on a line that
 * has not come to it and ends at once on one that has, and each note-on owes its note-off to the line that sent it. Only notes on a
 * schedule have an offset: what passes through, harmony, note-offs of what is taken back and panic go to all lines at once.
 * The first line has no offset: clients, models and the log go by it. Realtime-safe: yes, but for `choose`.
 */
export class Lines {
  readonly first: Line;
  /** Those that play, the first first. */
  playing: readonly Line[];
  private readonly known: ReadonlyMap<number, Line>;
  private readonly sources: number;
  private lost = false;

  /**
   * @param offsets every offset that will be chosen, in milliseconds
   * @param sources how many inputs what was sent may come back into
   */
  constructor(offsets: readonly Ms[], sources: number, lineOf: (offset: Ms) => Line) {
    this.first = lineOf(ms(0));
    this.known = new Map([[0, this.first], ...[...new Set(offsets)].filter((offset) => offset !== 0).map((offset) => [offset, lineOf(offset)] as const)]);
    this.sources = sources;
    this.playing = [this.first];
  }

  /** The lines with these offsets play from now on, beside the first; nothing may sound or be planned. */
  choose(offsets: readonly Ms[]): void {
    const chosen = offsets.filter((offset) => offset !== 0).map((offset) => this.known.get(offset) as Line);
    for (const line of this.playing) {
      if (line === this.first || chosen.includes(line)) continue;
      // What it owes to outputs that are gone: they are told on their return, whatever line they are on by then.
      if (this.lost) line.ledger.portBack(PORT);
      if (this.lost) line.ledger.portLost(PORT);
      for (let source = 0; source < this.sources; source++) line.feedback.forget(source);
    }
    this.playing = [this.first, ...chosen];
  }

  /** Notes that sound, on all lines. */
  sounding(): number {
    let sum = 0;
    for (const { ledger } of this.playing) sum += ledger.sounding();
    return sum;
  }

  strike(owner: number, channel: Channel, pitch: number, velocity: number): void {
    for (const { ledger } of this.playing) ledger.strike(owner, PORT, channel, pitch, velocity, ms(Infinity));
  }

  release(owner: number, speed?: number): void {
    for (const { ledger } of this.playing) ledger.release(owner, speed);
  }

  releaseAll(chosen: (owner: number) => boolean): void {
    for (const { ledger } of this.playing) ledger.releaseAll(chosen);
  }

  control(owner: number, channel: Channel, controller: number, value: number): void {
    for (const { ledger } of this.playing) ledger.control(owner, PORT, channel, controller, value);
  }

  pass(status: number, a: number, b: number): void {
    for (const { ledger } of this.playing) ledger.pass(PORT, status, a, b);
  }

  panic(): void {
    for (const { ledger } of this.playing) ledger.panic();
  }

  outputsLost(): void {
    this.lost = true;
    for (const { ledger } of this.known.values()) ledger.portLost(PORT);
  }

  outputsBack(): void {
    this.lost = false;
    for (const { ledger } of this.known.values()) ledger.portBack(PORT);
  }

  plan(note: Planned): void {
    for (const { scheduler } of this.playing) scheduler.plan(note);
  }

  endAt(id: number, at: Ms, now: Ms): void {
    for (const { scheduler } of this.playing) scheduler.endAt(id, at, now);
  }

  /** Takes a note back wherever it is; whether the first line had it. */
  withdraw(id: number, now: Ms): boolean {
    this.withdrawAside(id, now);
    return this.first.scheduler.withdraw(id, now);
  }

  /** Takes a note back from all lines but the first, which has dropped it. */
  withdrawAside(id: number, now: Ms): void {
    for (const { scheduler } of this.playing) if (scheduler !== this.first.scheduler) scheduler.withdraw(id, now);
  }

  withdrawAll(now: Ms): void {
    for (const { scheduler } of this.playing) scheduler.withdrawWhere(() => true, now);
  }

  advance(now: Ms, lateLimit: Ms): void {
    for (const { scheduler } of this.playing) scheduler.advance(now, lateLimit);
  }

  next(): number {
    let next = Infinity;
    for (const { scheduler } of this.playing) next = Math.min(next, scheduler.next());
    return next;
  }

  /** What a message is that came in: a loop back from any of the lines is one, and each knows what it sent and when. */
  judge(source: number, status: number, a: number, b: number, time: Ms): Heard {
    let heard: Heard = HEARD.own;
    for (const { feedback } of this.playing) {
      const each = feedback.judge(source, status, a, b, time);
      if (each === HEARD.looped) return each;
      if (each === HEARD.doubtful) heard = each;
    }
    return heard;
  }

  forget(source: number): void {
    for (const { feedback } of this.playing) feedback.forget(source);
  }
}
