import { coins } from '../../src/core/rng.ts';
import { ENCODINGS, type AnyEncodingName } from '../../src/music/encodings.ts';
import type { Piece } from '../../src/training/piece.ts';

/** A piece of these symbols, one list a part. */
export const pieceOf = (id: string, ...parts: readonly (readonly number[])[]): Piece => ({ id, source: 'test', family: id, parts: parts.map((part) => Int32Array.from(part)), notes: parts[0]?.length ?? 0 });

/** Symbols by chance, of any kind that can be predicted; a part that is not asked stands at its last input, and one that never is anywhere. */
export const randomPiece = (name: AnyEncodingName, events: number, key: number): Piece => {
  const { parts, asks } = ENCODINGS[name];
  const coin = coins(key);
  const rows = Array.from({ length: events }, () => {
    const event = parts.map(({ inputs, outputs }) => Math.floor(coin() * (outputs || inputs)));
    return event.map((symbol, p) => (asks(p, event) || parts[p]?.outputs === 0 ? symbol : (parts[p]?.inputs ?? 0) - 1));
  });
  return pieceOf(`random ${key}`, ...parts.map((_, p) => rows.map((row) => row[p] as number)));
};

/** A tune that repeats `cycle`, begun at another place each time. */
export const repeating = (id: string, cycle: readonly number[], length: number, from = 0): Piece =>
  pieceOf(id, Array.from({ length }, (_, i) => cycle[(from + i) % cycle.length] as number));
