import { ROLES } from './command.ts';
import { Backing } from './backing.ts';
import type { RoleContext } from './role.ts';

/** The velocity that the model's stands for as the player's own. */
const USUAL = 64;

/** Chords and bass, an 8th at a time, each asked for a sixteenth before it begins: what the player does is heard up to then. */
export const accompany = (context: RoleContext): Backing =>
  new Backing(context, { chunk: 0.5, ahead: 0.25, repeats: false, bass: ROLES.indexOf('bass'), force: (velocity, players, softness) => (velocity * players * softness) / USUAL });
