import { AntiphonError } from '../core/errors.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import { bigramNll, Ppm, unigramNll, type Scorer } from '../model/markov.ts';
import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { augmented } from './augment.ts';
import { eventsOf, transposed, type Piece } from './piece.ts';
import { conditionedReadings, readingOf, readingsOf, type Reading } from './readings.ts';
import { lateEvents, lateFrom, totalOf } from './sums.ts';

/** What a model must beat: simpler models of the same events, trained on the same augmented pieces; nats per event. */
export interface Floors {
  readonly unigram: number;
  readonly bigram: number;
  readonly markov: MarkovFloor;
  /** The same, each judged piece learnt as it goes and forgotten after it; where that was asked for. */
  readonly online?: MarkovFloor;
  /** Symbols the floors were trained on, all parts together. */
  readonly symbols: number;
}

/** Prediction by partial matching, each part read in the way and at the order that did best on the tuning split. */
export interface MarkovFloor {
  /** In symbols; with several parts that of the encoding's first. */
  readonly order: number;
  readonly nllPerEvent: number;
  /** Nats per event of what comes after the first 16 bars, as `lateFrom` has it; where the floor that learns as it goes was asked for. */
  readonly late?: number;
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
  /** Whether to judge the floor that learns each piece as it goes too. */
  readonly online?: boolean;
}

/** The longest context tried, in symbols. */
const ORDERS = 8;
/** Choices are made on about so many events: the difference between two orders is far larger than their chance. */
const TUNE_EVENTS = 40_000;
/** How readings that know what is never asked are tried: on so many symbols, so many events, at these orders, and how many are kept for each part. */
const TRIED = { symbols: 300_000, tune: 6_000, orders: [2, 4, 6], kept: 2 } as const;

/** The best way found so far to predict one part. */
interface Best {
  tune: number;
  judged: number;
  late: number;
  order: number;
  over: string;
  asked: number;
}

/** What a scorer makes of each part: kept where it beats the best so far on the tuning pieces. */
const consider = (best: Best[], { asked, over, score }: Reading, choosing: readonly Piece[], judged: readonly Piece[], order: number, scorer: Scorer): void => {
  const tuned = score(choosing, scorer).whole;
  const better = asked.filter((p) => (tuned[p] as number) < (best[p] as Best).tune);
  if (better.length === 0) return;
  const { whole, late } = score(judged, scorer);
  for (const p of better) best[p] = { tune: tuned[p] as number, judged: whole[p] as number, late: late[p] as number, order, over, asked: asked.length };
};

/**
 * The floors for `judged`, in nats per event. The model hears transposed and stretched pieces, so these do too; they are asked the
 * same questions, each knowing the parts of the event that were asked before and, where that helps, what the model is fed and never asked.
 * Where an encoding is learnt in one key they are judged in the pieces' home key, which is told at log 12 nats a piece.
 *
 * @throws AntiphonError `floors.data` where no piece is left to train on
 */
export const floorsOf = (encoding: Encoding, task: FloorTask, progress: (line: string) => void = () => {}): Floors => {
  const known = new Set(task.judged.map(fingerprint));
  const inKey = (pieces: readonly Piece[]): readonly Piece[] => (encoding.keyed ? pieces.map((piece) => transposed(encoding.name, piece, piece.home ?? 0) ?? piece) : pieces);
  const [train, tune] = ([['train', task.train], ['tune', task.tune]] as const).map(([side, pieces]) => {
    const left = shuffled(pieces.filter((piece) => !known.has(fingerprint(piece))), coins(keyOf(task.seed, 0xf1)));
    if (left.length > 0) return left;
    if (side === 'train') throw new AntiphonError('floors.data', 'Without the judged pieces none is left on the side', side, 'Judge pieces that the model was not trained on.');
    // A benchmark of two sides chooses by what it judges: that favours the floors.
    return task.judged;
  }) as [Piece[], Piece[]];
  const judged = inKey(task.judged);
  const choosing = inKey(someOf(tune, TUNE_EVENTS));
  const heard = epochs(encoding, train, task);

  const asked = askedParts(encoding.parts);
  const none = (): Best[] => asked.map(() => ({ tune: Infinity, judged: Infinity, late: Infinity, order: 0, over: '', asked: 0 }));
  const floors = { unigram: none(), bigram: none(), markov: none(), online: none() };
  for (const reading of [...readingsOf(encoding), ...helpful(encoding, heard, choosing, progress)]) {
    const texts = heard.pieces.map(reading.symbols);
    const simple = (into: Best[], scorer: Scorer, order: number): void => consider(into, reading, choosing, judged, order, scorer);
    if (reading.asked.length === 1 && reading.known.length === 0) simple(floors.unigram, unigramNll(texts, reading.alphabet), 0);
    simple(floors.bigram, bigramNll(texts, reading.alphabet), 1);
    const ppm = new Ppm(reading.alphabet, ORDERS);
    for (const text of texts) ppm.train(text);
    for (let order = 1; order <= ORDERS; order++) {
      simple(floors.markov, (symbols) => ppm.nll(symbols, order), order);
      if (task.online) simple(floors.online, (symbols) => ppm.nllOnline(symbols, order), order);
    }
    progress(`floor over ${reading.over}: ${ppm.nodes} contexts`);
  }

  const events = eventsOf(judged);
  const lateCount = lateEvents(judged, lateFrom(encoding));
  const key = encoding.keyed ? (judged.length * Math.log(12)) / events : 0;
  const perEvent = (best: readonly Best[]): number => totalOf(best.map((each) => each.judged)) / events + key;
  const markov = (best: readonly Best[]): MarkovFloor => {
    const nllPerEvent = perEvent(best);
    // What the key costs is spread over the parts.
    const spread = key === 0 ? 1 : nllPerEvent / (nllPerEvent - key);
    return {
      order: (best[0] as Best).order,
      nllPerEvent,
      ...(task.online && lateCount > 0 ? { late: totalOf(best.map((each) => each.late)) / lateCount } : {}),
      factored: best.every((each) => each.asked === encoding.order.length) ? 'one stream' : 'by part',
      parts: Object.fromEntries(asked.map(({ name }, p) => {
        const each = best[p] as Best;
        return [name, { order: each.order, over: each.over, nllPerEvent: (spread * each.judged) / events }];
      })),
    };
  };
  return { unigram: perEvent(floors.unigram), bigram: perEvent(floors.bigram), markov: markov(floors.markov), ...(task.online ? { online: markov(floors.online) } : {}), symbols: heard.symbols };
};

/** The first pieces that have so many events together. */
const someOf = (pieces: readonly Piece[], events: number): Piece[] => {
  const some: Piece[] = [];
  for (const piece of pieces) if (eventsOf(some) < events) some.push(piece);
  return some;
};

/**
 * Of the many readings that know what is never asked, those that do best for some part, trained on a little and tried on a little: training
 * all of them on everything would take an hour.
 */
const helpful = (encoding: Encoding, heard: Heard, choosing: readonly Piece[], progress: (line: string) => void): Reading[] => {
  const some = someOf(choosing, TRIED.tune);
  const pieces = heard.pieces.slice(0, Math.max(1, Math.ceil((heard.pieces.length * TRIED.symbols) / heard.symbols)));
  const tried = conditionedReadings(encoding).map((reading) => {
    const ppm = new Ppm(reading.alphabet, Math.max(...TRIED.orders));
    for (const piece of pieces) ppm.train(reading.symbols(piece));
    const sums = TRIED.orders.map((order) => reading.score(some, (symbols) => ppm.nll(symbols, order)).whole);
    return { reading, least: (p: number): number => Math.min(...sums.map((each) => each[p] as number)) };
  });
  const kept = new Set(encoding.order.flatMap((p) => tried.filter(({ reading }) => reading.asked.includes(p)).sort((a, b) => a.least(p) - b.least(p)).slice(0, TRIED.kept).map(({ reading }) => reading)));
  if (tried.length > 0) progress(`floors: of ${tried.length} readings that know what is never asked, ${kept.size} are tried in full`);
  return [...kept];
};

/** What floors are trained on. */
interface Heard {
  readonly pieces: readonly Piece[];
  readonly symbols: number;
}

/** Augmented epochs, as the model hears them, until there are enough symbols. */
const epochs = (encoding: Encoding, train: readonly Piece[], { seed, symbols }: FloorTask): Heard => {
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
