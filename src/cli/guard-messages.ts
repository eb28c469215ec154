import type { Cause } from '../midi/guard.ts';

/** What the guard is told once, when it starts. */
export interface GuardSetup {
  readonly kind: 'setup';
  /** Name of the pipe that the stage writes to. */
  readonly pipe: string;
  /** What its clock counts from. */
  readonly clock: number;
  /** Milliseconds without a sign of life. */
  readonly hang: number;
  readonly midi: boolean;
  /** Patterns of the outputs' names. */
  readonly outputs: readonly string[];
  /** What the sound system calls the daemon's outputs. */
  readonly sources: readonly string[];
  readonly osc: { readonly host: string; readonly port: number } | null;
}

export type ToGuard =
  | GuardSetup
  /** The stage has opened its end of the pipe. */
  | { readonly kind: 'fed' }
  | { readonly kind: 'outputs'; readonly patterns: readonly string[] }
  | { readonly kind: 'sources'; readonly addresses: readonly string[] };

export type FromGuard =
  /** Its end of the pipe is open. */
  | { readonly kind: 'open' }
  /** Connected to these from now on. */
  | { readonly kind: 'destinations'; readonly names: readonly string[] }
  | { readonly kind: 'ended'; readonly cause: Cause; readonly notes: number };
