import { ms, type Ms } from '../core/units.ts';
import { guardRecords, TO_GUARD } from './guard-record.ts';
import { Sounding, type ClientNote, type SendMessage } from './sounding.ts';

export interface GuardOut {
  readonly send: SendMessage;
  /** Clients are to be told that this note has ended. */
  readonly ended: (note: ClientNote) => void;
}

/** Why the guard ended what sounded: the stage is gone, or has been silent for too long. */
export type Cause = 'gone' | 'hung';

/**
 * What the guard does, as one machine: bytes from the stage in, the messages that end everything out, once, when the stage is gone without
 * a word or gives no sign of life. Pure: time is a number.
 */
export class Guard {
  private readonly out: GuardOut;
  private readonly hang: number;
  private readonly read: (bytes: Uint8Array) => void;
  private sounding = new Sounding();
  /** What sounded before the stage began to tell it afresh, until it has. */
  private before: Sounding | null = null;
  private heard = ms(Infinity);
  private checked = ms(Infinity);
  private dismissed = false;

  /** @param hang milliseconds without a sign of life after which the stage counts as hung; a few times longer than between two beats */
  constructor(out: GuardOut, hang: number) {
    this.out = out;
    this.hang = hang;
    this.read = guardRecords((code, a, b, c, id) => this.take(code, a, b, c, id));
  }

  /** Milliseconds between two calls of `check`. */
  get every(): number {
    return this.hang / 8;
  }

  /** Whether the stage gave a sign of life not long ago. */
  isFed(now: Ms): boolean {
    return this.heard !== Infinity && now - this.heard < this.hang / 2;
  }

  /** Bytes came, in any pieces. */
  hear(bytes: Uint8Array, now: Ms): void {
    this.read(bytes);
    this.heard = now;
    if (this.checked === Infinity) this.checked = now;
  }

  /** To be called every now and then: the number of notes ended because the stage hangs, or null where it does not. */
  check(now: Ms): number | null {
    if (this.checked === Infinity) return null;
    const late = now - this.checked;
    this.checked = now;
    // Held up ourselves (a machine put to sleep, a debugger): what the stage has said meanwhile is yet to be read.
    if (late > this.every * 3) this.heard = ms(Math.max(this.heard, now));
    if (this.dismissed || !(now - this.heard >= this.hang)) return null;
    this.heard = ms(Infinity);
    return this.endAll();
  }

  /** The pipe has ended: the number of notes ended, or null where the stage had ended them itself, or never played. */
  lost(): number | null {
    this.heard = ms(Infinity);
    return this.dismissed || this.checked === Infinity ? null : this.endAll();
  }

  private take(code: number, a: number, b: number, c: number, id: number): void {
    if (code >= 0x80) this.sounding.sent(code, a, b);
    else if (code === TO_GUARD.began) this.sounding.began(id, a, b, c);
    else if (code === TO_GUARD.ended) this.sounding.ended(id);
    else if (code === TO_GUARD.beat) this.before = null;
    else if (code === TO_GUARD.bye) this.dismissed = true;
    else if (code === TO_GUARD.afresh) {
      this.before ??= this.sounding;
      this.sounding = new Sounding();
    }
  }

  private endAll(): number {
    let ended = 0;
    // Both, where the stage fell silent in the middle: an off too many is heard by nobody.
    for (const each of [this.before, this.sounding]) {
      if (!each) continue;
      ended = Math.max(ended, each.size);
      each.clients((note) => this.out.ended(note));
      each.end((status, a, b) => this.out.send(status, a, b));
    }
    this.before = null;
    return ended;
  }
}
