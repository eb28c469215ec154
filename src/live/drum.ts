import { ROLES } from './command.ts';
import { Backing } from './backing.ts';
import type { RoleContext } from './role.ts';

/** Drums, a bar at a time; where the model is late the bar before comes once more. */
export const drum = (context: RoleContext): Backing =>
  new Backing(context, { chunk: 4, ahead: 2, repeats: true, bass: ROLES.indexOf('drum'), force: (velocity) => velocity });
