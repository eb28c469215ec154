// The package is CommonJS in a form whose names Node cannot see, so it is taken whole.
import tone from '@tonejs/midi';
import { clamp, type Channel } from '../core/units.ts';
import type { Control, Note } from './note.ts';

/** One track to write; `channel` counts, not that of its notes. */
export interface WrittenTrack {
  readonly name: string;
  readonly channel: Channel;
  /** General MIDI program, 0 to 127; 0 where absent. */
  readonly program?: number;
  readonly notes: readonly Note[];
  readonly controls: readonly Control[];
}

export interface Written {
  readonly tracks: readonly WrittenTrack[];
  readonly bpm: number;
  readonly timeSignature?: readonly [numerator: number, denominator: number];
}

/** Ticks a quarter note of every file written. */
export const PPQ = 480;

/**
 * A Standard MIDI File of format 1; the same music gives the same bytes. Read again, times differ by at
 * most one tick; a key struck again while it sounds is ended first in, first out, as readers do.
 */
export const writeSmf = ({ tracks, bpm, timeSignature }: Written): Uint8Array => {
  const midi = new tone.Midi();
  const micros = clamp(Math.round(60_000_000 / bpm), 1, 0xff_ff_ff);
  // @tonejs/midi rounds down where it writes: the half keeps the tempo from falling by one microsecond a beat.
  midi.header.tempos.push({ ticks: 0, bpm: 60_000_000 / (micros + 0.5) });
  if (timeSignature) midi.header.timeSignatures.push({ ticks: 0, timeSignature: [...timeSignature] });
  const tickOf = (time: number): number => Math.max(0, Math.round((time * 1000 * PPQ) / micros));
  for (const { name, channel, program, notes, controls } of tracks) {
    const track = midi.addTrack();
    track.name = bytesAsText(name);
    track.channel = channel - 1;
    track.instrument.number = program ?? 0;
    // @tonejs/midi is slow, and keeps no order, unless notes come in order.
    for (const note of [...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch)) {
      const ticks = tickOf(note.start);
      const durationTicks = Math.max(1, tickOf(note.start + note.duration) - ticks);
      track.addNote({ midi: note.pitch, ticks, durationTicks, velocity: clamp(Math.round(note.velocity), 1, 127) / 127 });
    }
    for (const { controller, value, time } of [...controls].sort((a, b) => a.time - b.time)) {
      track.addCC({ number: controller, ticks: tickOf(time), value: clamp(Math.round(value), 0, 127) / 127 });
    }
  }
  return midi.toArray();
};

/** UTF-8, one character a byte: the writer below keeps the low eight bits of each. */
const bytesAsText = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
