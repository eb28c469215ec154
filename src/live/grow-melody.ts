import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { encodeMelody, MELODY, MelodyGrammar, STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Completion } from './ask.ts';
import { choiceOf, mayPlay, notesBehind } from './constraints.ts';
import type { Grow } from './grow-performance.ts';
import type { HeardNote } from './manner.ts';
import type { ParamValues } from './params.ts';

/** The pulse an answer on the grid keeps to. */
export interface Pulse {
  readonly bpm: number;
  readonly phase: Ms;
}

/** Steps of the past that the model is told. */
const PAST = 96;

/** An answer on the 16th grid, one symbol a `step`; first the past is fed, symbol by symbol. */
export class MelodyPlan {
  readonly plan: number;
  readonly role: number;
  /** Whether the plan may be extended once it has reached its end. */
  readonly open: boolean;
  until: Ms;
  private readonly ask: Grow;
  private readonly predictor: Predictor;
  private readonly state: ModelState;
  private readonly grammar = new MelodyGrammar();
  private readonly past: number[];
  private readonly key: number;
  private readonly stepMs: number;
  private coins = 0;
  private notes = 0;
  private steps = 0;
  private since = 0;
  private sounding = -1;

  constructor(predictor: Predictor, heard: readonly HeardNote[], pulse: Pulse, ask: Grow, seed: number) {
    this.predictor = predictor;
    this.ask = ask;
    this.plan = ask.plan;
    this.role = ask.role;
    this.open = ask.open;
    this.until = ask.until;
    this.state = openState(predictor.shape);
    this.key = keyOf(seed, ask.role, ask.plan);
    this.stepMs = 60_000 / pulse.bpm / STEPS_PER_BEAT;
    this.past = [MELODY.start, ...pastOf(heard, ask.from, this.stepMs)];
  }

  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    const before = this.past.shift();
    if (before !== undefined) {
      await this.feed(before);
      return true;
    }
    const at = this.ask.from + this.steps * this.stepMs;
    if (at > this.until - this.stepMs / 2) return false;
    const [logits] = await this.predictor.submit([{ kind: 'query', state: this.state, part: 0, given: [-1] }]);
    const behind = notesBehind(at - this.ask.from, this.notes - 0.5, this.ask.density);
    const symbol = pick(logits as Float32Array, choiceOf(params), coinAt(this.key, this.coins++), (each) => this.bias(each, behind, params));
    const chosen = symbol < 0 ? MELODY.hold : symbol;
    if (chosen !== MELODY.hold) this.end(at, say);
    if (chosen >= MELODY.on) {
      this.sounding = this.notes++;
      this.since = at;
      say({ kind: 'note', plan: this.plan, index: this.sounding, pitch: pitch(chosen - MELODY.on), velocity: this.velocity(), time: ms(this.swung(params.swing)) });
    }
    this.steps++;
    await this.feed(chosen);
    return true;
  }

  finish(say: (completion: Completion) => void): void {
    this.end(this.until, say);
  }

  private bias(symbol: number, behind: number, params: ParamValues): number {
    if (!this.grammar.allows(symbol)) return -Infinity;
    if (symbol < MELODY.on) return this.steps === 0 ? -Infinity : 0;
    return mayPlay(symbol - MELODY.on, params) ? 0.7 * behind : -Infinity;
  }

  /** Off-beat 16ths lie late by as much as a third of a beat's half. */
  private swung(swing: number): number {
    return this.ask.from + (this.steps + (this.steps % 2 === 1 ? swing / 3 : 0)) * this.stepMs;
  }

  /** The player's level, a little more on the beat. */
  private velocity(): number {
    const accent = this.steps % (2 * STEPS_PER_BEAT) === 0 ? 8 : this.steps % STEPS_PER_BEAT === 0 ? 3 : -4;
    return Math.max(1, Math.min(127, Math.round(this.ask.velocity + accent)));
  }

  private end(at: number, say: (completion: Completion) => void): void {
    if (this.sounding < 0) return;
    say({ kind: 'off', plan: this.plan, index: this.sounding, time: ms(Math.max(at - 8, this.since + 20)) });
    this.sounding = -1;
  }

  private async feed(symbol: number): Promise<void> {
    this.grammar.take(symbol);
    await this.predictor.submit([{ kind: 'feed', state: this.state, event: [symbol] }]);
  }
}

/** The last bars before `from` on the answer's own grid: the line the player played, then the rest up to the answer. */
const pastOf = (heard: readonly HeardNote[], from: Ms, stepMs: number): number[] => {
  const stepOf = (time: number): number => Math.round((time - from) / stepMs) + PAST;
  const line: GridNote[] = heard
    .filter((note) => stepOf(note.time) >= 0 && stepOf(note.time) < PAST)
    .map((note) => {
      const step = stepOf(note.time);
      return { step, steps: Math.max(1, Math.min(stepOf(note.end ?? from), PAST) - step), pitch: pitch(note.pitch) };
    });
  const symbols = encodeMelody(line);
  const first = Math.min(...line.map((note) => note.step));
  const rest = Number.isFinite(first) ? PAST - first - symbols.length : 0;
  for (let i = 0; i < rest; i++) symbols.push(i === 0 ? MELODY.off : MELODY.hold);
  return symbols;
};

