import { createWriteStream, mkdirSync, rmSync, writeFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { ms, type Channel, type Pitch, type Velocity } from '../core/units.ts';
import { ROLES } from '../live/command.ts';
import type { Patch } from '../live/patch.ts';
import type { Control, Note } from '../music/note.ts';
import { writeSmf } from '../music/smf-write.ts';
import { channelOf, STATUS, toPlayed } from '../midi/message.ts';
import { IN, OUT } from '../stage/records.ts';

/** The first line of a session's log; every other line is a record. */
export interface LogHeader {
  readonly format: 'antiphon-log-1';
  readonly seed: number;
  readonly engine: string;
  /** Encoding and weights of each model, as a hash. */
  readonly models: Readonly<Record<string, string>>;
  /** Patches by number: the first was playing at the start. */
  readonly patches: readonly Patch[];
  /** The stage's clock when it began. */
  readonly start: number;
}

/** Gathers a session's records into tracks: the player's, and one for each role. */
export class Takes {
  private readonly notes = new Map<number, Note[]>();
  private readonly controls: Control[] = [];
  private readonly open = new Map<string | number, { role: number; start: number; pitch: number; velocity: number; channel: number }>();

  take(r: ArrayLike<number>): void {
    const [code, a, b, c, d, e, , now] = r as unknown as [number, number, number, number, number, number, number, number];
    if (code === OUT.sounded) this.begin(a, b, c, d, e, now);
    else if (code === OUT.ended) this.end(a, now);
    else if (code === IN.midi) {
      const played = toPlayed(a, b, c, ms(now));
      const key = `${e}/${channelOf(a)}/${b}`;
      if (played?.kind === 'on' || played?.kind === 'off') this.end(key, now);
      if (played?.kind === 'on') this.begin(key, 0, b, c, channelOf(a), now);
      if (played?.kind === 'control' && (a & 0xf0) === STATUS.control) this.controls.push({ time: ms(now), controller: b, value: c, channel: channelOf(a) });
    }
  }

  /** Notes taken so far, the player's with role 0. */
  get size(): number {
    return [...this.notes.values()].reduce((sum, notes) => sum + notes.length, 0);
  }

  /** A MIDI file, its first event at its beginning. */
  midi(bpm: number): Uint8Array {
    const all = [...this.notes.values()].flat();
    const first = Math.min(...all.map((note) => note.start), ...this.controls.map((control) => control.time), Infinity);
    const zero = Number.isFinite(first) ? first : 0;
    const tracks = [...this.notes]
      .sort(([a], [b]) => a - b)
      .map(([role, notes]) => ({
        name: role === 0 ? 'Player' : `Antiphon ${ROLES[role]}`,
        channel: notes[0]?.channel ?? (1 as Channel),
        notes: notes.map((note) => ({ ...note, start: ms(note.start - zero) })).sort((a, b) => a.start - b.start || a.pitch - b.pitch),
        controls: role === 0 ? this.controls.map((control) => ({ ...control, time: ms(control.time - zero) })) : [],
      }));
    return writeSmf({ tracks, bpm });
  }

  private begin(key: string | number, role: number, pitch: number, velocity: number, channel: number, start: number): void {
    this.open.set(key, { role, start, pitch, velocity, channel });
  }

  private end(key: string | number, now: number): void {
    const note = this.open.get(key);
    if (!note) return;
    this.open.delete(key);
    const notes = this.notes.get(note.role) ?? [];
    this.notes.set(note.role, notes);
    notes.push({ start: ms(note.start), duration: ms(Math.max(1, now - note.start)), pitch: note.pitch as Pitch, velocity: note.velocity as Velocity, channel: note.channel as Channel });
  }
}

/** Writes a session as it goes: the log line by line, the MIDI file at its end. A session in which nobody played leaves nothing behind. */
export class Recording {
  readonly folder: string;
  private readonly log: WriteStream;
  private readonly takes = new Takes();

  constructor(under: string, header: LogHeader, started: Date) {
    this.folder = join(under, started.toISOString().replace(/\.\d+Z$/, '').replaceAll(':', '-').replace('T', ' '));
    mkdirSync(this.folder, { recursive: true });
    this.log = createWriteStream(join(this.folder, 'session.jsonl'));
    this.log.write(`${JSON.stringify(header)}\n`);
  }

  record(r: Float64Array): void {
    this.takes.take(r);
    this.log.write(`[${r.join(',')}]\n`);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.log.end(resolve));
    if (this.takes.size === 0) rmSync(this.folder, { recursive: true });
    else writeFileSync(join(this.folder, 'session.mid'), this.takes.midi(120));
  }
}
