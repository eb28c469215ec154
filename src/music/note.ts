import type { Channel, Ms, Pitch, Velocity } from '../core/units.ts';

/** A sounded note: from `start` for `duration`. */
export interface Note {
  readonly start: Ms;
  readonly duration: Ms;
  readonly pitch: Pitch;
  readonly velocity: Velocity;
  readonly channel: Channel;
}

/** A controller change, MIDI controller number 0 to 127 and value 0 to 127. */
export interface Control {
  readonly time: Ms;
  readonly controller: number;
  readonly value: number;
  readonly channel: Channel;
}

/** The pedals that hold notes or soften them, as controller numbers (MIDI 1.0, table 3). */
export const PEDALS = { sustain: 64, sostenuto: 66, soft: 67 } as const;

/** What a performer did, as the session hears it: already parsed, velocity-0 note-ons already note-offs. */
export type Played =
  | { readonly kind: 'on'; readonly time: Ms; readonly channel: Channel; readonly pitch: Pitch; readonly velocity: Velocity }
  | { readonly kind: 'off'; readonly time: Ms; readonly channel: Channel; readonly pitch: Pitch }
  | { readonly kind: 'control'; readonly time: Ms; readonly channel: Channel; readonly controller: number; readonly value: number };
