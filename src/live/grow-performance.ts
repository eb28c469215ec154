import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { forkState, type ModelState, type Predictor } from '../model/predictor.ts';
import { isOff, isOn, NO_VELOCITY, PerformanceGrammar, TIME_BINS, timeBin, velocityOf, WHAT } from '../music/performance.ts';
import type { Ask, Completion } from './ask.ts';
import { choiceOf, followed, mayPlay, notesBehind } from './constraints.ts';
import type { Ear } from './ear.ts';
import type { ParamValues } from './params.ts';

const [WHAT_PART, TIME_PART, VELOCITY_PART] = [0, 1, 2] as const;
/** A key of ours is let go after this long, whatever the model wants. */
const LONGEST = 4000;
/** How strongly being behind or ahead in notes bends the choice of gaps. */
const BEND = 0.45;

export type Grow = Extract<Ask, { kind: 'grow' }>;

/** A plan grown event by event on a fork of what was heard. One `step` is one event. */
export class PerformancePlan {
  readonly plan: number;
  readonly role: number;
  /** Whether the plan may be extended once it has reached its end. */
  readonly open: boolean;
  until: Ms;
  private readonly ask: Grow;
  private readonly predictor: Predictor;
  private readonly state: ModelState;
  private readonly grammar = new PerformanceGrammar();
  private readonly mine = new Map<number, { readonly index: number; readonly since: number }>();
  private readonly key: number;
  private coins = 0;
  private notes = 0;
  private velocities = 0;
  private now: number;
  private first = true;
  private pending = -1;
  private readonly sinceHeard: number;

  constructor(predictor: Predictor, ear: Ear, ask: Grow, seed: number) {
    this.predictor = predictor;
    this.plan = ask.plan;
    this.role = ask.role;
    this.open = ask.open;
    this.ask = ask;
    this.until = ask.until;
    this.state = forkState(ear.state);
    this.grammar.copyFrom(ear.grammar);
    this.key = keyOf(seed, ask.role, ask.plan);
    this.now = ask.from;
    this.sinceHeard = ear.now === null ? 0 : Math.max(0, ask.from - ear.now);
  }

  /** Grows one event; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    if (this.grammar.pedal) {
      this.grammar.take(WHAT.pedalUp);
      await this.feed([WHAT.pedalUp, 0, NO_VELOCITY]);
    }
    const time = this.first ? timeBin(this.sinceHeard) : this.pending >= 0 ? this.pending : await this.drawTime(params);
    const at = this.first ? this.now : this.now + (TIME_BINS[time] as number);
    if (at > this.until) {
      this.pending = time;
      return false;
    }
    this.pending = -1;
    const what = await this.drawWhat(params, time, at);
    if (what < 0) {
      // Nothing is allowed: let the time pass.
      this.now = at + (time === 0 ? 10 : 0);
      return this.now <= this.until;
    }
    this.now = at;
    this.first = false;
    this.grammar.take(what);
    const key = what & 127;
    let velocity = NO_VELOCITY;
    if (isOn(what)) {
      velocity = await this.drawVelocity(params, time, what);
      const raw = velocityOf(velocity);
      this.velocities += raw;
      const index = this.notes++;
      this.mine.set(key, { index, since: at });
      say({ kind: 'note', plan: this.plan, index, pitch: pitch(key), velocity: followed(raw, this.velocities / this.notes, this.ask.velocity, params.follow), time: ms(at) });
    } else this.release(key, at, say);
    await this.feed([what, time, velocity]);
    return true;
  }

  /** Lets go of every key of the plan at its end. */
  finish(say: (completion: Completion) => void): void {
    for (const key of this.mine.keys()) this.release(key, Math.max(this.now, this.until), say);
  }

  private release(key: number, at: number, say: (completion: Completion) => void): void {
    const note = this.mine.get(key);
    if (!note) return;
    this.mine.delete(key);
    say({ kind: 'off', plan: this.plan, index: note.index, time: ms(Math.max(at, note.since + 20)) });
  }

  private behind(at: number): number {
    return notesBehind(at - this.ask.from, this.notes - 1, this.ask.density);
  }

  private async drawTime(params: ParamValues): Promise<number> {
    const logits = await this.query(TIME_PART, [-1, -1, -1]);
    const behind = this.behind(this.now);
    // A pause of several notes' worth, or longer than half of what is left, would end the phrase early.
    const usual = 4000 / Math.max(this.ask.density, 0.5);
    const pause = Math.max(300, Math.min(usual, (this.until - this.now) / 2));
    return pick(logits, choiceOf(params), this.coin(), (bin) => {
      const gap = TIME_BINS[bin] as number;
      return gap > pause ? -Infinity : -BEND * behind * Math.log1p(gap / 40);
    });
  }

  private async drawWhat(params: ParamValues, time: number, at: number): Promise<number> {
    const overdue = [...this.mine].find(([, { since }]) => at - since > LONGEST);
    if (overdue && !this.first) return WHAT.off + overdue[0];
    const logits = await this.query(WHAT_PART, [-1, time, -1]);
    const full = this.mine.size >= params.polyphony;
    const behind = this.behind(at);
    return pick(logits, choiceOf(params), this.coin(), (what) => {
      if (!this.grammar.allows(what)) return -Infinity;
      if (isOn(what)) return full || !mayPlay(what, params) ? -Infinity : 0.5 * behind;
      if (this.first) return -Infinity;
      return isOff(what) && this.mine.has(what - WHAT.off) ? 0 : -Infinity;
    });
  }

  private async drawVelocity(params: ParamValues, time: number, what: number): Promise<number> {
    return pick(await this.query(VELOCITY_PART, [what, time, -1]), choiceOf(params), this.coin());
  }

  private coin(): number {
    return coinAt(this.key, this.coins++);
  }

  private async query(part: number, given: readonly number[]): Promise<Float32Array> {
    return (await this.predictor.submit([{ kind: 'query', state: this.state, part, given }]))[0] as Float32Array;
  }

  private async feed(event: readonly number[]): Promise<void> {
    await this.predictor.submit([{ kind: 'feed', state: this.state, event }]);
  }
}
