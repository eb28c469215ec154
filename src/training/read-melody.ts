import { AntiphonError } from '../core/errors.ts';
import { pitch } from '../core/units.ts';
import { encodeMelody, MELODY, STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Piece } from './piece.ts';
import type { Found, Reader } from './reader.ts';
import { rollsIn, topOf } from './piano-roll.ts';
import { rolesOf } from './roles.ts';
import { sideOf } from './split.ts';
import { gridOf, voicesOf } from './tracks.ts';

/** Melodies: the track that is one, else the highest on average; lead sheets; and piano rolls, of which the highest note of each step is one. */
export const readMelody: Reader = {
  song: (song, { file, id, source }) => {
    const track = song.tracks[rolesOf(song).indexOf('melody')] ?? voicesOf(song)[0];
    if (!track) throw new AntiphonError('corpus.melody', 'No track with notes', file, 'It is left out.');
    return melodyPiece(gridOf(song, file)(track.notes), id, source);
  },
  json: (value, found) => {
    if (isLeadSheets(value)) return leadSheets(value, found);
    const rolls = rollsIn(value);
    if (rolls.length > 0) return rolls.map((each) => rollPiece(each, found));
    throw new AntiphonError('corpus.leadsheets', 'No lead sheets to read melodies from in', found.file, 'A title for each piece, with `notes` of [onset, duration, pitch] in quarters; or of each piece its steps, with the MIDI numbers that sound.');
  },
};

/** What settings of one tune share: its opening intervals, whatever the key. */
export const openingOf = (pitches: readonly number[]): string => pitches.slice(0, 13).map((key, i) => key - (pitches[i - 1] ?? key)).join(',');

const melodyPiece = (notes: readonly GridNote[], id: string, source: string): Piece => {
  const symbols = encodeMelody(notes);
  const pitches = symbols.filter((symbol) => symbol >= MELODY.on);
  return { id, source, family: openingOf(pitches), parts: [Int32Array.from(symbols)], notes: pitches.length, line: Uint8Array.from(pitches, (symbol) => symbol - MELODY.on) };
};

/** A roll under two names stands on the side that the first names. */
const rollPiece = ({ path, roll }: ReturnType<typeof rollsIn>[number], { source }: Found): Piece => {
  const piece = melodyPiece(topOf(roll), path.join('/'), source);
  return path.length > 1 ? { ...piece, side: sideOf(path[0] as string) } : piece;
};

interface LeadSheet {
  readonly notes: readonly (readonly [number, number, number])[];
}

const isLeadSheet = (value: unknown): value is LeadSheet => {
  const notes = (value as Partial<LeadSheet> | null)?.notes;
  return Array.isArray(notes) && notes.every((note) => Array.isArray(note) && note.length === 3 && note.every(Number.isFinite) && Number.isInteger(note[2]) && note[2] >= 0 && note[2] <= 127);
};

const isLeadSheets = (value: unknown): value is Readonly<Record<string, LeadSheet>> => typeof value === 'object' && value !== null && Object.values(value).every(isLeadSheet);

const leadSheets = (sheets: Readonly<Record<string, LeadSheet>>, { source }: Found): Piece[] =>
  Object.entries(sheets).map(([title, sheet]) => {
    const grid = sheet.notes.map(([onset, duration, key]) => ({
      step: Math.round(onset * STEPS_PER_BEAT),
      steps: Math.max(1, Math.round((onset + duration) * STEPS_PER_BEAT) - Math.round(onset * STEPS_PER_BEAT)),
      pitch: pitch(key),
    }));
    return melodyPiece(grid, title, source);
  });
