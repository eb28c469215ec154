import { ms, type Ms } from '../core/units.ts';
import { ATOMIC, GUARD_RECORD, TO_GUARD, writeGuardRecord } from './guard-record.ts';
import { Sounding } from './sounding.ts';

/** Writes bytes whole or not at all, and never blocks: `full` for later, `gone` when nobody reads any more. */
export type WriteWhole = (bytes: Uint8Array) => 'done' | 'full' | 'gone';

/** Milliseconds between two signs of life. */
const BEAT_EVERY = 200;

/**
 * The stage's end of the pipe to its guard. What is about to sound is told before it is sent, so that there is no moment in which the guard
 * knows less than the synth. A full pipe costs nothing but the record: all that sounds is told again later. Realtime-safe: yes.
 */
export class GuardFeed {
  /** Times the pipe was full. */
  full = 0;
  private readonly sounding = new Sounding();
  private readonly bytes = new Uint8Array(ATOMIC * GUARD_RECORD);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly one = this.bytes.subarray(0, GUARD_RECORD);
  private readonly write: WriteWhole;
  private attached = false;
  /** Whether the guard has missed something. */
  private behind = false;
  private beaten = ms(-Infinity);

  constructor(write: WriteWhole) {
    this.write = write;
  }

  /** There is a guard that knows nothing yet, or none. */
  attach(attached: boolean, now: Ms): void {
    this.attached = attached;
    this.behind = true;
    this.beaten = ms(-Infinity);
    this.beat(now);
  }

  /** A message is about to be sent. */
  sends(status: number, a: number, b: number): void {
    if (status >= 0xf0) return;
    this.sounding.sent(status, a, b);
    this.tell(status, a, b);
  }

  /** Clients are about to be told that a note begins. */
  begins(id: number, role: number, pitch: number, channel: number): void {
    this.sounding.began(id, role, pitch, channel);
    this.tell(TO_GUARD.began, role, pitch, channel, id);
  }

  ends(id: number): void {
    this.sounding.ended(id);
    this.tell(TO_GUARD.ended, 0, 0, 0, id);
  }

  /** A sign of life, if it is time for one; and what could not be told before. */
  beat(now: Ms): void {
    if (!this.attached || now - this.beaten < BEAT_EVERY) return;
    this.beaten = now;
    if (this.behind) this.behind = !this.tellAll();
    else this.tell(TO_GUARD.beat);
  }

  /** Goes the way of a message, with nothing to say but that we live. */
  warm(): void {
    this.tell(TO_GUARD.beat);
  }

  /** Everything has been ended: the guard may go. */
  bye(): void {
    this.tell(TO_GUARD.bye);
  }

  private tell(code: number, a = 0, b = 0, c = 0, id = 0): void {
    if (!this.attached || this.behind) return;
    writeGuardRecord(this.view, 0, code, a, b, c, id);
    this.behind = !this.put(this.one);
  }

  /** All that sounds, in as few writes as a pipe takes whole. */
  private tellAll(): boolean {
    let at = 0;
    let whole = true;
    const add = (code: number, a = 0, b = 0, c = 0, id = 0): void => {
      writeGuardRecord(this.view, at++, code, a, b, c, id);
      if (at < ATOMIC) return;
      whole &&= this.put(this.bytes);
      at = 0;
    };
    add(TO_GUARD.afresh);
    this.sounding.messages(add);
    this.sounding.clients(({ id, role, pitch, channel }) => add(TO_GUARD.began, role, pitch, channel, id));
    add(TO_GUARD.beat);
    return whole && (at === 0 || this.put(this.bytes.subarray(0, at * GUARD_RECORD)));
  }

  private put(bytes: Uint8Array): boolean {
    const written = this.write(bytes);
    if (written === 'full') this.full++;
    if (written === 'gone') this.attached = false;
    return written === 'done';
  }
}
