import { inScale } from '../music/scale.ts';
import type { CacheSettings } from '../model/cache.ts';
import type { Choice } from '../model/sampling.ts';
import type { Ms } from '../core/units.ts';
import type { ParamValues } from './params.ts';

/** Whether a key may be played under these parameters: scale and range. Realtime-safe: yes. */
export const mayPlay = (key: number, { low, high, root, scale }: ParamValues): boolean => key >= low && key <= high && inScale(key, root, scale);

export const choiceOf = ({ temperature, topK, topP }: ParamValues): Choice => ({ temperature, topK, topP });

/** How much what followed before counts in what comes next. */
export const recallOf = ({ memory, sharpness }: ParamValues): CacheSettings => ({ weight: memory, sharpness });

/** Limits of the pull that keeps an answer near its wanted density, in notes. */
const PULL = 3;

/** What a role played just before a plan of its own: so many notes in so many milliseconds. */
export interface Lately {
  readonly notes: number;
  readonly span: number;
}

export const NOTHING: Lately = { notes: 0, span: 0 };

/** How many notes behind (positive) or ahead a plan is that should have `density` notes a second. */
export const notesBehind = (elapsedMs: number, notes: number, density: number): number => Math.max(-PULL, Math.min(PULL, (elapsedMs * density) / 1000 - notes));

/** An answer never has more than this many times the notes it should have by then, and a few. */
const AHEAD = 1.3;
const SPARE = 2;

/** Whether one more note would be too many for the density asked for, whatever the model wants. */
export const tooMany = (elapsedMs: number, notes: number, density: number): boolean => notes + 1 > (AHEAD * elapsedMs * density) / 1000 + SPARE;

/** The share of an answer that is its close. */
const CLOSE = 0.2;

/** Whether an answer comes to its close at time `at`. */
export const isClose = ({ from, until }: { readonly from: Ms; readonly until: Ms }, at: number): boolean => until - at < CLOSE * (until - from);

/** A model's velocity bent towards the player's: the model keeps its accents, the player sets the level. */
export const followed = (velocity: number, modelMean: number, playerMean: number, follow: number): number =>
  Math.max(1, Math.min(127, Math.round(velocity * (1 - follow) + (playerMean + (velocity - modelMean) * 0.7) * follow)));
