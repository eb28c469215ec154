import type { Ms, Pitch } from '../core/units.ts';
import type { Ask, Completion } from './ask.ts';
import type { Phrase } from './phrase.ts';
import type { ParamValues } from './params.ts';
import type { Timeline } from '../music/timeline.ts';
import type { Tonic } from './tonality.ts';

/** What a session does to the world. Every call is realtime-safe and none throws. */
export interface SessionOut {
  /** Plans a note; with `duration` Infinity it sounds until it is ended. */
  note(id: number, role: number, pitch: Pitch, velocity: number, wanted: Ms, duration: Ms): void;
  /** Fixes the end of a note, planned or sounding. */
  end(id: number, at: Ms): void;
  /** The note is taken back: unheard if it has not sounded, ended now if it has. */
  withdraw(id: number, now: Ms): void;
  ask(ask: Ask): void;
  count(what: Counter): void;
}

/** The same, to be spread into another. */
export const bound = (out: SessionOut): SessionOut => ({
  note: (...args) => out.note(...args),
  end: (...args) => out.end(...args),
  withdraw: (...args) => out.withdraw(...args),
  ask: (ask) => out.ask(ask),
  count: (what) => out.count(what),
});

/** What is counted, by name, as clients see it; `late` are single notes of the backing left out, the rest of which came in time; `looped` is what of ours came back in. */
export const COUNTERS = ['harmonies', 'answers', 'fromModel', 'fallback', 'moved', 'dropped', 'takenBack', 'stale', 'late', 'looped'] as const;
export type Counter = (typeof COUNTERS)[number];

/** What the player does, as roles see it. */
export interface Player {
  readonly phrase: Phrase;
  /** Keys under the fingers. */
  readonly down: number;
  /** The clock, where one runs: it alone has bars. */
  readonly clock: Timeline | null;
  /** The pulse, of the clock or of the player, where there is one to trust. */
  readonly pulse: Timeline | null;
  /** The key the player is in, where it can be told. */
  readonly tonic: Tonic | null;
  /** What roles on the clock keep time by: null where nothing runs. */
  readonly grid: Timeline | null;
}

/** What a role is given to work with. */
export interface RoleContext {
  readonly number: number;
  readonly out: SessionOut;
  readonly player: Player;
  /** By how many milliseconds the earliest output wants notes on a schedule before their time; absent: none does. */
  readonly lead?: Ms;
  params(): ParamValues;
  /** The model's last guess, as `packGuess` has it; 0 where there is none. */
  guess(): number;
  nextId(): number;
  nextPlan(): number;
}

/** One way of playing along. Pure: events in, events out; a clock that is a number. */
export interface RolePlayer {
  /** The player struck a key; `key` is that note's id. */
  keyDown(key: number, pitch: Pitch, velocity: number, now: Ms): void;
  /** The note `key` stopped sounding: its key is up, and the pedal too. */
  keySilent(key: number, now: Ms): void;
  complete(completion: Completion, now: Ms): void;
  /** Does what is due. */
  advance(now: Ms): void;
  /** When `advance` is next needed. */
  due(): Ms;
  /** Everything planned or sounding is withdrawn. */
  silence(now: Ms): void;
}
