import { pitch as asPitch, type Pitch } from '../core/units.ts';
import { tonesOf, type Chord } from './chord.ts';

/**
 * The chord's tones in close position between `low` and `high` whose voices move least from `before`; with nothing before, nearest
 * the middle. Empty where the range holds no position of it.
 */
export const voiceChord = (chord: Chord, before: readonly Pitch[], low: number, high: number): readonly Pitch[] => {
  const tones = [...tonesOf(chord)].sort((a, b) => a - b);
  const middle = (low + high) / 2;
  let best: readonly number[] = [];
  let least = Infinity;
  for (let lowest = low; lowest <= high; lowest++) {
    const first = tones.indexOf(lowest % 12);
    if (first < 0) continue;
    const voices = tones.map((_, i) => lowest + (((tones[(first + i) % tones.length] as number) - lowest) % 12 + 12) % 12);
    if ((voices.at(-1) as number) > high) break;
    const centre = Math.abs(voices.reduce((sum, voice) => sum + voice, 0) / voices.length - middle);
    // How far it lies from the middle decides between equals, and keeps voices from drifting away.
    const cost = before.length > 0 ? movement(voices, before) + movement(before, voices) + centre / 100 : centre;
    if (cost < least) [best, least] = [voices, cost];
  }
  return best.map(asPitch);
};

/** How far each voice is from the nearest of the others, in semitones altogether. */
const movement = (voices: readonly number[], others: readonly number[]): number =>
  voices.reduce((sum, voice) => sum + others.reduce((nearest, other) => Math.min(nearest, Math.abs(voice - other)), 127), 0);
