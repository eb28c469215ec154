import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { encodeMelody, LONGEST_REST, MELODY, MelodyGrammar, STEPS_PER_BEAT, topLine } from '../music/melody.ts';
import { MelodyOstinato } from '../music/ostinato.ts';
import type { Completion } from './ask.ts';
import { choiceOf, isClose, mayPlay, notesBehind, recallOf, tooMany, type Lately } from './constraints.ts';
import type { Grow } from './grow-performance.ts';
import { fitting, foreign, mannerOf, since, type HeardNote, type Manner } from './manner.ts';
import type { ParamValues } from './params.ts';
import { densityWished, inRegister, telling } from './wishes.ts';

/** The pulse an answer on the grid keeps to. */
export interface Pulse {
  readonly bpm: number;
  readonly phase: Ms;
}

/**
 * Steps of the past that the model is told, and remembers what followed what of: of an answer, which is grown while the player rests, and
 * of what goes on, which is grown again within the time of a note.
 */
const PAST = { answer: 512, open: 96 } as const;
/** What rounding can do to a time, in steps. */
const ROUNDING = 1e-6;
/** How strongly being behind or ahead in notes leans towards striking one. */
const LEAN = 0.7;
/** No note begins in the last steps of an answer: the one before is what it ends on. */
const ENDING = 2.5;

/** An answer on the 16th grid, one step of the model a `step`; first the past is fed, symbol by symbol. */
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
  private readonly state: ModelState;
  private readonly grammar = new MelodyGrammar();
  private readonly ostinato = new MelodyOstinato();
  /** The player's manner; and that of the answer, and its notes a second, which are the player's but for what is wished otherwise. */
  private readonly theirs: Manner;
  private manner: Manner;
  private density: number;
  /** Symbols to be fed before the next question. */
  private readonly ahead: number[];
  private readonly key: number;
  private readonly stepMs: number;
  /** The first grid line that is not before what was asked, and its number from a beat. */
  private readonly start: number;
  private readonly line: number;
  private coins = 0;
  private notes = 0;
  private steps = 0;
  private since = 0;
  private sounding = -1;

  constructor(predictor: Predictor, heard: readonly HeardNote[], pulse: Pulse, lately: Lately, ask: Grow, seed: number) {
    this.predictor = predictor;
    this.ask = ask;
    this.lately = lately;
    this.plan = ask.plan;
    this.role = ask.role;
    this.open = ask.open;
    this.until = ask.until;
    const past = ask.open ? PAST.open : PAST.answer;
    this.state = openState(predictor.shape, past);
    this.theirs = this.manner = mannerOf(heard, since(ask.from, ask.until - ask.from));
    this.density = ask.density;
    this.key = keyOf(seed, ask.role, ask.plan);
    this.stepMs = 60_000 / pulse.bpm / STEPS_PER_BEAT;
    this.line = Math.ceil((ask.from - pulse.phase) / this.stepMs - ROUNDING);
    this.start = pulse.phase + this.line * this.stepMs;
    this.ahead = [MELODY.start, ...pastOf(heard, this.start, this.stepMs, past)];
  }

  /** Goes on by one step of the model; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    const before = this.ahead.shift();
    if (before !== undefined) {
      this.grammar.take(before);
      // What is wished begins with the answer: what is fed last before it tells it.
      const event = telling('melody', this.predictor.shape, [before], this.ahead.length === 0 ? params : null);
      await this.predictor.submit([{ kind: 'feed', state: this.state, event }]);
      return true;
    }
    this.manner = inRegister('melody', this.theirs, params);
    this.density = densityWished('melody', params, this.ask.density, 1000 / this.stepMs / STEPS_PER_BEAT);
    const { at } = this;
    if (at > this.until - this.stepMs / 2) return false;
    const [logits] = await this.predictor.submit([{ kind: 'query', state: this.state, part: 0, given: [-1], cache: recallOf(params), heed: params.heed }]);
    const first = !this.open && this.notes === 0;
    const elapsed = at - this.start + this.lately.span;
    const count = this.notes + this.lately.notes;
    const behind = notesBehind(elapsed, count - 0.5, this.density);
    const ending = !first && !this.open && this.until - at < ENDING * this.stepMs;
    const full = ending || (!first && tooMany(elapsed, count, this.density));
    const symbol = pick(logits as Float32Array, choiceOf(params), coinAt(this.key, this.coins++), (each) => {
      if (each < MELODY.on) return first || !this.grammar.writes(each) || (ending && each === MELODY.off) ? -Infinity : 0;
      return full ? -Infinity : this.ostinato.against(each) + this.liking(each - MELODY.on, behind, params);
    });
    this.happen(symbol < 0 ? MELODY.hold : symbol, params, say);
    return true;
  }

  finish(say: (completion: Completion) => void): void {
    this.end(this.until, say);
  }

  private get at(): number {
    return this.start + this.steps * this.stepMs;
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
    this.ahead.push(symbol);
  }

  /** Off-beat 16ths lie late by as much as a third of a step. */
  private swung(swing: number): number {
    return this.at + ((this.line + this.steps) % 2 === 0 ? 0 : (swing / 3) * this.stepMs);
  }

  /** The player's level, a little more on the beat. */
  private velocity(): number {
    const line = this.line + this.steps;
    const accent = line % (2 * STEPS_PER_BEAT) === 0 ? 8 : line % STEPS_PER_BEAT === 0 ? 3 : -4;
    return Math.max(1, Math.min(127, Math.round(this.ask.velocity + accent)));
  }

  private end(at: number, say: (completion: Completion) => void): void {
    if (this.sounding < 0) return;
    say({ kind: 'off', plan: this.plan, index: this.sounding, time: ms(Math.max(at - 8, this.since + 20)) });
    this.sounding = -1;
  }
}

/** The last bars before `from` on the answer's own grid: the line the player played, then the rest up to the answer. */
const pastOf = (heard: readonly HeardNote[], from: number, stepMs: number, past: number): number[] => {
  const stepOf = (time: number): number => Math.round((time - from) / stepMs) + past;
  const line = topLine(
    heard
      .filter((note) => stepOf(note.time) >= 0 && stepOf(note.time) < past)
      .map((note) => {
        const step = stepOf(note.time);
        return { step, steps: Math.max(1, Math.min(stepOf(note.end ?? from), past) - step), pitch: pitch(note.pitch) };
      }),
  );
  const symbols = encodeMelody(line);
  const last = line.at(-1);
  const rest = last ? Math.min(LONGEST_REST, past - last.step - last.steps) : 0;
  for (let i = 0; i < rest; i++) symbols.push(i === 0 ? MELODY.off : MELODY.hold);
  return symbols;
};
