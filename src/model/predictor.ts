import { ContinuousCache, type CacheSettings } from './cache.ts';
import { memoryOf, type Shape } from './shape.ts';

/** What a streaming model remembers: cheap to copy, bounded in size, owned by whoever opened it. */
export interface ModelState {
  /** h and c of each layer (h alone for GRUs), one after the other; then the window of attention, where there is one. */
  readonly memory: Float32Array;
  /** What the heads see of it, computed when the state was last fed. */
  readonly heads: Float32Array;
  /** What followed what, where that is to be remembered. */
  readonly cache?: ContinuousCache;
  /** The same that was told nothing, where this is told something and is to heed it more or less than it learnt to. */
  untold?: ModelState;
}

/**
 * Moves a state by one event, or asks what one part of the next event might be, given parts already known (−1 where not). `heed` is how
 * much of what was told counts: 0 nothing, 1 as it was learnt.
 */
export type Request =
  | { readonly kind: 'feed'; readonly state: ModelState; readonly event: readonly number[] }
  | { readonly kind: 'query'; readonly state: ModelState; readonly part: number; readonly given: readonly number[]; readonly cache?: CacheSettings; readonly heed?: number };

/** A model on an engine. Tokens in, logits out: it knows no music. */
export interface Predictor {
  readonly shape: Shape;
  /**
   * Runs a batch; feeds and queries of one batch must not share a state. For each query its logits, for each feed null.
   * A state that is queried stays as it is.
   */
  submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]>;
  close(): void;
}

/** A state that has heard nothing: feed it the encoding's start before the first query. `cached` is how many events its cache holds, if it is to have one. */
export const openState = (shape: Shape, cached = 0): ModelState => ({
  memory: new Float32Array(memoryOf(shape)),
  heads: new Float32Array(shape.parts.length * shape.head),
  ...(cached > 0 ? { cache: new ContinuousCache(cached, shape.layers.at(-1) as number, shape.parts.length) } : {}),
});

/** Makes `to` what `from` is. Realtime-safe: where `from` was told nothing. */
export const copyState = (from: ModelState, to: ModelState): void => {
  to.memory.set(from.memory);
  to.heads.set(from.heads);
  if (from.cache) to.cache?.copy(from.cache);
  if (from.untold) to.untold = forkState(from.untold);
  else delete to.untold;
};

export const forkState = ({ memory, heads, cache, untold }: ModelState): ModelState => ({
  memory: memory.slice(),
  heads: heads.slice(),
  ...(cache ? { cache: cache.fork() } : {}),
  ...(untold ? { untold: forkState(untold) } : {}),
});
