import { ms, type Ms, type Pitch } from '../core/units.ts';
import type { Completion } from './ask.ts';
import { Echo } from './echo.ts';
import { nextBeat, PlanKeeper } from './plan.ts';
import type { RoleContext, RolePlayer } from './role.ts';

/** Music is grown this far ahead of what sounds, and again when less than half of it is left. */
const HORIZON = 900;
/** What sounds within this time stays when the player strikes a key: the commit horizon, where no output has a lead. */
const COMMITTED = 40;
/** A chord is one reason to plan anew, not six. */
const RESTLESS = 150;
/** Notes the player gives before it joins in. */
const ENOUGH = 4;

/** A model that is owed music for so long is stood in for: with a pulse from the first beat after. */
const PATIENCE = 400;

/** Goes on playing while and after the player plays, until stopped; a key struck makes it plan anew what has not sounded. */
export class Continue implements RolePlayer {
  private readonly context: RoleContext;
  private plan: PlanKeeper | null = null;
  private heard = 0;
  private replanned = -Infinity;
  private replanAt = Infinity;
  private readonly echo: Echo;
  /** The model has given music, or rests, up to here. */
  private given = Infinity;

  constructor(context: RoleContext) {
    this.context = context;
    this.echo = new Echo(context);
  }

  keyDown(key: number, pitch: Pitch, velocity: number, now: Ms): void {
    this.echo.keyDown(key, pitch, velocity, now);
    this.heard++;
    if (this.heard < ENOUGH) return;
    if (this.replanAt === Infinity) this.replanAt = Math.max(now + COMMITTED / 2, this.replanned + RESTLESS);
  }

  keySilent(key: number, now: Ms): void {
    this.echo.keySilent(key, now);
  }

  complete(completion: Completion, now: Ms): void {
    const { plan } = this;
    if (plan?.plan !== completion.plan) {
      this.context.out.count('stale');
      return;
    }
    const first = plan.size === 0;
    plan.take(completion, now, null);
    if (completion.kind === 'end') this.given = Math.max(this.given, completion.until);
    if (completion.kind !== 'note') return;
    this.given = Math.max(this.given, completion.time, now);
    this.echo.end(now, ms(Math.max(now, completion.time)));
    if (!first) return;
    this.context.out.count('answers');
    this.context.out.count('fromModel');
  }

  advance(now: Ms): void {
    if (now >= this.replanAt) this.replan(now);
    if (this.plan?.grown && now >= this.plan.until - HORIZON / 2) this.extend(this.plan, now);
    if (now >= (this.echo.over ?? Infinity)) this.echo.end(now);
    if (now >= this.rescue()) this.standIn(now);
  }

  due(): Ms {
    return ms(Math.min(this.replanAt, this.plan?.grown ? this.plan.until - HORIZON / 2 : Infinity, this.echo.over ?? this.rescue()));
  }

  silence(now: Ms): void {
    this.drop(now, -Infinity);
    this.echo.silence(now);
    this.heard = 0;
    this.given = Infinity;
    this.replanAt = Infinity;
  }

  private replan(now: Ms): void {
    const { phrase } = this.context.player;
    // What an early output has begun stays, and it has its lead on what is new.
    const committed = COMMITTED + (this.context.lead ?? 0);
    this.drop(now, now + committed);
    this.replanAt = Infinity;
    this.replanned = now;
    const from = ms(now + committed);
    // One that is late already is no less so for being asked anew.
    this.given = Math.min(this.given, from);
    const plan = this.context.nextPlan();
    this.plan = new PlanKeeper(this.context, plan, from, ms(from + HORIZON));
    this.plan.commit(now, null);
    const params = this.context.params();
    const density = Math.min(12, Math.max(0.8, phrase.pace)) * params.density;
    this.context.out.ask({ kind: 'grow', plan, role: this.context.number, from, until: this.plan.until, density, velocity: phrase.velocity * params.softness, open: true });
  }

  /** When the model has had its time. */
  private rescue(): number {
    if (!this.plan || this.plan.grown || this.echo.over !== null || !this.echo.isReady) return Infinity;
    return nextBeat(this.context.player.pulse, ms(this.given + PATIENCE));
  }

  private standIn(now: Ms): void {
    this.context.out.count('answers');
    this.context.out.count(this.echo.begin(now) ? 'fallback' : 'dropped');
  }

  private extend(plan: PlanKeeper, now: Ms): void {
    plan.grown = false;
    plan.until = ms(Math.max(plan.until, now) + HORIZON / 2);
    this.context.out.ask({ kind: 'extend', plan: plan.plan, until: plan.until });
  }

  private drop(now: Ms, since: number): void {
    this.plan?.withdraw(now, since);
    if (this.plan?.grown) this.context.out.ask({ kind: 'cancel', plan: this.plan.plan });
    this.plan = null;
  }
}
