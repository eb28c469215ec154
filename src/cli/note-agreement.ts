import { mean } from '../core/statistics.ts';
import { ms } from '../core/units.ts';
import { matchNotes } from '../music/note-matching.ts';
import { eachSong, midiFiles } from './song-folder.ts';

/** Notes of files against those of the files of the same name in another folder. */
export interface NoteAgreement {
  /** Names that stand in both folders. */
  readonly pieces: number;
  /** Milliseconds that two onsets may lie apart. */
  readonly tolerance: number;
  /** Of all notes together, and the mean of the pieces' own F1. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly meanF1: number;
}

type Notes = Parameters<typeof matchNotes>[0];

const notesByName = (place: string): Map<string, Notes> => {
  const notes = new Map<string, Notes>();
  eachSong(place, midiFiles(place), ({ name, song }) => void notes.set(name, song.tracks.flatMap((track) => track.notes)));
  return notes;
};

/** Precision and recall of A's notes by pitch and onset, B's being the truth; null where no name stands in both. */
export const noteAgreement = (a: string, b: string, tolerance: number): NoteAgreement | null => {
  const truths = notesByName(b);
  const pairs = [...notesByName(a)].flatMap(([name, played]) => {
    const truth = truths.get(name);
    return truth ? [{ played: played.length, truth: truth.length, ...matchNotes(played, truth, ms(tolerance)) }] : [];
  });
  if (pairs.length === 0) return null;
  const [played, truth, matched] = (['played', 'truth', 'matched'] as const).map((what) => pairs.reduce((sum, pair) => sum + pair[what], 0)) as [number, number, number];
  return { pieces: pairs.length, tolerance, precision: matched / played, recall: matched / truth, f1: (2 * matched) / (played + truth), meanF1: mean(pairs.map(({ f1 }) => f1)) };
};

/** The agreement as a line for people. */
export const agreementLine = (agreement: NoteAgreement | null): string =>
  agreement
    ? `notes of ${agreement.pieces} files of one name, onsets within ${agreement.tolerance} ms: precision ${agreement.precision.toFixed(3)}, recall ${agreement.recall.toFixed(3)}, F1 ${agreement.f1.toFixed(3)}`
    : 'no file of A has the name of one of B: no note is matched';
