import { pitch } from '../core/units.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';

/** Of each step the MIDI numbers that sound in it. */
export type Roll = readonly (readonly number[])[];

/** A step of such rolls is an eighth note (Boulanger-Lewandowski 2012). */
const SIXTEENTHS = STEPS_PER_BEAT / 2;

const isRoll = (value: unknown): value is Roll =>
  Array.isArray(value) && value.length > 0 && value.every((step) => Array.isArray(step) && step.every((key) => Number.isInteger(key) && key >= 0 && key <= 127));

/** Where every step holds four numbers they are voices, and on another grid. */
const isVoices = (rolls: readonly { readonly roll: Roll }[]): boolean => rolls.every(({ roll }) => roll.every((step) => step.length === 4));

/** Every piano roll in a JSON value, and under which names; none where its steps are of four voices. */
export const rollsIn = (value: unknown): { readonly path: readonly string[]; readonly roll: Roll }[] => {
  const found = rollsUnder(value, []);
  return isVoices(found) ? [] : found;
};

const rollsUnder = (value: unknown, path: readonly string[]): { readonly path: readonly string[]; readonly roll: Roll }[] => {
  if (isRoll(value)) return [{ path, roll: value }];
  if (typeof value !== 'object' || value === null || path.length > 1) return [];
  return Object.entries(value).flatMap(([name, each]) => rollsUnder(each, [...path, name]));
};

/** The highest note of each step, in 16ths. One that stays is held: where it was struck again, a roll doesn't say so. */
export const topOf = (roll: Roll): GridNote[] => {
  const tops = roll.map((step) => Math.max(-1, ...step));
  const notes: GridNote[] = [];
  let from = 0;
  tops.forEach((top, i) => {
    if (tops[i + 1] === top) return;
    if (top >= 0) notes.push({ step: from * SIXTEENTHS, steps: (i + 1 - from) * SIXTEENTHS, pitch: pitch(top) });
    from = i + 1;
  });
  return notes;
};
