import { Heap } from '../core/heap.ts';
import { ms, type Channel, type Ms } from '../core/units.ts';
import { isMessage, MODE, STATUS, statusOn } from './message.ts';
import { Pedals } from './pedals.ts';
import { PORTS } from './ports.ts';

/** Where the ledger's messages go; must not throw. */
export type Send = (port: number, status: number, a: number, b: number) => void;

/** One note that sounds, for one owner. */
export type Visit = (owner: number, port: number, channel: Channel, pitch: number, velocity: number, until: Ms) => void;

const KEYS = 128;
const CHANNELS = 16;
const NONE = -1;
/** Note-ons one key may be owed offs for; a synth that counts them needs one each, and the end of a note must stay bounded work. */
const STACK = 8;
/** Release velocity where none was played (MIDI 1.0). */
const RELEASE = 64;

const anyone = (): boolean => true;

/**
 * What sounds, and who it sounds for. A key of a port and channel has a list of owners (note ids): striking it again
 * while it sounds re-sends the note-on, and it ends, with an off for every on, when the last owner releases it.
 * Every strike carries the time of its end. Realtime-safe: yes; a strike costs a map entry and a heap entry.
 */
export class Ledger {
  /** Notes ended before their time because the ledger was full. */
  stolen = 0;
  /** Notes and controls refused because they are not MIDI. */
  refused = 0;
  readonly capacity: number;
  private readonly send: Send;
  private readonly listeners: ((owner: number) => void)[] = [];
  private readonly slots = new Map<number, number>();
  private readonly free: Int32Array;
  private readonly owner: Float64Array;
  private readonly key: Int32Array;
  private readonly velocity: Uint8Array;
  private readonly until: Float64Array;
  /** Order of striking; 0 marks a free slot. */
  private readonly born: Float64Array;
  /** Which entry of `ends` is this slot's: the others of the slot are stale. */
  private readonly serial: Float64Array;
  /** The next owner of the same key. */
  private readonly following: Int32Array;
  private readonly ends: Heap<number>;
  private readonly heads = new Int32Array(PORTS * CHANNELS * KEYS).fill(NONE);
  /** Note-ons sent and not yet paid with an off, by key. */
  private readonly owed = new Uint8Array(PORTS * CHANNELS * KEYS);
  private readonly used: Uint8Array;
  private readonly lost = new Uint8Array(PORTS);
  private readonly pedals: Pedals;
  private freed: number;
  private strikes = 0;
  private serials = 0;

  /** @param used which channels of which ports were played on: ledgers that share it panic on each other's */
  constructor(send: Send, capacity = 1024, used: Uint8Array = usedLines()) {
    this.send = send;
    this.used = used;
    this.capacity = capacity;
    this.free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.freed = capacity;
    this.owner = new Float64Array(capacity);
    this.key = new Int32Array(capacity);
    this.velocity = new Uint8Array(capacity);
    this.until = new Float64Array(capacity);
    this.born = new Float64Array(capacity);
    this.serial = new Float64Array(capacity);
    this.following = new Int32Array(capacity);
    this.ends = new Heap(capacity * 4);
    this.pedals = new Pedals(PORTS, (port, channel, controller, value) => this.out(port, statusOn(STATUS.control, channel), controller, value));
  }

  /** Calls back for each note that ends, whatever ended it; the listener must not strike. */
  onEnd(listener: (owner: number) => void): void {
    this.listeners.push(listener);
  }

  /** Notes that sound, counted once for each owner. */
  sounding(): number {
    return this.slots.size;
  }

  /** Pedals of ours that are down. */
  get pedalsDown(): number {
    return this.pedals.down;
  }

  has(owner: number): boolean {
    return this.slots.has(owner);
  }

  each(visit: Visit): void {
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.born[slot] === 0) continue;
      const key = this.key[slot] as number;
      visit(this.owner[slot] as number, portOf(key), channelAt(key), key % KEYS, this.velocity[slot] as number, ms(this.until[slot] as number));
    }
  }

  /**
   * Sounds a note until `until` (Infinity for a key that is held) or its release. An owner that sounds already is
   * ended first. Full: the oldest note is ended. False for what is no note. Realtime-safe: yes.
   */
  strike(owner: number, port: number, channel: Channel, pitch: number, velocity: number, until: Ms): boolean {
    if (!isLine(port, channel) || !is7Bit(pitch) || !is7Bit(velocity) || velocity === 0 || Number.isNaN(until) || Number.isNaN(owner)) {
      this.refused++;
      return false;
    }
    this.release(owner);
    if (this.freed === 0) this.steal();
    const slot = this.free[--this.freed] as number;
    const key = (port * CHANNELS + channel - 1) * KEYS + pitch;
    this.owner[slot] = owner;
    this.key[slot] = key;
    this.velocity[slot] = velocity;
    this.born[slot] = ++this.strikes;
    this.following[slot] = this.heads[key] as number;
    this.heads[key] = slot;
    this.slots.set(owner, slot);
    this.schedule(slot, until);
    this.sound(key, velocity);
    return true;
  }

  /** Ends one owner's note; the key goes quiet with its last, at release velocity `speed`. False when the owner has none. Realtime-safe: yes. */
  release(owner: number, speed = RELEASE): boolean {
    const slot = this.slots.get(owner);
    if (slot === undefined) return false;
    this.end(slot, is7Bit(speed) ? speed : RELEASE);
    return true;
  }

  /** Moves the end of a note that sounds. Realtime-safe: yes. */
  endAt(owner: number, until: Ms): boolean {
    const slot = this.slots.get(owner);
    if (slot === undefined || Number.isNaN(until)) return false;
    this.schedule(slot, until);
    return true;
  }

  /** When to call `due` next: no later than the next end, earlier where that note was released meanwhile; Infinity for never. */
  next(): Ms {
    return ms(this.ends.least);
  }

  /** Ends what is to end by `now`, in order; the number ended. Realtime-safe: yes. */
  due(now: Ms): number {
    let ended = 0;
    while (this.ends.least <= now) {
      const entry = this.ends.pop() as number;
      if (this.isStale(entry)) continue;
      this.end(entry % this.capacity);
      ended++;
    }
    return ended;
  }

  /** Sends a controller change; a pedal is remembered, and lifted with everything else. Realtime-safe: yes. */
  control(owner: number, port: number, channel: Channel, controller: number, value: number): boolean {
    if (!isLine(port, channel) || !is7Bit(controller) || !is7Bit(value)) {
      this.refused++;
      return false;
    }
    if (this.pedals.covers(controller)) return this.pedals.press(owner, port, channel, controller, value);
    return this.out(port, statusOn(STATUS.control, channel), controller, value);
  }

  /** Forwards a message that leaves nothing sounding (bend, pressure, program, clock). Realtime-safe: yes. */
  pass(port: number, status: number, a: number, b: number): boolean {
    const kind = status & 0xf0;
    const kept = kind === STATUS.on || kind === STATUS.off || kind === STATUS.control;
    if (kept || !isLine(port, 1) || !isMessage(status, a, b)) {
      this.refused++;
      return false;
    }
    return this.out(port, status, a, b);
  }

  /** Ends the notes and lifts the pedals of every owner `chosen` says true of. */
  releaseAll(chosen: (owner: number) => boolean = anyone): void {
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.born[slot] !== 0 && chosen(this.owner[slot] as number)) this.end(slot);
    }
    this.pedals.lift(chosen);
  }

  /** Silence: an off for every on, pedals up, then "all notes off" and "all sound off" wherever we played. */
  panic(): void {
    this.releaseAll();
    for (let line = 0; line < this.used.length; line++) {
      if (this.used[line] === 0) continue;
      const port = Math.floor(line / CHANNELS);
      const status = STATUS.control | (line % CHANNELS);
      this.out(port, status, MODE.allNotesOff, 0);
      this.out(port, status, MODE.allSoundOff, 0);
    }
  }

  /** The port is gone: its notes stay owned until released, and nothing is sent. */
  portLost(port: number): void {
    if (port >= 0 && port < PORTS) this.lost[port] = 1;
  }

  /**
   * The port is back: pedals are sent as they stand, and the offs that could not be sent (a synth whose cable was
   * pulled still sounds). No note is struck again.
   */
  portBack(port: number): void {
    if (!(port >= 0 && port < PORTS)) return;
    this.lost[port] = 0;
    const first = port * CHANNELS * KEYS;
    for (let key = first; key < first + CHANNELS * KEYS; key++) if (this.heads[key] === NONE) this.silence(key);
    this.pedals.resend(port);
  }

  private schedule(slot: number, until: Ms): void {
    this.until[slot] = until;
    this.serial[slot] = ++this.serials;
    if (until === Infinity) return;
    // Ends of notes released early stay in the heap until they are due; live ones fill a quarter of it at most.
    if (this.ends.size === this.ends.capacity) this.ends.remove((entry) => this.isStale(entry));
    this.ends.push(until, this.serials * this.capacity + slot);
  }

  private isStale(entry: number): boolean {
    const slot = entry % this.capacity;
    return this.born[slot] === 0 || this.serial[slot] !== Math.floor(entry / this.capacity);
  }

  private steal(): void {
    let oldest = 0;
    for (let slot = 1; slot < this.capacity; slot++) if ((this.born[slot] as number) < (this.born[oldest] as number)) oldest = slot;
    this.stolen++;
    this.end(oldest);
  }

  private end(slot: number, speed = RELEASE): void {
    const key = this.key[slot] as number;
    const owner = this.owner[slot] as number;
    this.unlink(slot, key);
    this.slots.delete(owner);
    this.born[slot] = 0;
    this.free[this.freed++] = slot;
    if (this.heads[key] === NONE) this.silence(key, speed);
    for (const listener of this.listeners) listener(owner);
  }

  private unlink(slot: number, key: number): void {
    const after = this.following[slot] as number;
    let at = this.heads[key] as number;
    if (at === slot) {
      this.heads[key] = after;
      return;
    }
    while (this.following[at] !== slot) at = this.following[at] as number;
    this.following[at] = after;
  }

  private sound(key: number, velocity: number): void {
    const status = statusOn(STATUS.on, channelAt(key));
    const owed = this.owed[key] as number;
    if (owed === STACK) this.out(portOf(key), statusOn(STATUS.off, channelAt(key)), key % KEYS, RELEASE);
    if (this.out(portOf(key), status, key % KEYS, velocity) && owed < STACK) this.owed[key] = owed + 1;
  }

  private silence(key: number, speed = RELEASE): void {
    const port = portOf(key);
    if (this.lost[port] !== 0) return;
    const status = statusOn(STATUS.off, channelAt(key));
    for (let owed = this.owed[key] as number; owed > 0; owed--) this.out(port, status, key % KEYS, speed);
    this.owed[key] = 0;
  }

  private out(port: number, status: number, a: number, b: number): boolean {
    if (status < 0xf0) this.used[port * CHANNELS + (status & 0x0f)] = 1;
    if (this.lost[port] !== 0) return false;
    this.send(port, status, a, b);
    return true;
  }
}

/** No channel of any port played on yet. */
export const usedLines = (): Uint8Array => new Uint8Array(PORTS * CHANNELS);

const portOf = (key: number): number => Math.floor(key / (CHANNELS * KEYS));
const channelAt = (key: number): Channel => ((Math.floor(key / KEYS) % CHANNELS) + 1) as Channel;
const is7Bit = (value: number): boolean => (value & 0x7f) === value;
const isLine = (port: number, channel: number): boolean => Number.isInteger(port) && port >= 0 && port < PORTS && (channel & 0x1f) === channel && channel >= 1 && channel <= CHANNELS;
