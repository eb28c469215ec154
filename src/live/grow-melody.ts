import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { forkState, type ModelState, type Predictor } from '../model/predictor.ts';
import { MELODY, MelodyGrammar, STEPS_PER_BEAT } from '../music/melody.ts';
import { MelodyOstinato } from '../music/ostinato.ts';
import type { Completion } from './ask.ts';
import { Bond } from './bond.ts';
import { choiceOf, isClose, mayPlay, notesBehind, recallOf, tooMany, type Lately } from './constraints.ts';
import type { Grow } from './grow-performance.ts';
import { fitting, foreign, mannerOf, since, type HeardNote, type Manner } from './manner.ts';
import type { MelodyPast } from './melody-past.ts';
import type { ParamValues } from './params.ts';
import { densityWished, inRegister, telling } from './wishes.ts';

/** How strongly being behind or ahead in notes leans towards striking one. */
const LEAN = 0.7;
/** No note begins in the last steps of an answer: the one before is what it ends on. */
const ENDING = 2.5;

/** An answer on the 16th grid, one step of the model a `step`, once the past is told. */
export class MelodyPlan {
  readonly plan: number;
  readonly role: number;
  /** Whether the plan may be extended once it has reached its end. */
  readonly open: boolean;
  readonly urgent = false;
  until: Ms;
  private readonly ask: Grow;
  private readonly lately: Lately;
  private readonly predictor: Predictor;
  private readonly past: MelodyPast;
  /** That of the past as this goes on from it; null until that is told. */
  private state: ModelState | null = null;
  private readonly grammar = new MelodyGrammar();
  /** Whether other drafts may be compared with it. */
  private comparing: boolean;
  private compared: Bond | null = null;
  private readonly ostinato = new MelodyOstinato();
  /** The player's manner; and that of the answer, and its notes a second, which are the player's but for what is wished otherwise. */
  private readonly theirs: Manner;
  private manner: Manner;
  private density: number;
  private readonly key: number;
  private coins = 0;
  private notes = 0;
  private steps = 0;
  private since = 0;
  private sounding = -1;
  /** What was chosen last and the model has not been fed; −1 where there is none. */
  private unfed = -1;

  constructor(predictor: Predictor, past: MelodyPast, heard: readonly HeardNote[], lately: Lately, ask: Grow, seed: number, draft = 0) {
    this.predictor = predictor;
    this.past = past;
    this.ask = ask;
    this.lately = lately;
    this.plan = ask.plan;
    this.role = ask.role;
    this.open = ask.open;
    this.comparing = !ask.open;
    this.until = ask.until;
    this.theirs = this.manner = mannerOf(heard, since(ask.from, ask.until - ask.from));
    this.density = ask.density;
    this.key = keyOf(seed, ask.role, ask.plan, ...(draft > 0 ? [draft] : []));
  }

  get bond(): number {
    return this.compared?.strength ?? 0;
  }

  alone(): void {
    this.comparing = false;
    this.compared = null;
  }

  /** Goes on by one step of the model; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    const state = this.state ?? ((await this.past.tell(params)) ? null : this.begin(params));
    return state === null || this.goOn(state, params, say);
  }

  /** Every draft goes on from the same past, which none may change. */
  private begin(params: ParamValues): ModelState {
    const { past, predictor } = this;
    this.grammar.copyFrom(past.grammar);
    if (this.comparing) this.compared = new Bond(predictor, telling('melody', predictor.shape, [MELODY.start], params));
    return (this.state = forkState(past.state));
  }

  private async goOn(state: ModelState, params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    if (this.unfed >= 0) {
      this.grammar.take(this.unfed);
      const event = telling('melody', this.predictor.shape, [this.unfed], params);
      this.unfed = -1;
      await this.predictor.submit([{ kind: 'feed', state, event }]);
      await this.compared?.feed(event);
      return true;
    }
    this.manner = inRegister('melody', this.theirs, params);
    this.density = densityWished('melody', params, this.ask.density, 1000 / this.stepMs / STEPS_PER_BEAT);
    const { at } = this;
    if (at > this.until - this.stepMs / 2) return false;
    const query = { kind: 'query', state, part: 0, given: [-1], cache: recallOf(params), heed: params.heed } as const;
    const logits = this.compared ? await this.compared.ask(query) : ((await this.predictor.submit([query]))[0] as Float32Array);
    const first = !this.open && this.notes === 0;
    const elapsed = at - this.past.grid.start + this.lately.span;
    const count = this.notes + this.lately.notes;
    const behind = notesBehind(elapsed, count - 0.5, this.density);
    const ending = !first && !this.open && this.until - at < ENDING * this.stepMs;
    const full = ending || (!first && tooMany(elapsed, count, this.density));
    const symbol = pick(logits, choiceOf(params), coinAt(this.key, this.coins++), (each) => {
      if (each < MELODY.on) return first || !this.grammar.writes(each) || (ending && each === MELODY.off) ? -Infinity : 0;
      return full ? -Infinity : this.ostinato.against(each) + this.liking(each - MELODY.on, behind, params);
    });
    this.happen(symbol < 0 ? MELODY.hold : symbol, params, say);
    return true;
  }

  finish(say: (completion: Completion) => void): void {
    this.end(this.until, say);
  }

  private get stepMs(): number {
    return this.past.grid.stepMs;
  }

  private get at(): number {
    return this.past.grid.start + this.steps * this.stepMs;
  }

  private liking(key: number, behind: number, params: ParamValues): number {
    if (!mayPlay(key, params)) return -Infinity;
    const tonal = params.scale === 0 ? foreign(this.manner, key) : 0;
    return LEAN * behind + tonal + (this.open ? 0 : fitting(this.manner, key, isClose(this.ask, this.at)));
  }

  private happen(symbol: number, params: ParamValues, say: (completion: Completion) => void): void {
    const { at } = this;
    if (symbol !== MELODY.hold) this.end(at, say);
    if (symbol >= MELODY.on) {
      this.sounding = this.notes++;
      this.since = this.swung(params.swing);
      say({ kind: 'note', plan: this.plan, index: this.sounding, pitch: pitch(symbol - MELODY.on), velocity: this.velocity(), time: ms(this.since) });
    }
    this.steps++;
    this.ostinato.take(symbol);
    this.unfed = symbol;
  }

  /** Off-beat 16ths lie late by as much as a third of a step. */
  private swung(swing: number): number {
    return this.at + ((this.past.grid.line + this.steps) % 2 === 0 ? 0 : (swing / 3) * this.stepMs);
  }

  /** The player's level, a little more on the beat. */
  private velocity(): number {
    const line = this.past.grid.line + this.steps;
    const accent = line % (2 * STEPS_PER_BEAT) === 0 ? 8 : line % STEPS_PER_BEAT === 0 ? 3 : -4;
    return Math.max(1, Math.min(127, Math.round(this.ask.velocity + accent)));
  }

  private end(at: number, say: (completion: Completion) => void): void {
    if (this.sounding < 0) return;
    say({ kind: 'off', plan: this.plan, index: this.sounding, time: ms(Math.max(at - 8, this.since + 20)) });
    this.sounding = -1;
  }
}
