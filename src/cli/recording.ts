import { createWriteStream, mkdirSync, rmSync, writeFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { channel, ms, pitch, velocity, type Channel, type Ms, type Pitch, type Velocity } from '../core/units.ts';
import type { Patch } from '../live/patch.ts';
import type { Control, Note } from '../music/note.ts';
import { toPlayed } from '../midi/message.ts';
import { IN, OUT } from '../stage/records.ts';
import { songOf } from './song.ts';

/** The first line of a session's log; every other line is a record. */
export interface LogHeader {
  readonly format: 'antiphon-log-1';
  readonly seed: number;
  readonly engine: string;
  /** Card and weights of each model that roles play with, as a hash. */
  readonly models: Readonly<Record<string, string>>;
  /** Names of the models by the numbers that the stage had for them; a log without it had them in the order the patches name them. */
  readonly cast?: readonly string[];
  /** Patches by number: the first was playing at the start. */
  readonly patches: readonly Patch[];
  /** The stage's clock when it began. */
  readonly start: number;
}

interface OpenNote {
  readonly role: number;
  readonly start: Ms;
  readonly pitch: Pitch;
  readonly velocity: Velocity;
  readonly channel: Channel;
}

/** So many numbers stand for a note, and for a control. */
const NOTE = 6;
const CONTROL = 4;
type Four = [number, number, number, number];
type Six = [...Four, number, number];

/**
 * Gathers a session's records into tracks: the player's, and one for each role. As plain numbers in a row: an object a note takes six times the memory,
 * which grows for as long as is played.
 */
export class Takes {
  private readonly notes: number[] = [];
  private readonly controls: number[] = [];
  private readonly open = new Map<string | number, OpenNote>();
  private first = Infinity;
  private last = ms(0);

  take(r: ArrayLike<number>): void {
    const [code, a, b, c, d, e, , at] = r as unknown as [number, number, number, number, number, number, number, number];
    const now = ms(at);
    this.last = now;
    if (code === OUT.sounded) this.begin(a, { role: b, start: now, pitch: pitch(c), velocity: velocity(d), channel: channel(e) });
    else if (code === OUT.ended) this.end(a, now);
    else if (code === IN.midi) {
      const played = toPlayed(a, b, c, now);
      if (!played) return;
      if (played.kind === 'control') {
        this.first = Math.min(this.first, now);
        this.controls.push(now, played.controller, played.value, played.channel);
        return;
      }
      const key = `${e}/${played.channel}/${played.pitch}`;
      this.end(key, now);
      if (played.kind === 'on') this.begin(key, { role: 0, start: now, pitch: played.pitch, velocity: played.velocity, channel: played.channel });
    }
  }

  /** Notes taken so far, those that still sound included. */
  get size(): number {
    return this.notes.length / NOTE + this.open.size;
  }

  /** Those of Antiphon's roles. */
  get answers(): number {
    return [...this.ended(), ...this.open.values()].filter(({ role }) => role > 0).length;
  }

  /** A MIDI file, its first event at its beginning; what never ended, as after a crash, ends with the last record. */
  midi(bpm = 120): Uint8Array {
    const zero = Number.isFinite(this.first) ? this.first : 0;
    const unended = [...this.open.values()].map((note) => ({ ...note, duration: lengthOf(note, this.last) }));
    const notes = [...this.ended(), ...unended].map((note) => ({ ...note, start: ms(note.start - zero) }));
    const controls = rowsOf<Four>(this.controls, CONTROL).map(([time, controller, value, on]): Control => ({ time: ms(time - zero), controller, value, channel: channel(on) }));
    return songOf(notes, controls, bpm);
  }

  private ended(): (Note & { readonly role: number })[] {
    return rowsOf<Six>(this.notes, NOTE).map(([role, start, duration, key, force, on]) => ({ role, start: ms(start), duration: ms(duration), pitch: pitch(key), velocity: velocity(force), channel: channel(on) }));
  }

  private begin(key: string | number, note: OpenNote): void {
    this.first = Math.min(this.first, note.start);
    this.open.set(key, note);
  }

  private end(key: string | number, now: Ms): void {
    const note = this.open.get(key);
    if (!note) return;
    this.open.delete(key);
    this.notes.push(note.role, note.start, lengthOf(note, now), note.pitch, note.velocity, note.channel);
  }
}

const lengthOf = ({ start }: OpenNote, end: Ms): Ms => ms(Math.max(1, end - start));

/** Numbers in a row, so many to each of what they stand for. */
const rowsOf = <R extends readonly number[]>(numbers: readonly number[], width: R['length']): R[] =>
  Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width) as readonly number[] as R);

/** One line of the log. JSON knows no infinity: a number too large for a double is read as one. */
export const lineOf = (r: ArrayLike<number>): string => `[${Array.from(r, numberText).join(',')}]`;

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : value > 0 ? '1e999' : value < 0 ? '-1e999' : 'null');

/** Writes a session as it goes: the log line by line, the MIDI file at its end. A session in which nobody played leaves nothing behind. */
export class Recording {
  readonly folder: string;
  private readonly log: WriteStream;
  private readonly takes = new Takes();
  /** Lines of this turn of the event loop: each write wakes a thread. */
  private lines = '';

  constructor(under: string, header: LogHeader, started: Date) {
    this.folder = newFolder(join(under, started.toISOString().replace(/\.\d+Z$/, '').replaceAll(':', '-').replace('T', '_')));
    this.log = createWriteStream(join(this.folder, 'session.jsonl'));
    this.log.write(`${JSON.stringify(header)}\n`);
  }

  record(r: Float64Array): void {
    this.takes.take(r);
    if (this.lines === '') setImmediate(() => this.write());
    this.lines += `${lineOf(r)}\n`;
  }

  async close(): Promise<void> {
    this.write();
    await new Promise((resolve) => this.log.end(resolve));
    if (this.takes.size === 0) rmSync(this.folder, { recursive: true });
    else writeFileSync(join(this.folder, 'session.mid'), this.takes.midi());
  }

  private write(): void {
    if (this.lines !== '') this.log.write(this.lines);
    this.lines = '';
  }
}

/** Makes the folder, by another name where one of that name is there: two sessions may begin within a second. @throws AntiphonError `record.folder` */
const newFolder = (wanted: string): string => {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? wanted : `${wanted} (${n})`;
    if (made(folder)) return folder;
  }
};

const made = (folder: string): boolean => {
  try {
    return mkdirSync(folder, { recursive: true }) !== undefined;
  } catch (thrown) {
    throw new AntiphonError('record.folder', 'The session cannot be kept there', folder, `${messageOf(thrown)}. Choose another folder with --record.`);
  }
};
