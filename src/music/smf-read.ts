import { parseMidi, type MidiEvent } from 'midi-file';
import { channel, clamp, ms, pitch, velocity, type Ms } from '../core/units.ts';
import type { Control, Note } from './note.ts';
import { readChunks } from './smf-chunks.ts';

/** A note that also knows its place in the file's ticks. */
export interface SongNote extends Note {
  readonly tick: number;
  readonly ticks: number;
}

/** What one channel plays in one track of the file; notes in the order they are struck. */
export interface Track {
  readonly name: string;
  /** General MIDI program, 0 to 127, of the first program change; null where there is none. */
  readonly program: number | null;
  readonly notes: readonly SongNote[];
  readonly controls: readonly Control[];
}

/** A tempo that holds from `tick`, which is at `time`, to the next. */
export interface Tempo {
  readonly tick: number;
  readonly time: Ms;
  readonly bpm: number;
}

export interface Metre {
  readonly tick: number;
  readonly numerator: number;
  readonly denominator: number;
}

/** A MIDI file as music. */
export interface Song {
  /** Ticks a quarter note; with SMPTE time, ticks in half a second, which need not be whole. */
  readonly ppq: number;
  readonly tracks: readonly Track[];
  /** From tick 0 on, at least one. */
  readonly tempos: readonly Tempo[];
  /** From tick 0 on, at least one. */
  readonly metres: readonly Metre[];
  /** When the last note has ended. */
  readonly duration: Ms;
  /** What was wrong with the file, and was read all the same. */
  readonly faults: readonly string[];
}

interface Timed {
  readonly tick: number;
  readonly event: MidiEvent;
}

/**
 * Reads a Standard MIDI File (RP-001), tolerantly: what is broken is left out and named in `faults`.
 *
 * @throws AntiphonError `smf.read` where nothing can be read
 */
export const readSmf = (bytes: Uint8Array): Song => {
  const chunks = readChunks(bytes);
  const faults = [...chunks.faults];
  const smpte = chunks.division >= 0x8000;
  let ppq = smpte ? smpteTicksPerSecond(chunks.division) / 2 : chunks.division;
  if (ppq === 0) {
    faults.push('a division of 0, read as 480');
    ppq = 480;
  }
  if (chunks.format === 2) faults.push('patterns of format 2 are laid one over the other');
  const parsed = chunks.tracks.map(parseTrack);
  const tempos = tempoMap(smpte ? [] : parsed.flat(), ppq, faults);
  const metres = metreMap(parsed.flat(), faults);
  const tracks = parsed.flatMap((events, i) => byChannel(events, (tick) => timeOfTick(tempos, ppq, tick), `track ${i + 1}`, faults));
  const duration = tracks.reduce((end, track) => track.notes.reduce((latest, note) => Math.max(latest, note.start + note.duration), end), 0);
  return { ppq, tracks, tempos, metres, duration: ms(duration), faults };
};

/** The wall time of a tick under a tempo map. */
export const timeOfTick = (tempos: readonly Tempo[], ppq: number, tick: number): Ms => {
  let low = 0;
  let high = tempos.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tempos[middle] as Tempo).tick <= tick) low = middle;
    else high = middle - 1;
  }
  const tempo = tempos[low] as Tempo;
  return ms(tempo.time + ((tick - tempo.tick) * 60_000) / (tempo.bpm * ppq));
};

/** 29 frames a second stand for the 29.97 of drop-frame time code. */
const smpteTicksPerSecond = (division: number): number => {
  const frames = 256 - (division >> 8);
  return (frames === 29 ? 30_000 / 1001 : frames) * (division & 0xff);
};

const parseTrack = (data: Uint8Array): readonly Timed[] => {
  const file = new Uint8Array(22 + data.length);
  file.set([0x4d, 0x54, 0x68, 0x64, 0, 0, 0, 6, 0, 0, 0, 1, 1, 0xe0, 0x4d, 0x54, 0x72, 0x6b]);
  new DataView(file.buffer).setUint32(18, data.length);
  file.set(data, 22);
  let tick = 0;
  return (parseMidi(file).tracks[0] ?? []).map((event) => ({ tick: (tick += event.deltaTime), event }));
};

const tempoMap = (events: readonly Timed[], ppq: number, faults: string[]): readonly Tempo[] => {
  const bpmAt = new Map<number, number>([[0, 120]]);
  for (const { tick, event } of events) {
    if (event.type !== 'setTempo') continue;
    if (event.microsecondsPerBeat > 0) bpmAt.set(tick, 60_000_000 / event.microsecondsPerBeat);
    else faults.push(`a tempo of 0 at tick ${tick} passed over`);
  }
  const tempos: Tempo[] = [];
  for (const [tick, bpm] of [...bpmAt].sort((a, b) => a[0] - b[0])) {
    const before = tempos.at(-1);
    tempos.push({ tick, time: before ? timeOfTick([before], ppq, tick) : ms(0), bpm });
  }
  return tempos;
};

const metreMap = (events: readonly Timed[], faults: string[]): readonly Metre[] => {
  const metres = new Map<number, Metre>([[0, { tick: 0, numerator: 4, denominator: 4 }]]);
  for (const { tick, event } of events) {
    if (event.type !== 'timeSignature') continue;
    const { numerator, denominator } = event;
    if (numerator > 0 && denominator >= 1 && denominator <= 128) metres.set(tick, { tick, numerator, denominator });
    else faults.push(`a metre of ${numerator}/${denominator} at tick ${tick} passed over`);
  }
  return [...metres.values()].sort((a, b) => a.tick - b.tick);
};

/** A text's bytes are UTF-8 where they can be, else Latin-1: RP-001 names no encoding. */
const textOf = (raw: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(raw, (c) => c.charCodeAt(0)));
  } catch {
    return raw;
  }
};

interface Part {
  program: number | null;
  readonly notes: (Note & { readonly tick: number; ticks: number; duration: Ms })[];
  readonly controls: Control[];
  /** Indices in `notes` of what still sounds, by pitch, oldest first. */
  readonly sounding: Map<number, number[]>;
}

const byChannel = (events: readonly Timed[], timeAt: (tick: number) => Ms, where: string, faults: string[]): readonly Track[] => {
  const parts = new Map<number, Part>();
  let name = '';
  let bad = 0;
  const partOf = (on: number): Part => {
    const part = parts.get(on) ?? { program: null, notes: [], controls: [], sounding: new Map<number, number[]>() };
    parts.set(on, part);
    return part;
  };
  for (const { tick, event } of events) {
    if (event.type === 'trackName') name ||= textOf(event.text);
    if (event.type === 'programChange') partOf(event.channel).program ??= event.programNumber & 0x7f;
    if (event.type === 'controller') {
      const { controllerType: controller, value } = event;
      if (controller > 127 || value > 127) bad++;
      else partOf(event.channel).controls.push({ time: timeAt(tick), controller, value, channel: channel(event.channel + 1) });
    }
    if (event.type === 'noteOff') release(partOf(event.channel), event.noteNumber, tick, timeAt);
    if (event.type === 'noteOn') {
      if (event.noteNumber > 127) bad++;
      else strike(partOf(event.channel), event.noteNumber, event.velocity, tick, timeAt(tick), event.channel + 1);
    }
  }
  const end = events.at(-1)?.tick ?? 0;
  let endless = 0;
  for (const part of parts.values()) {
    for (const [key, queue] of part.sounding) {
      endless += queue.length;
      while (queue.length > 0) release(part, key, end, timeAt);
    }
  }
  if (bad > 0) faults.push(`${where}: ${bad} events with data over 127 left out`);
  if (endless > 0) faults.push(`${where}: ${endless} notes had no end, ended with the track`);
  return [...parts]
    .sort((a, b) => a[0] - b[0])
    .filter(([, part]) => part.notes.length > 0 || part.controls.length > 0)
    .map(([, { program, notes, controls }]) => ({ name, program, notes, controls }));
};

const strike = (part: Part, key: number, force: number, tick: number, start: Ms, on: number): void => {
  const queue = part.sounding.get(key);
  if (queue) queue.push(part.notes.length);
  else part.sounding.set(key, [part.notes.length]);
  part.notes.push({ start, duration: ms(0), pitch: pitch(key), velocity: velocity(clamp(force, 1, 127)), channel: channel(on), tick, ticks: 0 });
};

const release = (part: Part, key: number, tick: number, timeAt: (tick: number) => Ms): void => {
  const note = part.notes[part.sounding.get(key)?.shift() ?? -1];
  if (!note) return;
  note.ticks = tick - note.tick;
  note.duration = ms(timeAt(tick) - note.start);
};
