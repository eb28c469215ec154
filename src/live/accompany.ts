import { ROLES } from './command.ts';
import { Backing } from './backing.ts';
import { LISTENS } from './grow-accompaniment.ts';
import type { RoleContext } from './role.ts';

/** The velocity that the model's stands for as the player's own. */
const USUAL = 64;

/** What of the time it waits for the player's note is the model's to answer in, in milliseconds. */
const ANSWERS = 12;

/** Chords and bass, an 8th at a time, each asked for as it begins: it waits a moment to hear what the player strikes there. */
export const accompany = (context: RoleContext): Backing =>
  new Backing(context, { chunk: 0.5, ahead: 0.25, waits: { after: LISTENS, answers: ANSWERS }, repeats: false, bass: ROLES.indexOf('bass'), force: (velocity, players, softness) => (velocity * players * softness) / USUAL });
