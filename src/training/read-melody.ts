import { AntiphonError } from '../core/errors.ts';
import { pitch } from '../core/units.ts';
import { encodeMelody, MELODY, STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Piece } from './piece.ts';
import type { Found, Reader } from './reader.ts';
import { gridOf, named, voicesOf } from './tracks.ts';

/** Melodies: the track so named, else the highest on average; and lead sheets. */
export const readMelody: Reader = {
  song: (song, { file, id, source }) => {
    const track = named(song, 'MELODY')[0] ?? voicesOf(song)[0];
    if (!track) throw new AntiphonError('corpus.melody', 'No track with notes', file, 'It is left out.');
    return melodyPiece(gridOf(song, file)(track.notes), id, source);
  },
  json: (value, found) => leadSheets(value, found),
};

/** What settings of one tune share: its opening intervals, whatever the key. */
export const openingOf = (pitches: readonly number[]): string => pitches.slice(0, 13).map((key, i) => key - (pitches[i - 1] ?? key)).join(',');

const melodyPiece = (notes: readonly GridNote[], id: string, source: string): Piece => {
  const symbols = encodeMelody(notes);
  const pitches = symbols.filter((symbol) => symbol >= MELODY.on);
  return { id, source, family: openingOf(pitches), parts: [Int32Array.from(symbols)], notes: pitches.length };
};

interface LeadSheet {
  readonly notes: readonly (readonly [number, number, number])[];
}

const isLeadSheet = (value: unknown): value is LeadSheet => {
  const notes = (value as Partial<LeadSheet> | null)?.notes;
  return Array.isArray(notes) && notes.every((note) => Array.isArray(note) && note.length === 3 && note.every(Number.isFinite) && Number.isInteger(note[2]) && note[2] >= 0 && note[2] <= 127);
};

const leadSheets = (sheets: unknown, { file, source }: Found): Piece[] => {
  if (typeof sheets !== 'object' || sheets === null || !Object.values(sheets).every(isLeadSheet)) {
    throw new AntiphonError('corpus.leadsheets', 'No lead sheets to read melodies from in', file, 'A title for each piece, with `notes` of [onset, duration, pitch] in quarters.');
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
