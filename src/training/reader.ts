import type { Song } from '../music/smf-read.ts';
import type { Piece } from './piece.ts';

/** A file that was found: where it lies, its name under the place it was looked for in, and the data set it belongs to. */
export interface Found {
  readonly file: string;
  readonly id: string;
  readonly source: string;
}

/** How pieces of one encoding are read; each throws AntiphonError where there are none. */
export interface Reader {
  readonly song: (song: Song, found: Found) => Piece;
  /** Where the encoding also reads JSON: a file may hold many pieces. */
  readonly json?: (value: unknown, found: Found) => Piece[];
}
