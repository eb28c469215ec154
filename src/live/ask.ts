import type { Beats, Bpm, Ms, Pitch } from '../core/units.ts';

/**
 * What the session asks of the models. It speaks of notes and times; symbols are the muse's business.
 * `role` is a number of `ROLES`; a plan's number is never used twice.
 */
export type Ask =
  /** Something sounded, of the player's or our own: `what` and `value` as in `Gesture`. */
  | { readonly kind: 'hear'; readonly time: Ms; readonly what: number; readonly value: number; readonly player: boolean }
  /** Notes to sound with `pitch`, struck at `time`, just now; `foreseen` is the sight that has answered already, 0 where none has. */
  | { readonly kind: 'harmony'; readonly plan: number; readonly role: number; readonly pitch: Pitch; readonly voices: number; readonly time: Ms; readonly foreseen: number }
  /** Music from `from` to `until` at about `density` notes a second and the player's mean `velocity`; an `open` plan may be extended, and keeps its keys down until then. */
  | { readonly kind: 'grow'; readonly plan: number; readonly role: number; readonly from: Ms; readonly until: Ms; readonly density: number; readonly velocity: number; readonly open: boolean }
  /** Time as a role on the clock keeps it: its next plans and extensions lie on this line. */
  | { readonly kind: 'grid'; readonly role: number; readonly bpm: Bpm; readonly time: Ms; readonly beat: Beats }
  /** A plan goes on to a later end. */
  | { readonly kind: 'extend'; readonly plan: number; readonly until: Ms }
  | { readonly kind: 'cancel'; readonly plan: number }
  | { readonly kind: 'param'; readonly role: number; readonly param: number; readonly value: number }
  /** From now on the role plays with the model of that number. */
  | { readonly kind: 'role'; readonly role: number; readonly model: number }
  /** Roles and parameters are those of this generation from now on: what is foreseen with others holds no more. */
  | { readonly kind: 'generation'; readonly generation: number }
  /** The pulse as it is known: 0 bpm where there is none to trust. `phase` is the time of a beat. */
  | { readonly kind: 'pulse'; readonly bpm: number; readonly phase: Ms };

/** What the models answer, as it comes. */
export type Completion =
  /** `bass` where it belongs to an accompaniment's bass. */
  | { readonly kind: 'note'; readonly plan: number; readonly index: number; readonly pitch: Pitch; readonly velocity: number; readonly time: Ms; readonly bass?: true }
  /** Note `index` of the plan ends. */
  | { readonly kind: 'off'; readonly plan: number; readonly index: number; readonly time: Ms }
  /** One of the notes to sound with the note struck. */
  | { readonly kind: 'harmony'; readonly plan: number; readonly index: number; readonly pitch: Pitch; readonly last: boolean }
  /** The plan is grown up to `until`: more comes only if it is extended. */
  | { readonly kind: 'end'; readonly plan: number; readonly until: Ms }
  /** What the model would have a role harmonise with if it were asked now, by pitch class as `packGuess` has it: for when it is asked and late. Of no plan. */
  | { readonly kind: 'guess'; readonly plan: 0; readonly role: number; readonly weights: number };
