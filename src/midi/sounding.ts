import { pitch as pitchOf, type Channel, type Pitch } from '../core/units.ts';
import { PEDALS } from '../music/note.ts';
import { MODE, STATUS } from './message.ts';

/** One note as clients of OSC know it: by id. */
export interface ClientNote {
  readonly id: number;
  readonly role: number;
  readonly pitch: Pitch;
  readonly channel: Channel;
}

/** Takes one channel message; must not throw. */
export type SendMessage = (status: number, a: number, b: number) => void;

const CHANNELS = 16;
const KEYS = 128;
const CONTROLLERS: readonly number[] = Object.values(PEDALS);
/** As many note-offs as the ledgers of ports with different offsets owe one key at most, each eight. */
const STACK = 128;
/** Release velocity where none was played (MIDI 1.0). */
const RELEASE = 64;
/** A pitch wheel at rest: 64 in its upper seven bits. */
const REST = 64;

/**
 * What sounds at the destinations, as far as the messages sent there tell; and what would end it. The stage keeps one and its guard
 * another, told the same. Realtime-safe: yes, but for a map entry a client's note.
 */
export class Sounding {
  private readonly owed = new Uint8Array(CHANNELS * KEYS);
  private readonly pedals = new Uint8Array(CHANNELS * CONTROLLERS.length);
  private readonly bends = new Uint8Array(CHANNELS * 2);
  private readonly used = new Uint8Array(CHANNELS);
  private readonly notes = new Map<number, ClientNote>();

  constructor() {
    this.clear();
  }

  /** Keys that sound, or clients' notes where those are more. */
  get size(): number {
    let keys = 0;
    for (const owed of this.owed) if (owed > 0) keys++;
    return Math.max(keys, this.notes.size);
  }

  /** A message was sent. */
  sent(status: number, a: number, b: number): void {
    if (status >= 0xf0) return;
    const line = status & 0x0f;
    const kind = status & 0xf0;
    const key = line * KEYS + a;
    this.used[line] = 1;
    if (kind === STATUS.on && b > 0) this.owed[key] = Math.min(STACK, (this.owed[key] as number) + 1);
    else if (kind === STATUS.on || kind === STATUS.off) this.owed[key] = Math.max(0, (this.owed[key] as number) - 1);
    else if (kind === STATUS.bend) {
      this.bends[line * 2] = a;
      this.bends[line * 2 + 1] = b;
    } else if (kind === STATUS.control) {
      const pedal = CONTROLLERS.indexOf(a);
      if (pedal >= 0) this.pedals[line * CONTROLLERS.length + pedal] = b;
    }
  }

  /** Clients were told that a note began. */
  began(id: number, role: number, pitch: number, channel: number): void {
    this.notes.set(id, { id, role, pitch: pitchOf(pitch), channel: channel as Channel });
  }

  ended(id: number): void {
    this.notes.delete(id);
  }

  /** The messages that led to what sounds, for one who has missed them. */
  messages(send: SendMessage): void {
    for (let key = 0; key < this.owed.length; key++) {
      for (let owed = this.owed[key] as number; owed > 0; owed--) send(STATUS.on | Math.floor(key / KEYS), key % KEYS, RELEASE);
    }
    for (let line = 0; line < CHANNELS; line++) {
      CONTROLLERS.forEach((controller, i) => {
        const depth = this.pedals[line * CONTROLLERS.length + i] as number;
        if (depth > 0) send(STATUS.control | line, controller, depth);
      });
      if (this.isBent(line)) send(STATUS.bend | line, this.bends[line * 2] as number, this.bends[line * 2 + 1] as number);
    }
  }

  /** Clients' notes that sound. */
  clients(visit: (note: ClientNote) => void): void {
    for (const note of this.notes.values()) visit(note);
  }

  /**
   * Sends what ends everything: an off for every on, then on each channel that was played pedals up, the wheel at rest and "all notes
   * off"; and forgets it.
   */
  end(send: SendMessage): void {
    for (let key = 0; key < this.owed.length; key++) {
      for (let owed = this.owed[key] as number; owed > 0; owed--) send(STATUS.off | Math.floor(key / KEYS), key % KEYS, RELEASE);
    }
    for (let line = 0; line < CHANNELS; line++) {
      if (this.used[line] === 0) continue;
      for (const controller of CONTROLLERS) send(STATUS.control | line, controller, 0);
      if (this.isBent(line)) send(STATUS.bend | line, 0, REST);
      send(STATUS.control | line, MODE.allNotesOff, 0);
    }
    this.clear();
  }

  clear(): void {
    this.owed.fill(0);
    this.pedals.fill(0);
    this.used.fill(0);
    this.notes.clear();
    for (let line = 0; line < CHANNELS; line++) this.bends.set([0, REST], line * 2);
  }

  private isBent(line: number): boolean {
    return this.bends[line * 2] !== 0 || this.bends[line * 2 + 1] !== REST;
  }
}
