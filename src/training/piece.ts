import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import type { About } from './about.ts';

/** The sides of a split, as `splitOf` has them. */
export type Side = 'train' | 'tune' | 'report';

/** One piece as symbols: `parts[p][i]` is part p of event i. */
export interface Piece {
  readonly id: string;
  /** The data set it came from: its folder's name. */
  readonly source: string;
  /** Pieces of one family stand on one side of a split. */
  readonly family: string;
  /** Where its data set has a split of its own: the side it puts the piece on. */
  readonly side?: Side;
  readonly parts: readonly Int32Array[];
  /** Semitones to C major or A minor, where its encoding is learnt there: −6 to 5. */
  readonly home?: number;
  /** What nats a note are counted over. */
  readonly notes: number;
  /** The pitches of its leading voice (melody, soprano, top line), one a note as they are struck, whatever the encoding; absent where it has none. */
  readonly line?: Uint8Array;
  /** What a person wants to know of it. */
  readonly about?: About;
}

/** Events as the parts of a piece. */
export const columnsOf = (parts: number, events: readonly (readonly number[])[]): Int32Array[] =>
  Array.from({ length: parts }, (_, p) => Int32Array.from(events, (event) => event[p] as number));

/** Events in all. */
export const eventsOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, each) => sum + (each.parts[0]?.length ?? 0), 0);

/** Event i of a piece. */
export const eventAt = (each: Piece, i: number): number[] => each.parts.map((part) => part[i] as number);

/** The piece `semitones` higher; undefined where a note would leave the keyboard. */
export const transposed = (encoding: AnyEncodingName, each: Piece, semitones: number): Piece | undefined => {
  const { transpose } = encodingOf<AnyEncodingName>(encoding);
  const parts = each.parts.map((part) => new Int32Array(part.length));
  for (let i = 0; i < (each.parts[0]?.length ?? 0); i++) {
    const event = transpose(eventAt(each, i), semitones);
    if (!event) return undefined;
    event.forEach((symbol, p) => ((parts[p] as Int32Array)[i] = symbol));
  }
  return { ...each, parts };
};
