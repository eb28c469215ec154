import type { Scorer } from '../model/markov.ts';
import type { Encoding } from '../music/encodings.ts';
import type { Piece } from './piece.ts';
import { addNats, lateFrom, noSums, type Sums } from './sums.ts';

/**
 * Events as one stream of symbols: before each question what is known beside it, out of the event before, then some of the parts that are
 * asked, one after another in the order they are asked in. What is only known is never scored.
 */
export interface Reading {
  readonly asked: readonly number[];
  readonly known: readonly number[];
  /** The parts in it, as a person reads them. */
  readonly over: string;
  readonly alphabet: number;
  readonly symbols: (piece: Piece) => Uint16Array;
  /** Sums a scorer's nats over pieces, for each part. */
  readonly score: (pieces: readonly Piece[], scorer: Scorer) => Sums;
}

/** @param known parts that are fed and never asked, the farthest first: what a Markov model forgets of its context is the farthest */
export const readingOf = (encoding: Encoding, asked: readonly number[], known: readonly number[] = []): Reading => {
  const sizes = [...known.map((p) => encoding.parts[p]?.inputs ?? 0), ...asked.map((p) => encoding.parts[p]?.outputs ?? 0)];
  const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  /** @param visit with the part that is asked, or −1 for what is only known */
  const walk = (piece: Piece, visit: (p: number, symbol: number, i: number) => void): void => {
    const event = piece.parts.map(() => 0);
    let before = encoding.start;
    for (let i = 0; i < (piece.parts[0]?.length ?? 0); i++) {
      for (let p = 0; p < event.length; p++) event[p] = (piece.parts[p] as Int32Array)[i] as number;
      if (asked.some((p) => encoding.asks(p, event))) known.forEach((p, n) => visit(-1, (offsets[n] as number) + (before[p] as number), i));
      asked.forEach((p, n) => {
        if (encoding.asks(p, event)) visit(p, (offsets[known.length + n] as number) + (event[p] as number), i);
      });
      if (known.length > 0) before = [...event];
    }
  };
  const symbols = (piece: Piece): Uint16Array => {
    const out = new Uint16Array((piece.parts[0]?.length ?? 0) * sizes.length);
    let length = 0;
    walk(piece, (_, symbol) => (out[length++] = symbol));
    return out.slice(0, length);
  };
  const names = (parts: readonly number[]): string => parts.map((p) => encoding.parts[p]?.name).join('+');
  const late = lateFrom(encoding);
  return {
    asked,
    known,
    over: names(asked) + (known.length > 0 ? ` given ${names(known)}` : ''),
    alphabet: sizes.reduce((sum, size) => sum + size, 0),
    symbols,
    score: (pieces, scorer) => {
      const sums = noSums(encoding);
      for (const piece of pieces) {
        const nats = scorer(symbols(piece));
        let at = 0;
        walk(piece, (p, _, i) => {
          const each = nats[at++] as number;
          if (p >= 0) addNats(sums, p, each, i >= late);
        });
      }
      return sums;
    },
  };
};

/** Every set of parts that are asked, smallest first, each in the order the encoding asks them in: a part over its own past, pairs, all in one stream. */
export const readingsOf = (encoding: Encoding): Reading[] => {
  const sets = Array.from({ length: 2 ** encoding.order.length - 1 }, (_, bits) => encoding.order.filter((p) => ((bits + 1) >> p) & 1));
  return sets.sort((a, b) => a.length - b.length).map((parts) => readingOf(encoding, parts));
};

/**
 * Readings that know what the model is fed and never asked, but for what is wished: each such part alone, and each with the place in the
 * bar; before each asked part over its own past, and before all of them.
 */
export const conditionedReadings = (encoding: Encoding): Reading[] => {
  const known = encoding.parts.slice(0, encoding.parts.length - (encoding.conditions ?? 0)).flatMap(({ outputs }, p) => (outputs === 0 ? [p] : []));
  const place = encoding.parts.findIndex(({ name, outputs }) => name === 'place' && outputs === 0);
  const sets = [...known.map((p) => [p]), ...(place < 0 ? [] : known.filter((p) => p !== place).map((p) => [p, place]))];
  const asked = encoding.order.length > 1 ? [...encoding.order.map((p) => [p]), encoding.order] : [encoding.order];
  return sets.flatMap((set) => asked.map((parts) => readingOf(encoding, parts, set)));
};
