import { channel, pitch, velocity, type Channel, type Ms } from '../core/units.ts';
import type { Played } from '../music/note.ts';

/** Status bytes of the channel messages on channel 1 (MIDI 1.0, table 1). */
export const STATUS = { off: 0x80, on: 0x90, keyPressure: 0xa0, control: 0xb0, program: 0xc0, pressure: 0xd0, bend: 0xe0 } as const;

/** System real-time bytes; they may stand inside any other message (MIDI 1.0, table 5). */
export const REALTIME = { clock: 0xf8, start: 0xfa, continue: 0xfb, stop: 0xfc, sensing: 0xfe, reset: 0xff } as const;

/** Channel mode messages, as controller numbers (MIDI 1.0, table 3). */
export const MODE = { allSoundOff: 120, allNotesOff: 123 } as const;

const DATA = 0;
const CHANNEL = 1;
const COMMON = 2;
const SYSEX = 3;
const TIMING = 4;
const SENSING = 5;
const RESET = 6;
const UNDEFINED = 7;

/** What each byte is, and how long a whole message that starts with it is; 0 where none can. */
const BYTES: readonly { readonly from: number; readonly to: number; readonly kind: number; readonly length: number }[] = [
  { from: 0x00, to: 0x7f, kind: DATA, length: 0 },
  { from: 0x80, to: 0xbf, kind: CHANNEL, length: 3 },
  { from: 0xc0, to: 0xdf, kind: CHANNEL, length: 2 },
  { from: 0xe0, to: 0xef, kind: CHANNEL, length: 3 },
  { from: 0xf0, to: 0xf0, kind: SYSEX, length: 0 },
  { from: 0xf1, to: 0xf1, kind: COMMON, length: 2 },
  { from: 0xf2, to: 0xf2, kind: COMMON, length: 3 },
  { from: 0xf3, to: 0xf3, kind: COMMON, length: 2 },
  { from: 0xf4, to: 0xf5, kind: COMMON, length: 0 },
  { from: 0xf6, to: 0xf6, kind: COMMON, length: 1 },
  { from: 0xf7, to: 0xf7, kind: COMMON, length: 0 },
  { from: 0xf8, to: 0xf8, kind: TIMING, length: 1 },
  { from: 0xf9, to: 0xf9, kind: UNDEFINED, length: 0 },
  { from: 0xfa, to: 0xfc, kind: TIMING, length: 1 },
  { from: 0xfd, to: 0xfd, kind: UNDEFINED, length: 0 },
  { from: 0xfe, to: 0xfe, kind: SENSING, length: 1 },
  { from: 0xff, to: 0xff, kind: RESET, length: 1 },
];

const KIND = new Uint8Array(256);
const LENGTH = new Uint8Array(256);
for (const row of BYTES) {
  KIND.fill(row.kind, row.from, row.to + 1);
  LENGTH.fill(row.length, row.from, row.to + 1);
}

/** Bytes in a whole message that starts with `status`, 1 to 3; 0 for data, system exclusive and what is undefined. Realtime-safe: yes. */
export const lengthOf = (status: number): number => LENGTH[status] ?? 0;

/** Whether the three numbers are a message a port may send. Realtime-safe: yes. */
export const isMessage = (status: number, a: number, b: number): boolean => lengthOf(status) > 0 && (a & 0x7f) === a && (b & 0x7f) === b;

/**
 * Turns a byte stream, cut anywhere, into channel messages and real-time bytes (MIDI 1.0, running status
 * included). A program change or a channel pressure has `b` 0. Realtime-safe: yes.
 */
export class MessageParser {
  /** Data bytes that belong to no message. */
  strays = 0;
  /** Messages cut short by the next status byte. */
  unfinished = 0;
  sensing = 0;
  resets = 0;
  /** The undefined bytes F9 and FD. */
  unknown = 0;
  private readonly message: (status: number, a: number, b: number) => void;
  private readonly timing: (status: number) => void;
  private status = 0;
  private first = 0;
  private have = 0;
  private begun = false;
  private sysex = false;

  /**
   * @param message a whole channel message
   * @param timing clock, start, continue or stop
   */
  constructor(message: (status: number, a: number, b: number) => void, timing: (status: number) => void = () => {}) {
    this.message = message;
    this.timing = timing;
  }

  write(bytes: ArrayLike<number>): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = (bytes[i] as number) & 0xff;
      switch (KIND[byte]) {
        case DATA: this.data(byte); break;
        case TIMING: this.timing(byte); break;
        case SENSING: this.sensing++; break;
        case RESET: this.resets++; break;
        case UNDEFINED: this.unknown++; break;
        default: this.begin(byte);
      }
    }
  }

  private begin(byte: number): void {
    if (this.begun) this.unfinished++;
    this.sysex = KIND[byte] === SYSEX;
    this.begun = lengthOf(byte) > 1;
    this.status = this.begun ? byte : 0;
    this.have = 0;
  }

  private data(byte: number): void {
    if (this.sysex) return;
    const { status } = this;
    if (status === 0) {
      this.strays++;
      return;
    }
    this.begun = true;
    const needed = lengthOf(status) - 1;
    if (++this.have < needed) {
      this.first = byte;
      return;
    }
    this.have = 0;
    this.begun = false;
    if (KIND[status] === COMMON) this.status = 0;
    else if (needed === 1) this.message(status, byte, 0);
    else this.message(status, this.first, byte);
  }
}

/** The channel of a channel message, as musicians count. */
export const channelOf = (status: number): Channel => channel((status & 0x0f) + 1);

/** What the session hears of a channel message: notes (velocity 0 is an off) and controls; null for the rest. */
export const toPlayed = (status: number, a: number, b: number, time: Ms): Played | null => {
  switch (status & 0xf0) {
    case STATUS.on:
      return b > 0
        ? { kind: 'on', time, channel: channelOf(status), pitch: pitch(a), velocity: velocity(b) }
        : { kind: 'off', time, channel: channelOf(status), pitch: pitch(a) };
    case STATUS.off:
      return { kind: 'off', time, channel: channelOf(status), pitch: pitch(a) };
    case STATUS.control:
      return { kind: 'control', time, channel: channelOf(status), controller: a, value: b };
    default:
      return null;
  }
};

/** The status byte of `kind` (a value of `STATUS`) on channel 1 to 16. Realtime-safe: yes. */
export const statusOn = (kind: number, on: Channel): number => kind | (on - 1);

/** The bytes of a channel message. */
export type Bytes = readonly [status: number, a: number, b: number];
export const noteOn = (on: Channel, key: number, strength: number): Bytes => [statusOn(STATUS.on, on), key, strength];
/** A note-off with release velocity 64, the default of MIDI 1.0. */
export const noteOff = (on: Channel, key: number): Bytes => [statusOn(STATUS.off, on), key, 64];
export const control = (on: Channel, controller: number, value: number): Bytes => [statusOn(STATUS.control, on), controller, value];
