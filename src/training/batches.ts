import { coinAt, coins, keyOf, shuffled, type Coin } from '../core/rng.ts';
import { toldOf } from '../core/part.ts';
import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { augmented, type MoreAugmentation } from './augment.ts';
import type { Piece } from './piece.ts';
import type { Batch } from './network.ts';

/** Where each row stands in the stream of pieces: all that a resume needs. */
export interface Cursor {
  next: number;
  readonly rows: { order: number; offset: number }[];
}

const emptyBatch = (encoding: Encoding, steps: number, rows: number): { inputs: Int32Array[]; targets: Int32Array[]; given: Int32Array[][]; segments: Float32Array } => {
  const asked = askedParts(encoding.parts);
  const parts = (of: typeof asked) => of.map(() => new Int32Array(steps * rows));
  return { inputs: parts(encoding.parts), targets: parts(asked).map((part) => part.fill(-1)), given: asked.map(() => asked.map((part) => new Int32Array(steps * rows).fill(toldOf(part)))), segments: new Float32Array(steps * rows) };
};

/** A target that is met by a symbol or any after it. */
const atLeast = (symbol: number): number => -2 - symbol;

/** What each head is told of a target: the parts before it in `order`. */
const tell = (encoding: Encoding, given: Int32Array[][], at: number, event: readonly number[], order: readonly number[]): void => {
  order.forEach((p, rank) => {
    for (let r = 0; r < rank; r++) {
      const q = order[r] as number;
      ((given[p] as Int32Array[])[q] as Int32Array)[at] = encoding.tell?.(q, event) ?? (event[q] as number);
    }
  });
};

/** A piece that is told nothing of what is wished has no such parts: they are 0. */
const place = (encoding: Encoding, batch: ReturnType<typeof emptyBatch>, at: number, fed: readonly number[], wanted: readonly number[], order: readonly number[]): void => {
  encoding.parts.forEach((_part, p) => {
    (batch.inputs[p] as Int32Array)[at] = fed[p] ?? 0;
    const targets = batch.targets[p];
    if (targets && encoding.asks(p, wanted)) targets[at] = encoding.atLeast?.(p, wanted) ? atLeast(wanted[p] as number) : (wanted[p] as number);
  });
  tell(encoding, batch.given, at, wanted, order);
};

/** What is fed before the first event: the start, told what the piece is told first. */
export const startOf = ({ start, conditions = 0 }: Encoding, { parts }: Piece): readonly number[] => start.map((symbol, p) => (p < start.length - conditions ? symbol : (parts[p]?.[0] ?? 0)));

/** The share of events that are asked in a random order of parts, where an encoding names no other. */
const ANY_ORDER = 0.5;

/** The parts by chance, but for those that always come first. */
const inAnyOrder = ({ order, first = 0 }: Encoding, coin: Coin): readonly number[] => [...order.slice(0, first), ...shuffled(order.slice(first), coin)];

/**
 * Endless training batches: each row reads shuffled, augmented pieces one after another, and its state goes on from batch to batch.
 * Some of the events are asked in the encoding's own order of parts, some in a random one.
 */
export class TrainingStream {
  readonly cursor: Cursor;
  private readonly encoding: Encoding;
  private readonly pieces: readonly Piece[];
  private readonly seed: number;
  private readonly open: (Piece | undefined)[];
  /** How many pieces of each source an epoch has, by their indices. */
  private readonly shares: readonly { readonly indices: readonly number[]; readonly count: number }[];
  private readonly length: number;
  private readonly more: MoreAugmentation;
  private orders: { epoch: number; order: readonly number[] } | undefined;

  /** @param weights how often an epoch hears the pieces of a source: once where it is not named, half of them at 0.5, each twice at 2 */
  constructor(encoding: Encoding, pieces: readonly Piece[], rows: number, seed: number, cursor?: Cursor, weights: Readonly<Record<string, number>> = {}, more: MoreAugmentation = {}) {
    this.more = more;
    this.encoding = encoding;
    this.pieces = pieces;
    this.seed = seed;
    this.cursor = cursor ?? { next: rows, rows: Array.from({ length: rows }, (_, order) => ({ order, offset: 0 })) };
    this.open = Array.from({ length: rows });
    const sources = [...new Set(pieces.map(({ source }) => source))];
    this.shares = sources.map((source) => {
      const indices = pieces.flatMap((piece, i) => (piece.source === source ? [i] : []));
      return { indices, count: Math.max(1, Math.round(indices.length * (weights[source] ?? 1))) };
    });
    this.length = this.shares.reduce((sum, { count }) => sum + count, 0);
  }

  /** Passes over all pieces so far. */
  get epochs(): number {
    return this.cursor.next / this.length;
  }

  /** @param key of the random orders of parts */
  next(steps: number, key: number): Batch {
    const { encoding, cursor } = this;
    const rows = cursor.rows.length;
    const batch = emptyBatch(encoding, steps, rows);
    const coin = coins(keyOf(this.seed, key));
    cursor.rows.forEach((row, r) => {
      let piece = (this.open[r] ??= this.piece(row.order));
      for (let t = 0; t < steps; t++) {
        if (row.offset >= (piece.parts[0] as Int32Array).length) {
          row.order = cursor.next++;
          row.offset = 0;
          piece = this.open[r] = this.piece(row.order);
        }
        const i = row.offset++;
        const fed = i === 0 ? startOf(encoding, piece) : piece.parts.map((part) => part[i - 1] as number);
        const order = encoding.order.length === 1 || coin() >= (encoding.anyOrder ?? ANY_ORDER) ? encoding.order : inAnyOrder(encoding, coin);
        batch.segments[t * rows + r] = row.order;
        place(encoding, batch, t * rows + r, fed, piece.parts.map((part) => part[i] as number), order);
      }
    });
    return { steps, rows, ...batch };
  }

  private piece(order: number): Piece {
    const epoch = Math.floor(order / this.length);
    if (this.orders?.epoch !== epoch) this.orders = { epoch, order: this.epochOf(coins(keyOf(this.seed, 0xe0c4, epoch))) };
    const index = this.orders.order[order % this.length] as number;
    // The same piece twice in an epoch is augmented in two ways.
    return augmented(this.encoding.name, this.pieces[index] as Piece, this.seed, order, index, this.more);
  }

  /** The pieces of an epoch, as indices: of a source that is heard less than once, others each time. */
  private epochOf(coin: Coin): number[] {
    const chosen = this.shares.flatMap(({ indices, count }) => {
      const times = Math.floor(count / indices.length);
      const rest = count % indices.length;
      return [...Array.from({ length: times }, () => indices).flat(), ...(rest > 0 ? shuffled(indices, coin).slice(0, rest) : [])];
    });
    return shuffled(chosen, coin);
  }
}

/** The share of rows whose state is forgotten before a batch, so that starting from nothing in mid-piece is practised too. */
export const FORGOTTEN = 0.1;

/** Which rows' state is forgotten before batch `key`: 0 for those, 1 for the others. */
export const forgotten = (rows: number, seed: number, key: number, share = FORGOTTEN): Float32Array =>
  Float32Array.from({ length: rows }, (_, r) => (coinAt(keyOf(seed, 0xf0, key), r) < share ? 0 : 1));

/** A chunk of some pieces: whether it is their first, and which of the pieces given stand in its rows. */
export interface JudgingBatch {
  readonly batch: Batch;
  readonly first: boolean;
  readonly indices: readonly number[];
}

/** Whole pieces in the encoding's own order, padded, for judging: batches of at most `rows` pieces, each cut in chunks of `steps`. */
export function* judgingBatches(encoding: Encoding, pieces: readonly Piece[], rows: number, steps: number): Generator<JudgingBatch> {
  const sorted = pieces.map((piece, index) => ({ piece, index })).sort((a, b) => (b.piece.parts[0]?.length ?? 0) - (a.piece.parts[0]?.length ?? 0));
  for (let from = 0; from < sorted.length; from += rows) {
    const among = sorted.slice(from, from + rows);
    const group = among.map(({ piece }) => piece);
    const longest = group[0]?.parts[0]?.length ?? 0;
    for (let start = 0; start < longest; start += steps) {
      const length = Math.min(steps, longest - start);
      const batch = emptyBatch(encoding, length, group.length);
      group.forEach((piece, r) => {
        const count = (piece.parts[0] as Int32Array).length;
        for (let t = 0; t < length && start + t < count; t++) {
          const i = start + t;
          const fed = i === 0 ? startOf(encoding, piece) : piece.parts.map((part) => part[i - 1] as number);
          place(encoding, batch, t * group.length + r, fed, piece.parts.map((part) => part[i] as number), encoding.order);
        }
      });
      yield { batch: { steps: length, rows: group.length, ...batch }, first: start === 0, indices: among.map(({ index }) => index) };
    }
  }
}
