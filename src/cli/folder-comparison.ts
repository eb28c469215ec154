import type { Measured, MeasureName } from '../music/measures.ts';
import type { Comparison, SetSummary } from '../music/set-comparison.ts';
import type { CopyReport } from './copies.ts';
import type { NoteAgreement } from './note-agreement.ts';
import type { Refused } from './song-folder.ts';

/** A folder of music as it was measured. */
export interface MeasuredFolder {
  readonly folder: string;
  readonly pieces: readonly Measured[];
  readonly refused: readonly Refused[];
}

/** How near set A comes to set B over the measures that could be compared, each the mean of theirs. */
export interface Summary {
  readonly measures: number;
  readonly overlap: number;
  readonly kl: number;
  readonly intra: { readonly overlap: number; readonly kl: number };
  readonly ratio: number;
  /** The measure that comes least near. */
  readonly least: { readonly measure: MeasureName; readonly ratio: number };
}

/** What is printed of one measure: the distance densities are for the report alone. */
export type PrintedMeasure = { readonly unit: string; readonly bins?: readonly string[]; readonly a: SetSummary; readonly b: SetSummary } & (Comparison | { readonly overlap: null });

export interface PrintedFolder {
  readonly folder: string;
  readonly pieces: number;
  readonly refused: readonly Refused[];
}

/** What `evaluate A B --json` prints: A is judged, B is what it is judged by. */
export interface FolderComparison {
  readonly a: PrintedFolder;
  readonly b: PrintedFolder;
  readonly seed: number;
  readonly measures: Readonly<Record<MeasureName, PrintedMeasure>>;
  /** Null where there are too few pieces to compare. */
  readonly summary: Summary | null;
  /** Where the folders were told that A's model was trained on. */
  readonly copies?: CopyReport;
  /** Where it was asked for; null where no file has the name of another. */
  readonly notes?: NoteAgreement | null;
}
