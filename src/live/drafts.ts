import type { Ms } from '../core/units.ts';
import type { Completion } from './ask.ts';
import type { ParamValues } from './params.ts';

type Say = (completion: Completion) => void;

/** An answer that is grown before anybody hears of it. */
export interface Draft {
  readonly plan: number;
  readonly role: number;
  readonly until: Ms;
  /** How much likelier it is for what was heard than without: nats an event. */
  readonly bond: number;
  /** It will be compared with no other. */
  alone(): void;
  /** False once it has reached its end. */
  step(params: ParamValues, say: Say): Promise<boolean>;
  finish(say: Say): void;
}

/**
 * At most so many drafts. The best of one, two, four and six in `duet` gained 0.21, 0.38, 0.49 and 0.57 nats an event by what was heard (50 phrases);
 * people's own continuations gain 0.66 and 0.94, of a piano's phrases and of melodies.
 */
const MOST = 6;
/** The share of the time up to an answer that drafts may take. What is left is for outputs that are sent to early, and for an engine that is slow. */
const SHARE = 0.4;

/**
 * Drafts of one answer, one after the other while there is time: of those that were finished the one that is most tied to what was
 * heard is said, all at once. Where time is up before the first is finished, that one is said as far as it is, and as it goes on.
 */
export class Drafts {
  readonly plan: number;
  readonly role: number;
  readonly open = false;
  readonly urgent = false;
  until: Ms;
  private readonly make: (draft: number) => Draft;
  private readonly late: () => boolean;
  private current: Draft;
  private words: Completion[] = [];
  private best: { readonly draft: Draft; readonly words: readonly Completion[] } | null = null;
  private finished = 0;
  private said = false;

  /** @param now the clock by which the answer begins at `from`; null where models take no time */
  constructor(make: (draft: number) => Draft, now: (() => Ms) | null, from: Ms) {
    this.make = make;
    const asked = now?.() ?? 0;
    const deadline = asked + SHARE * (from - asked);
    this.late = () => now !== null && now() >= deadline;
    this.current = make(0);
    this.plan = this.current.plan;
    this.role = this.current.role;
    this.until = this.current.until;
  }

  /** Nobody waits for what it does next: there is something to say, and time until it must be said. */
  get leisurely(): boolean {
    return this.best !== null && !this.said && !this.late();
  }

  /** One step of the model; false once the answer is said and has reached its end. */
  async step(params: ParamValues, say: Say): Promise<boolean> {
    if (this.said) return this.current.step(params, say);
    if (this.late()) return this.choose(say);
    if (await this.current.step(params, (word) => this.words.push(word))) return true;
    if (!this.best || this.current.bond > this.best.draft.bond) this.best = { draft: this.current, words: this.words };
    this.finished++;
    if (this.finished === MOST) return this.choose(say);
    this.current = this.make(this.finished);
    this.words = [];
    return true;
  }

  /** Lets go of every key of the answer at its end. */
  finish(say: Say): void {
    this.current.finish(say);
  }

  private choose(say: Say): boolean {
    this.said = true;
    const { draft, words } = this.best ?? { draft: this.current, words: this.words };
    this.current = draft;
    draft.alone();
    for (const word of words) say(word);
    return this.best === null;
  }
}
