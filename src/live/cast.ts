import type { AnyEncodingName } from '../music/encodings.ts';
import type { PatchedRole } from './command.ts';
import type { Patch } from './patch.ts';

/** What each role can play with: the encodings of its models. */
export const PLAYS_WITH: Readonly<Record<PatchedRole, readonly AnyEncodingName[]>> = {
  respond: ['performance', 'melody'],
  continue: ['performance', 'melody'],
  harmonise: ['harmony', 'performance'],
  accompany: ['accompaniment'],
  drum: ['drums'],
};

/** Plays where a model of the grid has no pulse to keep to. */
export const FREE_TIME = 'performance';

/** The models that roles of the patches name, each once: a model's place in it is its number between stage and models. */
export const castOf = (patches: readonly Patch[]): readonly string[] => [...new Set(patches.flatMap(({ roles }) => roles.map(({ model }) => model)))];
