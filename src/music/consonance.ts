import { pitch as pitchOf, type Pitch } from '../core/units.ts';
import { inScale } from './scale.ts';

/**
 * How consonant two notes are by interval class, 0 to 6 semitones; above 0 is consonant (Huron 1994, table 2,
 * which leaves out the unison: it stands above all here).
 */
export const CONSONANCE = [2, -1.428, -0.582, 0.594, 0.386, 1.24, -0.453] as const;

/** Whether two notes `interval` semitones apart, in whichever direction and octave, sound consonant. Realtime-safe: yes. */
export const consonant = (interval: number): boolean => {
  const above = Math.abs(interval) % 12;
  return (CONSONANCE[Math.min(above, 12 - above)] as number) > 0;
};

/** How harsh two notes `interval` semitones apart are: 0 where they are consonant, 1 as a seventh is or a tritone, 2 as a semitone. Realtime-safe: yes. */
export const harshness = (interval: number): number => {
  if (consonant(interval)) return 0;
  const above = Math.abs(interval) % 12;
  return above === 1 || above === 11 ? 2 : 1;
};

/** What harmony tries, in semitones from the note struck, best first: the third, the sixth, then what is left that can be consonant. */
export const UNDER = [-3, -4, -8, -9, -7, -5, -12, -15, -16, -20, -21, -24];
export const OVER = [4, 3, 9, 8, 7, 5, 12, 16, 15, 21, 20, 24];

/**
 * At most `voices` notes under a note struck: the third and the sixth of the scale where they are consonant with it
 * and with each other, else the nearest thing. Realtime-safe: yes.
 */
export const thirdBelow = (pitch: Pitch, root: number, scale: number, voices: number): readonly Pitch[] => harmony(UNDER, pitch, root, scale, voices);

/** The same over the note struck. Realtime-safe: yes. */
export const thirdAbove = (pitch: Pitch, root: number, scale: number, voices: number): readonly Pitch[] => harmony(OVER, pitch, root, scale, voices);

const harmony = (intervals: readonly number[], struck: Pitch, root: number, scale: number, voices: number): readonly Pitch[] => {
  const chosen: Pitch[] = [];
  for (const interval of intervals) {
    if (chosen.length >= voices) break;
    const pitch = struck + interval;
    if (pitch < 0 || pitch > 127 || !inScale(pitch, root, scale)) continue;
    if (chosen.every((other) => consonant(other - pitch))) chosen.push(pitchOf(pitch));
  }
  return chosen;
};
