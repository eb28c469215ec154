import type { Tf } from '../engine/tensorflow.ts';
import { CACHE_WINDOW } from '../model/cache.ts';
import type { Encoding } from '../music/encodings.ts';
import { cachedNats, chooseCache } from '../training/judge-cache.ts';
import { judgementOf } from '../training/judge.ts';
import type { Network } from '../training/network.ts';
import type { Piece } from '../training/piece.ts';
import { lateEvents, lateFrom, totalOf, type Sums } from '../training/sums.ts';

/** A model with the continuous cache: what `evaluate --cache --json` prints of it. Natural logarithms. */
export interface CacheEvaluation {
  /** Pairs the cache keeps, how much its vote counts and how sharply it compares. */
  readonly window: number;
  readonly weight: number;
  readonly sharpness: number;
  /** What weight and sharpness were chosen on: some of the tuning split. */
  readonly chosenOn: { readonly pieces: number; readonly events: number };
  readonly nllPerEvent: number;
  readonly nllPerNote: number;
  readonly nllPerStep?: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Nats an event of what comes after the first `events` of each piece; null where all pieces are shorter. */
  readonly late: { readonly events: number; readonly counted: number; readonly without: number; readonly with: number; readonly gain: number } | null;
}

/** Judges a model with the cache on `pieces`, its settings chosen on `tune`. @throws AntiphonError `evaluate.cache` */
export const evaluateCache = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[], tune: readonly Piece[]): Promise<CacheEvaluation> => {
  const { weight, sharpness, ...chosenOn } = await chooseCache(tf, network, encoding, tune);
  const [alone, cached] = (await cachedNats(tf, network, encoding, pieces, [{ weight: 0, sharpness }, { weight, sharpness }])) as [Sums, Sums];
  const { nllPerEvent, nllPerNote, parts } = judgementOf(encoding, pieces, [cached.whole]);
  const events = lateFrom(encoding);
  const counted = lateEvents(pieces, events);
  const late = [alone, cached].map((sums) => totalOf(sums.late) / counted) as [number, number];
  return {
    window: CACHE_WINDOW,
    weight,
    sharpness,
    chosenOn,
    nllPerEvent,
    nllPerNote,
    ...(encoding.eventsPerStep === null ? {} : { nllPerStep: nllPerEvent * encoding.eventsPerStep }),
    parts,
    late: counted === 0 ? null : { events, counted, without: late[0], with: late[1], gain: 1 - late[1] / late[0] },
  };
};

/** Its rows in the table for people. */
export const cacheRows = ({ weight, sharpness, nllPerEvent, late }: CacheEvaluation): [string, number][] => [
  [`with the cache, weight ${weight}, sharpness ${sharpness}`, nllPerEvent],
  ...(late ? ([[`after ${late.events} events, without`, late.without], [`after ${late.events} events, with the cache`, late.with]] as [string, number][]) : []),
];
