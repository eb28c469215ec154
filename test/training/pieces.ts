import { ENCODINGS, type AnyEncodingName } from '../../src/music/encodings.ts';
import type { Piece } from '../../src/training/piece.ts';
import { syntheticPiece } from '../../src/training/synthetic.ts';

/** A piece of these symbols, one list a part. */
export const pieceOf = (id: string, ...parts: readonly (readonly number[])[]): Piece => ({ id, source: 'test', family: id, parts: parts.map((part) => Int32Array.from(part)), notes: parts[0]?.length ?? 0 });

/** Symbols by chance, as `antiphon bench train` learns from. */
export const randomPiece = (name: AnyEncodingName, events: number, key: number): Piece => syntheticPiece(ENCODINGS[name], events, key);

/** A tune that repeats `cycle`, begun at another place each time. */
export const repeating = (id: string, cycle: readonly number[], length: number, from = 0): Piece =>
  pieceOf(id, Array.from({ length }, (_, i) => cycle[(from + i) % cycle.length] as number));
