import { AntiphonError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { ACCOMPANIMENT_PARTS, BACKING_STYLES, EIGHTHS_PER_BEAT, encodeAccompaniment, homeOfEvents, LONGEST_BACKED_BAR, type Accompaniment, type ChordChange, type Setting } from '../music/accompaniment.ts';
import { topLine, type GridNote } from '../music/melody.ts';
import { PEDALS } from '../music/note.ts';
import { recogniseChords } from '../music/recognise-chords.ts';
import type { Song, SongNote, Track } from '../music/smf-read.ts';
import { chordsBeside, distinct, leadsIn } from './chord-symbols.ts';
import { columnsOf, type Piece } from './piece.ts';
import { openingOf } from './read-melody.ts';
import type { Found, Reader } from './reader.ts';
import { bassOf, lowNotes, sonoritiesOf, strikesOf } from './reduce-accompaniment.ts';
import { beatsOf, named, onGrid, voicesOf, type Beating } from './tracks.ts';

/** The style a data set stands for, by its folder's name. */
const STYLE_OF: Readonly<Record<string, (typeof BACKING_STYLES)[number]>> = { pop909: 'pop', leadsheets: 'standard', freedoom: 'game', lieder: 'lied' };

/**
 * A melody and what is played to it: in songs a voice and a piano, else the highest track and all others but drums, in lead sheets
 * the chord symbols. Chords are those of a `chord_midi.txt` beside the file, else recognised.
 */
export const readAccompaniment: Reader = {
  song: (song, found) => {
    const { melody, bass, chords } = playersOf(song, found.file);
    const beating = beatsOf(song, found.file);
    const toGrid = onGrid(beating);
    const grid = (tracks: readonly Track[]): GridNote[] => toGrid(tracks.flatMap(pedalled));
    const [tune, low, rest] = [grid([melody]), grid(bass), grid(chords)];
    const { from, length, place } = extentOf(beating, [...low, ...rest], found.file);
    const moved = (notes: readonly GridNote[]): GridNote[] => notes.filter(({ step }) => step >= 2 * from).map((note) => ({ ...note, step: note.step - 2 * from }));
    const [lowNow, restNow, tuneNow] = [moved(low), moved(rest), moved(tune)];
    const { chosen, line } = bassOf(lowNow.length > 0 ? lowNow : lowNotes(restNow));
    const accompaniment: Accompaniment = {
      length,
      chords: chordsBeside(found.file, beating, from) ?? heardChords([...lowNow, ...restNow, ...tuneNow], length),
      strikes: strikesOf(restNow, chosen),
      bass: line,
    };
    return pieceOf(accompaniment, { melody: tuneNow, place, style: styleOf(found) }, found.id, found);
  },
  json: (value, found) => leadSheets(value, found),
};

const styleOf = ({ source }: Found): number => BACKING_STYLES.indexOf(STYLE_OF[source] ?? 'any');

/** Whose melody it is tells a piece's family; a tune of few notes is one of its own. */
const pieceOf = (accompaniment: Accompaniment, setting: Setting, id: string, { source }: Found): Piece => {
  const events = encodeAccompaniment(accompaniment, setting);
  const pitches = topLine(setting.melody ?? []).map((note) => note.pitch);
  const { chords, strikes, bass } = accompaniment;
  return {
    id,
    source,
    home: homeOfEvents(events) ?? 0,
    family: pitches.length < 8 ? `${source}/${id}` : openingOf(pitches),
    parts: columnsOf(ACCOMPANIMENT_PARTS.length, events),
    notes: chords.length + (strikes?.length ?? 0) + (bass?.length ?? 0),
  };
};

const isBass = ({ program }: Track): boolean => program !== null && program >= 32 && program < 40;
const isPiano = ({ name }: Track): boolean => /piano|klavier|clavier/i.test(name);

/** Who plays what: a piano that plays at least half of what is not the melody accompanies alone. */
const playersOf = (song: Song, file: string): { readonly melody: Track; readonly bass: readonly Track[]; readonly chords: readonly Track[] } => {
  const voices = voicesOf(song);
  const count = (tracks: readonly Track[]): number => tracks.reduce((sum, { notes }) => sum + notes.length, 0);
  const pianos = voices.filter(isPiano);
  const sung = named(song, 'MELODY')[0] ?? song.tracks.find((track) => voices.includes(track) && !isPiano(track));
  if (sung && pianos.length > 0 && 2 * count(pianos) >= count(voices) - sung.notes.length) return { melody: sung, bass: [], chords: pianos };
  const melody = voices.find((track) => !isBass(track));
  const others = voices.filter((track) => track !== melody);
  if (!melody || others.length === 0) throw new AntiphonError('corpus.accompaniment', 'No melody with an accompaniment in', file, 'It needs two tracks with notes, drums left out.');
  return { melody, bass: others.filter(isBass), chords: others.filter((track) => !isBass(track)) };
};

/** A track's notes, each sounding on while the sustain pedal is down. Music on a grid of ticks is written without. */
const pedalled = ({ notes, controls }: Track): SongNote[] => {
  const moves = controls.filter(({ controller }) => controller === PEDALS.sustain);
  if (moves.length === 0) return [...notes];
  const times = moves.map(({ time }) => time);
  return notes.map((note) => {
    const end = note.start + note.duration;
    const after = firstAfter(times, end);
    const down = (moves[after - 1]?.value ?? 0) >= 64;
    const up = moves.slice(after).find(({ value }) => value < 64)?.time;
    return down && up !== undefined ? { ...note, duration: ms(up - note.start) } : note;
  });
};

/** The index of the first of rising `values` beyond `value`. */
const firstAfter = (values: readonly number[], value: number): number => {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** From the bar in which the accompaniment begins to where it ends, in 8ths, and the place of each 8th in its bar. */
const extentOf = ({ bars }: Pick<Beating, 'bars'>, notes: readonly GridNote[], file: string): { readonly from: number; readonly length: number; readonly place: (step: number) => number } => {
  const first = notes.reduce((least, { step }) => Math.min(least, step), Infinity);
  const last = notes.reduce((most, { step, steps }) => Math.max(most, step + steps), -Infinity);
  if (first === Infinity) throw new AntiphonError('corpus.accompaniment', 'Nothing is played to the melody in', file, 'It is left out.');
  const starts = bars.map((beat) => Math.round(beat * EIGHTHS_PER_BEAT));
  const barAt = (eighth: number): number => starts[Math.max(0, firstAfter(starts, eighth) - 1)] ?? 0;
  const from = barAt(Math.floor(first / 2));
  return { from, length: Math.max(0, Math.ceil(last / 2) - from), place: (step) => (step + from - barAt(step + from)) % LONGEST_BACKED_BAR };
};

const heardChords = (notes: readonly GridNote[], length: number): ChordChange[] =>
  distinct(recogniseChords(sonoritiesOf(notes, Math.ceil(length / EIGHTHS_PER_BEAT))).map((chord, beat) => ({ step: beat * EIGHTHS_PER_BEAT, chord })));

/** What nobody wrote down, how the chords are struck and what the bass plays, is not told. */
const leadSheets = (sheets: unknown, found: Found): Piece[] => {
  const leads = leadsIn(sheets);
  if (!leads) {
    throw new AntiphonError('corpus.leadsheets', 'No lead sheets to read chords from in', found.file, 'A title for each piece, with `bars` (onsets), `notes` of [onset, duration, pitch] and `chords` of [onset, root, kind, bass], in quarters.');
  }
  return leads.map(({ title, bars, melody, chords }) => {
    const { from, length, place } = extentOf({ bars }, melody, title);
    const changes = chords.map(({ step, chord }) => ({ step: Math.max(0, step - from), chord }));
    const moved = melody.map((note) => ({ ...note, step: note.step - 2 * from }));
    return pieceOf({ length, chords: distinct(changes), strikes: null, bass: null }, { melody: moved, place, style: styleOf(found) }, title, found);
  });
};
