import { coinAt, keyOf } from '../core/rng.ts';
import { pitch, type Pitch } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { consonant } from '../music/consonance.ts';
import { isOn, type PerformanceGrammar } from '../music/performance.ts';
import { choiceOf, mayPlay } from './constraints.ts';
import type { ParamValues } from './params.ts';

/** How near and how far from the note struck harmony may lie, in semitones. */
const NEAREST = 3;
const FARTHEST = 16;

/**
 * Up to `voices` notes to sound with `struck`, drawn from the performance model's word on what comes at this very instant, and
 * held to scale, range and consonance with the note struck and with each other.
 */
export const drawHarmony = (logits: Float32Array, grammar: PerformanceGrammar, struck: Pitch, voices: number, params: ParamValues, seed: number, role: number, plan: number): Pitch[] => {
  const chosen: Pitch[] = [];
  const key = keyOf(seed, role, plan);
  const [least, most] = params.above >= 0.5 ? [NEAREST, FARTHEST] : [-FARTHEST, -NEAREST];
  for (let voice = 0; voice < voices; voice++) {
    const what = pick(logits, choiceOf(params), coinAt(key, voice), (each) => {
      if (!isOn(each) || !grammar.allows(each) || !mayPlay(each, params)) return -Infinity;
      const interval = each - struck;
      const near = interval >= least && interval <= most;
      return near && consonant(interval) && chosen.every((other) => other !== each && consonant(other - each)) ? 0 : -Infinity;
    });
    if (what < 0) break;
    chosen.push(pitch(what));
  }
  return chosen;
};
