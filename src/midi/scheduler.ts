import { Heap } from '../core/heap.ts';
import { Histogram } from '../core/statistics.ts';
import { ms, type Channel, type Ms, type Pitch, type Velocity } from '../core/units.ts';
import type { Ledger } from './ledger.ts';

/** A note to be played: `id` owns it in the ledger, `role` and `epoch` say for whom and until which take-back. */
export interface Planned {
  readonly id: number;
  readonly role: number;
  readonly epoch: number;
  readonly port: number;
  readonly channel: Channel;
  readonly pitch: Pitch;
  readonly velocity: Velocity;
  readonly wanted: Ms;
  /** Infinity: until withdrawn. */
  readonly duration: Ms;
  /** It answers what was just played and is on no schedule: an offset does not move it. */
  readonly atOnce?: boolean;
  /** When it was planned: no offset makes it due before. */
  readonly known?: Ms;
}

/** Told what became of planned notes; must not throw. `due` is when the outputs were to get it: its wanted time and their offset. */
export interface Stage {
  sounded(note: Planned, now: Ms, due: Ms): void;
  ended(note: Planned, now: Ms): void;
  /** The note will not be played: it was due too long ago, or is no MIDI. */
  missed?(note: Planned, now: Ms): void;
}

/** Struck late, a note still sounds this long (or its whole duration if that is shorter), in milliseconds. */
const SHORTEST = 10;

/**
 * Plays planned notes through the ledger at their wanted times, never before, and never later than a limit. Where the outputs have an
 * offset, starts and planned ends are moved by it alike, so that durations stay; what is taken back ends at once wherever it sounds.
 * Realtime-safe: `plan`, `withdraw`, `next` and `advance`, yes.
 */
export class Scheduler {
  /** Notes due too long ago, and not played. */
  dropped = 0;
  /** Notes not planned because the scheduler was full. */
  overflowed = 0;
  /** Notes not planned because their times are no times, or not played because they are no MIDI. */
  refused = 0;
  /** How long after it was due each note was struck, in milliseconds. */
  readonly lateness = new Histogram();
  readonly capacity: number;
  private readonly ledger: Ledger;
  private readonly stage: Stage;
  private readonly offset: Ms;
  /** May hold notes that were withdrawn or moved since: only those in `planned` count. */
  private readonly queue: Heap<Planned>;
  private readonly planned = new Map<number, Planned>();
  private readonly playing = new Map<number, Planned>();
  private now = ms(-Infinity);

  /** @param offset how long after its wanted time (negative: before it) the outputs are to get what is on a schedule */
  constructor(ledger: Ledger, stage: Stage, capacity = 4096, offset = ms(0)) {
    this.ledger = ledger;
    this.stage = stage;
    this.offset = offset;
    this.capacity = capacity;
    // Twice the capacity: a withdrawal leaves its entry, and clearing them out must be rare.
    this.queue = new Heap(capacity * 2);
    ledger.onEnd((owner) => this.onEnd(owner));
  }

  /** Notes planned and not yet struck. */
  get waiting(): number {
    return this.planned.size;
  }

  /** Plans a note, in place of one with its id that has not sounded. False when full or without a time: counted. */
  plan(note: Planned): boolean {
    if (!Number.isFinite(note.wanted) || !(note.duration > 0)) {
      this.refused++;
      return false;
    }
    if (this.planned.size >= this.capacity && !this.planned.has(note.id)) {
      this.overflowed++;
      return false;
    }
    this.enqueue(note);
    return true;
  }

  /** A planned note vanishes, a sounding one is ended at once; false when there is neither. */
  withdraw(id: number, now: Ms): boolean {
    this.now = now;
    const vanished = this.planned.delete(id);
    const ended = this.playing.has(id) && this.ledger.release(id);
    return vanished || ended;
  }

  /** Moves the end of a note, planned or sounding; one whose end is past ends now. False when there is no such note. */
  endAt(id: number, at: Ms, now: Ms): boolean {
    this.now = now;
    const planned = this.planned.get(id);
    // A note that would end before it begins still sounds for the shortest while.
    if (planned) return this.plan({ ...planned, duration: ms(Math.max(at - planned.wanted, SHORTEST)) });
    const playing = this.playing.get(id);
    if (!playing) return false;
    // So too where it had to begin before its wanted time.
    const until = ms(now < playing.wanted ? Math.max(at, playing.wanted + SHORTEST) : at);
    const end = ms(until + this.shiftOf(playing));
    if (end <= now) return this.ledger.release(id);
    this.playing.set(id, { ...playing, duration: ms(until - playing.wanted) });
    return this.ledger.endAt(id, end);
  }

  /** Withdraws every note `unwanted` says true of; their number. */
  withdrawWhere(unwanted: (note: Planned) => boolean, now: Ms): number {
    this.now = now;
    let count = 0;
    for (const note of this.planned.values()) if (unwanted(note) && this.planned.delete(note.id)) count++;
    for (const note of this.playing.values()) if (unwanted(note) && this.ledger.release(note.id)) count++;
    return count;
  }

  /** Moves starts and ends in time, for a change of tempo. `move` must keep the order of times, and return the same time for notes that follow no pulse. */
  retime(move: (time: Ms, note: Planned) => Ms): void {
    for (const note of this.planned.values()) {
      const wanted = move(note.wanted, note);
      const duration = ms(move(endOf(note), note) - wanted);
      if (wanted === note.wanted && duration === note.duration) continue;
      // `plan` refuses times that are none: then the note stays where it was.
      this.plan({ ...note, wanted, duration });
    }
    for (const note of this.playing.values()) {
      const duration = ms(move(endOf(note), note) - note.wanted);
      if (this.ledger.endAt(note.id, ms(note.wanted + duration + this.shiftOf(note)))) this.playing.set(note.id, { ...note, duration });
    }
  }

  /** When to call `advance` next: no later than the next start or end, earlier where that one was withdrawn; Infinity for never. */
  next(): Ms {
    return ms(Math.min(this.queue.least, this.ledger.next()));
  }

  /** Plays and ends what is due by `now`, in order, offs before ons; a note more than `lateLimit` late is dropped. */
  advance(now: Ms, lateLimit: Ms): void {
    this.now = now;
    for (let at = this.next(); at <= now; at = this.next()) {
      if (this.ledger.next() <= at) this.ledger.due(at);
      else this.play(this.queue.pop() as Planned, now, lateLimit);
    }
  }

  private play(note: Planned, now: Ms, lateLimit: Ms): void {
    if (this.planned.get(note.id) !== note) return;
    this.planned.delete(note.id);
    const shift = this.shiftOf(note);
    const due = ms(note.wanted + shift);
    const late = now - due;
    const until = ms(Math.max(endOf(note) + shift, now + Math.min(note.duration, SHORTEST)));
    if (late > lateLimit) this.dropped++;
    else if (!this.ledger.strike(note.id, note.port, note.channel, note.pitch, note.velocity, until)) this.refused++;
    else {
      this.playing.set(note.id, note);
      this.lateness.record(late);
      this.stage.sounded(note, now, due);
      return;
    }
    this.stage.missed?.(note, now);
  }

  private enqueue(note: Planned): void {
    this.planned.set(note.id, note);
    if (this.queue.size === this.queue.capacity) this.queue.remove((entry) => this.planned.get(entry.id) !== entry);
    this.queue.push(note.wanted + this.shiftOf(note), note);
  }

  /** How far the outputs' offset moves a note: less than a lead asks for where the note became known too late for it. */
  private shiftOf({ wanted, atOnce, known }: Planned): number {
    if (atOnce === true) return 0;
    return this.offset < 0 && known !== undefined ? Math.max(this.offset, Math.min(0, known - wanted)) : this.offset;
  }

  private onEnd(owner: number): void {
    const note = this.playing.get(owner);
    if (!note) return;
    this.playing.delete(owner);
    this.stage.ended(note, this.now);
  }
}

const endOf = (note: Planned): Ms => ms(note.wanted + note.duration);
