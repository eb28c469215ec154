import { AntiphonError } from '../core/errors.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import { bigramNll, Ppm, unigramNll, type Scorer } from '../model/markov.ts';
import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { augmented } from './augment.ts';
import { eventsOf, type Piece } from './piece.ts';

/** What a model must beat: simpler models of the same events, trained on the same augmented pieces; nats per event. */
export interface Floors {
  readonly unigram: number;
  readonly bigram: number;
  readonly markov: MarkovFloor;
  /** Symbols the floors were trained on, all parts together. */
  readonly symbols: number;
}

/** Prediction by partial matching, each part read in the way and at the order that did best on the tuning split. */
export interface MarkovFloor {
  /** In symbols; with several parts that of the encoding's first. */
  readonly order: number;
  readonly nllPerEvent: number;
  /** Whether every part was read best in one interleaved stream of all parts. */
  readonly factored: 'one stream' | 'by part';
  /** By part: its order, the parts interleaved in the stream it was read in, and its share of `nllPerEvent`. */
  readonly parts: Readonly<Record<string, { readonly order: number; readonly over: string; readonly nllPerEvent: number }>>;
}

export interface FloorTask {
  readonly train: readonly Piece[];
  readonly tune: readonly Piece[];
  /** The pieces the floors are scored on; any of them in `train` or `tune` is left out there, unless choices could then be made on none. */
  readonly judged: readonly Piece[];
  readonly seed: number;
  /** Symbols to train on: epochs are heard until it is reached. */
  readonly symbols: number;
}

/** The longest context tried, in symbols. */
const ORDERS = 8;
/** Choices are made on about so many events: the difference between two orders is far larger than their chance. */
const TUNE_EVENTS = 40_000;

/** Events as one stream of symbols: some of the parts, one after another in the order they are asked in. */
interface Reading {
  readonly parts: readonly number[];
  readonly alphabet: number;
  readonly symbols: (piece: Piece) => Uint16Array;
  /** Sums a scorer's nats over pieces, for each part. */
  readonly score: (pieces: readonly Piece[], scorer: Scorer) => number[];
}

const readingOf = (encoding: Encoding, parts: readonly number[]): Reading => {
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, p) => sum + (encoding.parts[p]?.outputs ?? 0), 0));
  const walk = (piece: Piece, visit: (p: number, symbol: number) => void): void => {
    const event = piece.parts.map(() => 0);
    for (let i = 0; i < (piece.parts[0]?.length ?? 0); i++) {
      for (let p = 0; p < event.length; p++) event[p] = (piece.parts[p] as Int32Array)[i] as number;
      for (let n = 0; n < parts.length; n++) {
        const p = parts[n] as number;
        if (encoding.asks(p, event)) visit(p, (offsets[n] as number) + (event[p] as number));
      }
    }
  };
  const symbols = (piece: Piece): Uint16Array => {
    const out = new Uint16Array((piece.parts[0]?.length ?? 0) * parts.length);
    let length = 0;
    walk(piece, (_, symbol) => (out[length++] = symbol));
    return out.slice(0, length);
  };
  return {
    parts,
    alphabet: parts.reduce((sum, p) => sum + (encoding.parts[p]?.outputs ?? 0), 0),
    symbols,
    score: (pieces, scorer) => {
      const sums = askedParts(encoding.parts).map(() => 0);
      for (const piece of pieces) {
        const nats = scorer(symbols(piece));
        let at = 0;
        walk(piece, (p) => (sums[p] = (sums[p] as number) + (nats[at++] as number)));
      }
      return sums;
    },
  };
};

/** Every set of parts, smallest first, each in the order the encoding asks them in: a part over its own past, pairs, all in one stream. */
const readingsOf = (encoding: Encoding): Reading[] => {
  const sets = Array.from({ length: 2 ** encoding.order.length - 1 }, (_, bits) => encoding.order.filter((p) => ((bits + 1) >> p) & 1));
  return sets.sort((a, b) => a.length - b.length).map((parts) => readingOf(encoding, parts));
};

/** The best way found so far to predict one part. */
interface Best {
  tune: number;
  judged: number;
  order: number;
  over: string;
}

/** What `scorer` makes of each part: kept where it beats the best so far on the tuning pieces. */
const consider = (best: Best[], reading: Reading, tuned: readonly number[], order: number, over: string, judged: () => readonly number[]): void => {
  const better = reading.parts.filter((p) => (tuned[p] as number) < (best[p] as Best).tune);
  if (better.length === 0) return;
  const scores = judged();
  for (const p of better) best[p] = { tune: tuned[p] as number, judged: scores[p] as number, order, over };
};

/**
 * The floors for `judged`, in nats per event. The model hears transposed and stretched pieces, so these do too; they are asked the
 * same questions, each knowing the parts of the event that were asked before.
 *
 * @throws AntiphonError `floors.data` where no piece is left to train on
 */
export const floorsOf = (encoding: Encoding, task: FloorTask, progress: (line: string) => void = () => {}): Floors => {
  const known = new Set(task.judged.map(fingerprint));
  const [train, tune] = ([['train', task.train], ['tune', task.tune]] as const).map(([side, pieces]) => {
    const left = shuffled(pieces.filter((piece) => !known.has(fingerprint(piece))), coins(keyOf(task.seed, 0xf1)));
    if (left.length > 0) return left;
    if (side === 'train') throw new AntiphonError('floors.data', 'Without the judged pieces none is left on the side', side, 'Judge pieces that the model was not trained on.');
    // A benchmark of two sides chooses by what it judges: that favours the floors.
    return task.judged;
  }) as [Piece[], Piece[]];
  const choosing: Piece[] = [];
  for (const piece of tune) if (eventsOf(choosing) < TUNE_EVENTS) choosing.push(piece);
  const heard = epochs(encoding, train, task);

  const asked = askedParts(encoding.parts);
  const none = (): Best[] => asked.map(() => ({ tune: Infinity, judged: Infinity, order: 0, over: '' }));
  const floors = { unigram: none(), bigram: none(), markov: none() };
  for (const reading of readingsOf(encoding)) {
    const over = reading.parts.map((p) => encoding.parts[p]?.name).join('+');
    const texts = heard.pieces.map(reading.symbols);
    const simple = (into: Best[], scorer: Scorer, order: number): void =>
      consider(into, reading, reading.score(choosing, scorer), order, over, () => reading.score(task.judged, scorer));
    if (reading.parts.length === 1) simple(floors.unigram, unigramNll(texts, reading.alphabet), 0);
    simple(floors.bigram, bigramNll(texts, reading.alphabet), 1);
    const ppm = new Ppm(reading.alphabet, ORDERS);
    for (const text of texts) ppm.train(text);
    for (let order = 1; order <= ORDERS; order++) {
      const scorer: Scorer = (symbols) => ppm.nll(symbols, order);
      simple(floors.markov, scorer, order);
    }
    progress(`floor over ${over}: ${ppm.nodes} contexts`);
  }

  const events = eventsOf(task.judged);
  const perEvent = (best: readonly Best[]): number => best.reduce((sum, { judged }) => sum + judged, 0) / events;
  const all = encoding.order.map((p) => encoding.parts[p]?.name).join('+');
  return {
    unigram: perEvent(floors.unigram),
    bigram: perEvent(floors.bigram),
    markov: {
      order: (floors.markov[0] as Best).order,
      nllPerEvent: perEvent(floors.markov),
      factored: floors.markov.every(({ over }) => over === all) ? 'one stream' : 'by part',
      parts: Object.fromEntries(asked.map(({ name }, p) => {
        const { order, over, judged } = floors.markov[p] as Best;
        return [name, { order, over, nllPerEvent: judged / events }];
      })),
    },
    symbols: heard.symbols,
  };
};

/** Augmented epochs, as the model hears them, until there are enough symbols. */
const epochs = (encoding: Encoding, train: readonly Piece[], { seed, symbols }: FloorTask): { readonly pieces: readonly Piece[]; readonly symbols: number } => {
  const whole = readingOf(encoding, encoding.order);
  const pieces: Piece[] = [];
  let count = 0;
  for (let epoch = 0; count < symbols; epoch++) {
    for (const [index, piece] of train.entries()) {
      if (count >= symbols) break;
      const copy = augmented(encoding.name, piece, seed, epoch, index);
      pieces.push(copy);
      count += whole.symbols(copy).length;
    }
  }
  return { pieces, symbols: count };
};

/** Tells pieces by their music: the same under another name has the same fingerprint. */
export const fingerprint = (piece: Piece): string => `${piece.parts[0]?.length} ${keyOf(...piece.parts.map((part) => part.reduce((key, symbol) => keyOf(key, symbol), 0)))}`;
