import { ROLES } from '../live/command.ts';
import type { Control } from '../music/note.ts';
import { writeSmf } from '../music/smf-write.ts';
import type { Sounded } from '../stage/rehearsal.ts';

/** A MIDI file of what sounded: the player and each role on tracks of their own. */
export const songOf = (notes: readonly Sounded[], playerControls: readonly Control[] = []): Uint8Array => {
  const roles = [...new Set([0, ...notes.map((note) => note.role)])].sort((a, b) => a - b);
  const tracks = roles.map((role) => {
    const own = notes.filter((note) => note.role === role);
    return { name: role === 0 ? 'Player' : `Antiphon ${ROLES[role]}`, channel: own[0]?.channel ?? (1 as Sounded['channel']), notes: own, controls: role === 0 ? playerControls : [] };
  });
  return writeSmf({ tracks, bpm: 120 });
};
