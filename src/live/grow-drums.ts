import { coinAt, keyOf } from '../core/rng.ts';
import { beats, ms, pitch } from '../core/units.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { pick } from '../model/sampling.ts';
import { DRUM, DRUM_KINDS, DRUM_PARTS, DRUM_START, DrumGrammar, DRUMS, offsetOf, tempoBin } from '../music/drums.ts';
import { STEPS_PER_BEAT } from '../music/melody.ts';
import { velocityOf } from '../music/performance.ts';
import { beatAt, timeAt, type Timeline } from '../music/timeline.ts';
import type { Completion } from './ask.ts';
import { choiceOf } from './constraints.ts';
import type { Grow } from './grow-performance.ts';
import type { ParamValues } from './params.ts';

const [WHAT, VELOCITY, OFFSET] = [0, 1, 2] as const;
const [NO_VELOCITY, NO_OFFSET] = [DRUM_PARTS[VELOCITY].outputs, DRUM_PARTS[OFFSET].outputs] as const;
/** Steps of a bar of four beats. */
const BAR = 4 * STEPS_PER_BEAT;
/** A stroke is let go after this long, in milliseconds. */
const STROKE = 90;
const KICK = DRUMS.findIndex(({ name }) => name === 'kick');
/** So many kicks tell where the beat is felt. */
const LEANING = 16;
const [BEAT, FILL] = [DRUM_KINDS.indexOf('beat'), DRUM_KINDS.indexOf('fill')];

/** Drums, grown event by event on the 16th grid; each part of a hit is one step of the model, and one goes on. */
export class DrumPlan {
  readonly plan: number;
  readonly role: number;
  readonly open = true;
  readonly urgent = false;
  until: Grow['until'];
  private readonly predictor: Predictor;
  private readonly grid: () => Timeline;
  private readonly state: ModelState;
  private readonly grammar = new DrumGrammar();
  private readonly key: number;
  /** Events to be fed before the next question. */
  private readonly ahead: number[][] = [];
  /** The 16th step at hand, counted from beat 0. */
  private at: number;
  private coins = 0;
  private hits = 0;
  /** How far off the grid the kick lies on beats, in steps: the mean of so many of the last. */
  private readonly lean = { steps: 0, of: 0 };
  /** What is known of the next hit; −1 where it is not. */
  private what = -1;
  private offset = -1;

  /** @param before the role's last plan, which this one goes on from */
  constructor(predictor: Predictor, grid: () => Timeline, before: DrumPlan | undefined, ask: Grow, seed: number, params: ParamValues) {
    this.predictor = predictor;
    this.grid = grid;
    this.plan = ask.plan;
    this.role = ask.role;
    this.until = ask.until;
    this.key = keyOf(seed, ask.role, ask.plan);
    this.at = this.stepOf(ask.from);
    this.state = before?.state ?? openState(predictor.shape);
    if (before) {
      this.lean = { ...before.lean };
      this.ahead.push(...before.ahead, this.stepEvent(this.at, params));
      return;
    }
    this.ahead.push([...DRUM_START]);
    // Music begins with a bar: what is past of this one was silent.
    const place = mod(this.at, BAR);
    for (let step = this.at - place + 1; step <= this.at; step++) this.ahead.push(this.stepEvent(step, params));
  }

  /** Goes on by one step of the model; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    const before = this.ahead.shift();
    if (before) await this.predictor.submit([{ kind: 'feed', state: this.state, event: before }]);
    else if (this.at >= this.stepOf(this.until)) return false;
    else if (this.what < 0) await this.drawWhat(params);
    else if (this.offset < 0) this.offset = await this.draw(OFFSET, params);
    else this.strike(await this.draw(VELOCITY, params), params, say);
    return true;
  }

  finish(): void {}

  private async drawWhat(params: ParamValues): Promise<void> {
    const what = await this.draw(WHAT, params, (each) => (this.grammar.allows(each) ? 0 : -Infinity));
    this.grammar.take(what);
    if (what === DRUM.step) this.ahead.push(this.stepEvent(++this.at, params));
    else this.what = what;
  }

  private async draw(part: number, params: ParamValues, bias?: (symbol: number) => number): Promise<number> {
    const given = DRUM_PARTS.map((_, p) => (p === WHAT ? this.what : p === OFFSET ? this.offset : -1));
    const [logits] = await this.predictor.submit([{ kind: 'query', state: this.state, part, given }]);
    return Math.max(0, pick(logits as Float32Array, choiceOf(params), coinAt(this.key, this.coins++), bias));
  }

  private strike(velocity: number, params: ParamValues, say: (completion: Completion) => void): void {
    const { what, offset, plan } = this;
    const index = this.hits++;
    if (what === KICK && mod(this.at, STEPS_PER_BEAT) === 0) this.leans(offsetOf(offset));
    const time = timeAt(this.grid(), beats((this.at + offsetOf(offset) - this.lean.steps) / STEPS_PER_BEAT));
    say({ kind: 'note', plan, index, pitch: pitch((DRUMS[what] as (typeof DRUMS)[number]).key), velocity: velocityOf(velocity), time });
    say({ kind: 'off', plan, index, time: ms(time + STROKE) });
    this.ahead.push([what, velocity, offset, ...this.told(this.at, params)]);
    this.what = -1;
    this.offset = -1;
  }

  /**
   * People who play to a click are ahead of it or behind it all the time, by up to a tenth of a beat: among others that is not a manner
   * but a fault. Where the kick falls is the beat, and all else keeps its place to it.
   */
  private leans(steps: number): void {
    this.lean.of = Math.min(LEANING, this.lean.of + 1);
    this.lean.steps += (steps - this.lean.steps) / this.lean.of;
  }

  /** Going on to `step`. */
  private stepEvent(step: number, params: ParamValues): number[] {
    return [DRUM.step, NO_VELOCITY, NO_OFFSET, ...this.told(step, params)];
  }

  /** Place, style, kind and tempo at a step. */
  private told(step: number, { style, fill, fills }: ParamValues): number[] {
    const bar = Math.floor(step / BAR);
    const filling = fill >= 0.5 || (fills > 0 && mod(bar, fills) === fills - 1);
    return [mod(step, BAR), style, filling ? FILL : BEAT, tempoBin(this.grid().bpm)];
  }

  private stepOf(time: Grow['from']): number {
    return Math.round(beatAt(this.grid(), time) * STEPS_PER_BEAT);
  }
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
