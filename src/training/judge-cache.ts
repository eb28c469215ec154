import { AntiphonError } from '../core/errors.ts';
import type { Tf } from '../engine/tensorflow.ts';
import { CACHE_WINDOW, ContinuousCache, type CacheSettings, type Recalled } from '../model/cache.ts';
import type { Encoding } from '../music/encodings.ts';
import { judgingBatches } from './batches.ts';
import { free, held, openMemory, type Memory } from './memory.ts';
import { WHOLE, type Network } from './network.ts';
import { eventAt, eventsOf, type Piece } from './piece.ts';
import { addNats, lateFrom, noSums, totalOf, type Sums } from './sums.ts';

/** What is tried on the tuning split. */
const WEIGHTS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
const SHARPNESSES = [0.03, 0.06, 0.12, 0.25, 0.5, 1, 2, 4, 8, 16] as const;
/** Settings are chosen on about so many events: their differences are far larger than chance. */
const TUNE_EVENTS = 20_000;
/** Rows of a batch: each has a cache of its own. */
const ROWS = 16;
const STEPS = 128;

/** @throws AntiphonError `evaluate.cache` where an encoding's heads are told more than symbols, by which a cache finds what agrees */
export const checkCached = ({ name, tell }: Encoding): void => {
  if (tell) throw new AntiphonError('evaluate.cache', 'There is no cache for the encoding', name, 'Its heads are told what voices sound, not symbols that past events could be compared by; judge it without --cache.');
};

/** The nats of what the model gives `nats`, where the cache recalls so much of it. */
const mixedNats = (nats: number, weight: number, { share, trust }: Recalled): number => -Math.log((1 - weight * trust) * Math.exp(-nats) + weight * trust * share);

/**
 * The nats of whole pieces for each of several settings, every cache empty at the start of its piece: what `Remembering` gives, event by
 * event. A weight of 0 is the model alone.
 *
 * @throws AntiphonError `evaluate.cache`
 */
export const cachedNats = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[], settings: readonly CacheSettings[]): Promise<Sums[]> => {
  checkCached(encoding);
  const { parts, order, asks } = encoding;
  const units = network.shape.layers.at(-1) as number;
  const from = lateFrom(encoding);
  const out = settings.map(() => noSums(encoding));
  let memory: Memory | undefined;
  let caches: ContinuousCache[] = [];
  let start = 0;

  const score = (cache: ContinuousCache, event: readonly number[], late: boolean, natsOf: (part: number) => number): void => {
    const given = parts.map(() => -1);
    for (const p of order) {
      const symbol = event[p] as number;
      if (asks(p, event)) {
        const nats = natsOf(p);
        let asked = -1;
        let recalled: Recalled | null = null;
        settings.forEach(({ weight, sharpness }, s) => {
          if (weight > 0 && sharpness !== asked) recalled = cache.recalled(symbol, (parts[p] as { readonly outputs: number }).outputs, p, given, (asked = sharpness));
          const mixed = weight > 0 && recalled ? mixedNats(nats, weight, recalled) : nats;
          addNats(out[s] as Sums, p, mixed, late);
        });
      }
      given[p] = symbol;
    }
  };

  for (const { batch, first, indices } of judgingBatches(encoding, pieces, ROWS, STEPS)) {
    if (first) {
      if (memory) free(memory);
      memory = openMemory(tf, network.shape, batch.rows);
      caches = indices.map(() => new ContinuousCache(CACHE_WINDOW, units, parts.length));
      start = 0;
    }
    const current = memory as Memory;
    const before = held(current);
    const { top, nats } = tf.tidy(() => {
      const pass = network.pass(batch, current, WHOLE, 0);
      return { top: pass.top, nats: [...pass.nats] };
    });
    free(before);
    const tops = (await top.data()) as Float32Array;
    const values = await Promise.all(nats.map((each) => each.data()));
    tf.dispose([top, ...nats]);
    for (const [r, index] of indices.entries()) {
      const piece = pieces[index] as Piece;
      const count = Math.min(batch.steps, (piece.parts[0] as Int32Array).length - start);
      for (let t = 0; t < count; t++) {
        const at = t * batch.rows + r;
        const i = start + t;
        const cache = caches[r] as ContinuousCache;
        cache.feed(i === 0 ? encoding.start : eventAt(piece, i - 1), tops.subarray(at * units, (at + 1) * units));
        score(cache, eventAt(piece, i), i >= from, (p) => (values[p] as ArrayLike<number>)[at] as number);
      }
    }
    start += batch.steps;
  }
  if (memory) free(memory);
  return out;
};

/** The settings that do best on some of the tuning pieces, and on how much they were chosen. */
export const chooseCache = async (tf: Tf, network: Network, encoding: Encoding, tune: readonly Piece[]): Promise<CacheSettings & { readonly pieces: number; readonly events: number }> => {
  const choosing: Piece[] = [];
  for (const piece of tune) if (eventsOf(choosing) < TUNE_EVENTS) choosing.push(piece);
  const grid = SHARPNESSES.flatMap((sharpness) => WEIGHTS.map((weight) => ({ weight, sharpness })));
  const totals = (await cachedNats(tf, network, encoding, choosing, grid)).map(({ whole }) => totalOf(whole));
  return { ...(grid[totals.indexOf(Math.min(...totals))] as CacheSettings), pieces: choosing.length, events: eventsOf(choosing) };
};
