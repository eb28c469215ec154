import { pitch as pitchOf, type Pitch } from '../core/units.ts';
import { consonant, OVER, thirdAbove, thirdBelow, UNDER } from '../music/consonance.ts';
import { inScale } from '../music/scale.ts';
import { mayPlay } from './constraints.ts';
import { guessOf } from './guess.ts';
import type { ParamValues } from './params.ts';
import type { Tonic } from './tonality.ts';

/** What an octave counts for of its pitch class's weight: it adds nothing to what is struck. */
const OCTAVE = 0.4;

/**
 * Notes to sound with a key whose harmony the model does not give in time: those it last held likeliest, consonant with the key and
 * each other; then, or where it has said nothing, by the rule: the third and the sixth of the player's scale. Realtime-safe: yes, but
 * for the key being told.
 *
 * @param key the player's, where it can be told; a scale that parameters lock goes before it
 * @param guess as `packGuess` has it
 */
export const fallBack = (struck: Pitch, params: ParamValues, key: Tonic | null, guess: number): Pitch[] => {
  const over = params.above >= 0.5;
  // A note outside the key is of another chord: its harmony need not lie in the key either.
  const { root, scale } = params.scale === 0 && key && inScale(struck, key.root, key.scale) ? key : params;
  const chosen: Pitch[] = [];
  const may = (pitch: number): boolean => mayPlay(pitch, params) && inScale(pitch, root, scale) && chosen.every((other) => other !== pitch && consonant(other - pitch));
  const heaviest = (): number => {
    let [best, most] = [-1, 0];
    for (const interval of over ? OVER : UNDER) {
      const pitch = struck + interval;
      if (pitch < 0 || pitch > 127) continue;
      const weight = guessOf(guess, pitch) * (interval % 12 === 0 ? OCTAVE : 1);
      if (weight > most && may(pitch)) [best, most] = [pitch, weight];
    }
    return best;
  };
  while (guess > 0 && chosen.length < params.voices) {
    const pitch = heaviest();
    if (pitch < 0) break;
    chosen.push(pitchOf(pitch));
  }
  if (chosen.length < params.voices) for (const pitch of (over ? thirdAbove : thirdBelow)(struck, root, scale, params.voices)) if (chosen.length < params.voices && may(pitch)) chosen.push(pitch);
  return chosen;
};
