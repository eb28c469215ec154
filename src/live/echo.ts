import { ms, type Ms, type Pitch } from '../core/units.ts';
import { Imitation } from './imitation.ts';
import { PlanKeeper } from './plan.ts';
import type { RoleContext } from './role.ts';

/** A player who has rested for so long has begun something new. */
const REST = 1000;
/** Of what was played no more than so much, in milliseconds, is played again. */
const LONGEST = 4000;
const SHORTEST = 700;

/**
 * What stands in for a model that has nothing to say in time while a role goes on: what the player played last, once. So the music goes on for a
 * while, as a canon where the player plays on, and is no loop of the same bars where nobody does.
 */
export class Echo {
  private readonly context: RoleContext;
  private readonly said = new Imitation();
  private plan: PlanKeeper | null = null;
  private struck = -Infinity;

  constructor(context: RoleContext) {
    this.context = context;
  }

  /** Whether there is anything that was not played again yet. */
  get isReady(): boolean {
    return this.said.size > 0;
  }

  /** When it ends; null where none sounds. */
  get over(): Ms | null {
    return this.plan?.over ?? null;
  }

  keyDown(key: number, pitch: Pitch, velocity: number, now: Ms): void {
    if (now - this.struck > REST) this.said.clear();
    this.struck = now;
    this.said.on(key, pitch, velocity, now);
  }

  keySilent(key: number, now: Ms): void {
    this.said.off(key, now);
  }

  /** Plays it, as softly as the role is to play; false where none of it may be played. */
  begin(now: Ms): boolean {
    const { context, said } = this;
    const params = context.params();
    const from = ms(now + (context.lead ?? 0));
    const until = ms(from + Math.max(SHORTEST, said.since(ms(now - LONGEST), now)));
    const plan = new PlanKeeper(context, context.nextPlan(), from, until);
    plan.commit(now, null);
    for (const word of said.words(plan.plan, from, until, params)) plan.take(word.kind === 'note' ? { ...word, velocity: Math.max(1, Math.round(word.velocity * params.softness)) } : word, now, null);
    said.clear();
    this.plan = plan.size > 0 ? plan : null;
    return plan.size > 0;
  }

  /** It is over, or the model goes on from `since`: what sounds then rings to its end. */
  end(now: Ms, since = now): void {
    this.plan?.withdraw(now, since);
    this.plan = null;
  }

  /** Everything is silenced, and nothing remembered. */
  silence(now: Ms): void {
    this.end(now, ms(-Infinity));
    this.said.clear();
    this.struck = -Infinity;
  }
}
