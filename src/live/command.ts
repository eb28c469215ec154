import type { Channel, Ms, Pitch } from '../core/units.ts';
import type { Latencies } from './latency.ts';
import type { ParamName, ParamValues } from './params.ts';

/** What each role is called, in the order of their numbers in records and logs. */
export const ROLES = ['player', 'respond', 'continue', 'harmonise', 'accompany', 'bass', 'drum'] as const;
export type Role = (typeof ROLES)[number];
/** The roles a patch can name: `bass` is played by `accompany`. */
export type PatchedRole = Exclude<Role, 'player' | 'bass'>;

/** What a client may ask of the daemon; doors turn bytes into these, already checked. */
export type Command =
  | { readonly kind: 'note'; readonly pitch: Pitch; readonly velocity: number; readonly channel: Channel }
  | { readonly kind: 'control'; readonly controller: number; readonly value: number; readonly channel: Channel }
  | { readonly kind: 'param'; readonly name: ParamName; readonly value: number }
  | { readonly kind: 'patch'; readonly name: string }
  | { readonly kind: 'play' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'panic' }
  | { readonly kind: 'state' };

/** What clients are told. A note-off is a note with velocity 0 and its note-on's id. */
export type Told =
  | { readonly kind: 'note'; readonly pitch: Pitch; readonly velocity: number; readonly channel: Channel; readonly role: Role; readonly id: number; readonly wanted: Ms; readonly sent: Ms }
  | { readonly kind: 'withdraw'; readonly id: number }
  | { readonly kind: 'param'; readonly name: ParamName; readonly value: number }
  | { readonly kind: 'patch'; readonly name: string }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'state'; readonly state: DaemonState };

/** Everything a client needs to draw the daemon; times in milliseconds of the daemon's clock. */
export interface DaemonState {
  readonly ready: boolean;
  readonly running: boolean;
  readonly patch: string;
  readonly patches: readonly string[];
  readonly params: ParamValues;
  readonly engine: string;
  readonly stepMs: number;
  readonly models: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What the guard is connected to; null where none runs. */
  readonly guarded: readonly string[] | null;
  readonly bpm: number | null;
  readonly counters: Readonly<Record<string, number>>;
  readonly latency: Latencies;
  readonly now: Ms;
}
