import { coins } from '../core/rng.ts';
import type { Encoding } from '../music/encodings.ts';
import { columnsOf, type Piece } from './piece.ts';

/** A piece of symbols by chance, of any kind that can be predicted; a part that is not asked stands at its last input, and one that never is anywhere. */
export const syntheticPiece = ({ parts, asks }: Encoding, events: number, key: number): Piece => {
  const coin = coins(key);
  const rows = Array.from({ length: events }, () => {
    const event = parts.map(({ inputs, outputs }) => Math.floor(coin() * (outputs || inputs)));
    return event.map((symbol, p) => (asks(p, event) || parts[p]?.outputs === 0 ? symbol : (parts[p]?.inputs ?? 0) - 1));
  });
  return { id: `random ${key}`, source: 'test', family: `random ${key}`, parts: columnsOf(parts.length, rows), notes: events };
};
