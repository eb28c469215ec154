import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { mean } from '../core/statistics.ts';
import { pitch } from '../core/units.ts';
import { encodingOf, type EncodingName } from '../music/encodings.ts';
import { encodeMelody, MELODY, STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import { encodePerformance, gesturesOf } from '../music/performance.ts';
import { readSmf, type Song, type Track } from '../music/smf-read.ts';

/** One piece as symbols: `parts[p][i]` is part p of event i. */
export interface Piece {
  readonly id: string;
  /** The data set it came from: its folder's name. */
  readonly source: string;
  /** Pieces of one family stand on one side of a split. */
  readonly family: string;
  readonly parts: readonly Int32Array[];
  readonly notes: number;
}

export interface Corpus {
  readonly encoding: EncodingName;
  readonly pieces: readonly Piece[];
  /** Files that could not be used, with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

const MIDI = new Set(['.mid', '.midi', '.smf', '.kar', '.rmi']);

/** A folder's files, or the file itself, in an order that does not depend on the machine. Lead sheets are melodies only. */
const filesUnder = (place: string, encoding: EncodingName): string[] => {
  if (!existsSync(place)) throw new AntiphonError('corpus.place', 'No such file or folder', place, 'Give a MIDI file or a folder that holds some.');
  if (statSync(place).isFile()) return [place];
  const wanted = encoding === 'melody' ? new Set([...MIDI, '.json']) : MIDI;
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)).filter((file) => wanted.has(extname(file).toLowerCase())).sort();
};

/**
 * Reads every file of `places` into `encoding`; a broken file is set aside with its reason, never the end of the work.
 *
 * @param least events below which a piece is left out: too little to learn from
 * @throws AntiphonError `corpus.place` where a place does not exist
 */
export const readCorpus = (encoding: EncodingName, places: readonly string[], progress: (done: number, of: number) => void = () => {}, least = 16): Corpus => {
  const files = places.flatMap((place) => filesUnder(place, encoding).map((file) => ({ place, file })));
  const pieces: Piece[] = [];
  const refused: { file: string; reason: string }[] = [];
  files.forEach(({ place, file }, i) => {
    progress(i + 1, files.length);
    const source = basename(statSync(place).isFile() ? dirname(place) : place);
    const id = relative(place, file) || basename(file);
    try {
      const found = extname(file).toLowerCase() === '.json' ? leadSheets(encoding, file, source) : [piece(encoding, readSmf(readFileSync(file)), file, id, source)];
      for (const each of found) {
        const events = each.parts[0]?.length ?? 0;
        if (events >= least) pieces.push(each);
        else refused.push({ file, reason: found.length > 1 ? `${each.id}: only ${events} events` : `only ${events} events` });
      }
    } catch (thrown) {
      refused.push({ file, reason: messageOf(thrown) });
    }
  });
  return { encoding, pieces, refused };
};

const piece = (encoding: EncodingName, song: Song, file: string, id: string, source: string): Piece =>
  encoding === 'performance' ? performancePiece(song, id, source) : melodyPiece(gridNotes(song, file), id, source);

const isDrums = (track: Track): boolean => track.notes.length > 0 && track.notes.every((note) => note.channel === 10);
/** How high a track lies: its notes' mean pitch. */
const height = (track: Track): number => mean(track.notes.map((note) => note.pitch));
const named = (song: Song, name: string): Track[] => song.tracks.filter((track) => track.name.toUpperCase() === name);

const performancePiece = (song: Song, id: string, source: string): Piece => {
  const piano = named(song, 'PIANO');
  const tracks = piano.length > 0 ? piano : song.tracks.filter((track) => !isDrums(track));
  const notes = tracks.flatMap((track) => track.notes);
  const events = encodePerformance(gesturesOf(notes, tracks.flatMap((track) => track.controls)));
  const parts = [events.map((e) => e.what), events.map((e) => e.time), events.map((e) => e.velocity)].map((part) => Int32Array.from(part));
  return { id, source, family: `${source}/${id}`, parts, notes: notes.length };
};

/** The melody track (the one so named, else the highest on average) on the 16th grid: the beats file beside the MIDI file where there is one. */
const gridNotes = (song: Song, file: string): GridNote[] => {
  const track = named(song, 'MELODY')[0] ?? song.tracks.filter((each) => each.notes.length > 0 && !isDrums(each)).sort((a, b) => height(b) - height(a))[0];
  if (!track) throw new AntiphonError('corpus.melody', 'No track with notes', file, 'It is left out.');
  const beatsFile = join(dirname(file), 'beat_midi.txt');
  const beatTimes = existsSync(beatsFile) ? readFileSync(beatsFile, 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[0]) * 1000) : undefined;
  const stepOf = (tick: number, time: number): number => Math.round((beatTimes ? beatAmong(beatTimes, time) : tick / song.ppq) * STEPS_PER_BEAT);
  return track.notes.map((note) => {
    const step = stepOf(note.tick, note.start);
    return { step, steps: Math.max(1, stepOf(note.tick + note.ticks, note.start + note.duration) - step), pitch: note.pitch };
  });
};

/** The beat at `time` among beat times, between two of them in proportion. */
const beatAmong = (times: readonly number[], time: number): number => {
  let i = times.findIndex((each) => each > time) - 1;
  if (i === -2) i = times.length - 2;
  i = Math.max(0, i);
  const from = times[i] ?? 0;
  return i + (time - from) / ((times[i + 1] ?? from + 500) - from);
};

const melodyPiece = (notes: readonly GridNote[], id: string, source: string): Piece => {
  const symbols = encodeMelody(notes);
  const pitches = symbols.filter((symbol) => symbol >= MELODY.on);
  // Settings of one tune share its opening intervals, whatever the key.
  const opening = pitches.slice(0, 13).map((key, i) => key - (pitches[i - 1] ?? key));
  return { id, source, family: opening.join(','), parts: [Int32Array.from(symbols)], notes: pitches.length };
};

interface LeadSheet {
  readonly notes: readonly (readonly [number, number, number])[];
}

const isLeadSheet = (value: unknown): value is LeadSheet => {
  const notes = (value as Partial<LeadSheet> | null)?.notes;
  return Array.isArray(notes) && notes.every((note) => Array.isArray(note) && note.length === 3 && note.every(Number.isFinite) && Number.isInteger(note[2]) && note[2] >= 0 && note[2] <= 127);
};

const leadSheets = (encoding: EncodingName, file: string, source: string): Piece[] => {
  const sheets: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (encoding !== 'melody' || typeof sheets !== 'object' || sheets === null || !Object.values(sheets).every(isLeadSheet)) {
    throw new AntiphonError('corpus.leadsheets', `No lead sheets that ${encoding} can be read from`, file, 'A title for each piece, with `notes` of [onset, duration, pitch] in quarters; melody only.');
  }
  return Object.entries(sheets as Record<string, LeadSheet>).map(([title, sheet]) => {
    const grid = sheet.notes.map(([onset, duration, key]) => ({
      step: Math.round(onset * STEPS_PER_BEAT),
      steps: Math.max(1, Math.round((onset + duration) * STEPS_PER_BEAT) - Math.round(onset * STEPS_PER_BEAT)),
      pitch: pitch(key),
    }));
    return melodyPiece(grid, title, source);
  });
};

/** Events in all. */
export const eventsOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, each) => sum + (each.parts[0]?.length ?? 0), 0);

/** Event i of a piece. */
export const eventAt = (each: Piece, i: number): number[] => each.parts.map((part) => part[i] as number);

/** The piece `semitones` higher; undefined where a note would leave the keyboard. */
export const transposed = (encoding: EncodingName, each: Piece, semitones: number): Piece | undefined => {
  const { transpose } = encodingOf(encoding);
  const parts = each.parts.map((part) => new Int32Array(part.length));
  for (let i = 0; i < (each.parts[0]?.length ?? 0); i++) {
    const event = transpose(eventAt(each, i), semitones);
    if (!event) return undefined;
    event.forEach((symbol, p) => ((parts[p] as Int32Array)[i] = symbol));
  }
  return { ...each, parts };
};
