import { AntiphonError } from '../core/errors.ts';
import { pitch } from '../core/units.ts';
import { encodeHarmony, FRAME, HARMONY_PARTS, VOICES } from '../music/harmony.ts';
import type { ChordChange } from '../music/accompaniment.ts';
import { chordVoices } from '../music/chord-voices.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import { estimateKey, homeOfKey } from '../music/scale.ts';
import type { Song } from '../music/smf-read.ts';
import { chordsBeside, leadsIn } from './chord-symbols.ts';
import { columnsOf, type Piece } from './piece.ts';
import { openingOf } from './read-melody.ts';
import type { Reader } from './reader.ts';
import { sideOf } from './split.ts';
import { beatsOf, gridOf, named, onGrid, voicesOf } from './tracks.ts';

/**
 * Music for four voices: MIDI files of four tracks, and JSON of pieces, each a list of steps of four MIDI numbers, −1 for silence. For
 * chord style also songs with a melody and a `chord_midi.txt` beside the file, and lead sheets: their chords are laid under the melody.
 */
export const readHarmony: Reader = {
  song: (song, { file, id, source }) => {
    const chorded = chordedSong(song, file);
    if (chorded) return harmonyPiece(chorded.voices, chorded.length, id, source);
    const tracks = voicesOf(song);
    if (tracks.length !== VOICES) throw new AntiphonError('corpus.voices', `${tracks.length} tracks with notes in`, file, 'Harmony is read from music for four voices, a track each.');
    const toGrid = gridOf(song, file);
    return harmonyPiece(tracks.map((track) => toGrid(track.notes)), undefined, id, source);
  },
  json: (value, { file, source }) => {
    const leads = leadsIn(value);
    if (leads && leads.length > 0) return leads.map(({ title, melody, chords }) => {
      const { voices, length } = laid(melody, chords);
      return harmonyPiece(voices, length, title, source);
    });
    const found = gridsIn(value);
    if (found.length === 0) throw new AntiphonError('corpus.voices', 'No steps of four voices in', file, 'A list or a title for each piece, or one for each side of a split: of each piece its 16th steps, four MIDI numbers each, -1 for silence.');
    return found.map(({ path, steps }) => {
      // Pieces in splits lie one level deeper than pieces alone.
      const side = path.length > 1 ? sideOf(path[0] as string) : undefined;
      return { ...harmonyPiece(voicesOfSteps(steps), steps.length, path.join('/') || file, source), ...(side ? { side } : {}) };
    });
  },
};

/** A song's melody with its chords under it; undefined where it has no melody of that name, or no chords beside it. */
const chordedSong = (song: Song, file: string): { readonly voices: GridNote[][]; readonly length: number } | undefined => {
  const melody = named(song, 'MELODY')[0];
  const beating = beatsOf(song, file);
  const chords = melody && chordsBeside(file, beating, 0);
  return chords && laid(onGrid(beating)(melody.notes), chords);
};

/** From the melody's first beat to its last, chords in 8ths laid under it. */
const laid = (melody: readonly GridNote[], chords: readonly ChordChange[]): { readonly voices: GridNote[][]; readonly length: number } => {
  const from = STEPS_PER_BEAT * Math.floor(Math.min(...melody.map(({ step }) => step)) / STEPS_PER_BEAT);
  const length = Math.max(...melody.map(({ step, steps }) => step + steps)) - from;
  const moved = chords.map(({ step, chord }) => ({ step: Math.max(0, 2 * step - from), chord }));
  const standing = moved.filter(({ step }, i) => moved[i + 1]?.step !== step);
  return { voices: chordVoices(melody.map((note) => ({ ...note, step: note.step - from })), standing, length), length };
};

/** Nats a note are counted over a cell for each voice and 16th step, as on the chorale benchmarks. */
const harmonyPiece = (voices: readonly (readonly GridNote[])[], steps: number | undefined, id: string, source: string): Piece => {
  const events = encodeHarmony(voices, steps);
  const cells = VOICES * events.reduce((sum, frame) => sum + (frame[FRAME.wait] as number) + 1, -1);
  const soprano = [...(voices[0] ?? [])].sort((a, b) => a.step - b.step).map(({ pitch: key }) => key);
  return { id, source, family: openingOf(soprano), home: homeOf(voices.flat()), parts: columnsOf(HARMONY_PARTS.length, events), notes: cells, line: Uint8Array.from(soprano) };
};

/** Semitones, −6 to 5, that move notes to C major or A minor. */
export const homeOf = (notes: readonly GridNote[]): number => {
  const weights = Array.from({ length: 12 }, () => 0);
  for (const { pitch: key, steps } of notes) weights[key % 12] = (weights[key % 12] as number) + steps;
  return homeOfKey(estimateKey(weights));
};

type Steps = readonly (readonly number[])[];

const isSteps = (value: unknown): value is Steps =>
  Array.isArray(value) && value.length > 0 && value.every((step) => Array.isArray(step) && step.length === VOICES && step.every((key) => Number.isInteger(key) && key >= -1 && key <= 127));

/** Every piece in a JSON value, and under which names. */
const gridsIn = (value: unknown, path: readonly string[] = []): { readonly path: readonly string[]; readonly steps: Steps }[] => {
  if (isSteps(value)) return [{ path, steps: value }];
  if (typeof value !== 'object' || value === null || path.length > 1) return [];
  return Object.entries(value).flatMap(([name, each]) => gridsIn(each, [...path, name]));
};

/** A number that stays is held: where the data could mean that it was struck again, they don't say so. */
const voicesOfSteps = (steps: Steps): GridNote[][] =>
  Array.from({ length: VOICES }, (_, v) => {
    const notes: { step: number; steps: number; pitch: GridNote['pitch'] }[] = [];
    steps.forEach((step, i) => {
      const key = step[v] as number;
      if (key < 0) return;
      const last = notes.at(-1);
      if (last && i > 0 && steps[i - 1]?.[v] === key) last.steps++;
      else notes.push({ step: i, steps: 1, pitch: pitch(key) });
    });
    return notes;
  });
