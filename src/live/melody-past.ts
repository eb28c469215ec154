import { pitch, type Ms } from '../core/units.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { encodeMelody, LONGEST_REST, MELODY, MelodyGrammar, STEPS_PER_BEAT, topLine } from '../music/melody.ts';
import type { Grow } from './grow-performance.ts';
import type { HeardNote } from './manner.ts';
import type { ParamValues } from './params.ts';
import { telling } from './wishes.ts';

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

/** The grid that an answer keeps to. */
interface Grid {
  readonly stepMs: number;
  /** The first line that is not before what was asked, and its number from a beat. */
  readonly start: number;
  readonly line: number;
}

const gridOf = ({ bpm, phase }: Pulse, { from }: Grow): Grid => {
  const stepMs = 60_000 / bpm / STEPS_PER_BEAT;
  const line = Math.ceil((from - phase) / stepMs - ROUNDING);
  return { stepMs, start: phase + line * stepMs, line };
};

/** What was played before an answer, as the model is told it: symbol by symbol, and once for all drafts. */
export class MelodyPast {
  readonly state: ModelState;
  readonly grammar = new MelodyGrammar();
  readonly grid: Grid;
  private readonly predictor: Predictor;
  private readonly ahead: number[];

  constructor(predictor: Predictor, heard: readonly HeardNote[], pulse: Pulse, ask: Grow) {
    const past = ask.open ? PAST.open : PAST.answer;
    this.predictor = predictor;
    this.state = openState(predictor.shape, past);
    this.grid = gridOf(pulse, ask);
    this.ahead = [MELODY.start, ...pastOf(heard, this.grid.start, this.grid.stepMs, past)];
  }

  /** Tells the next symbol; false where all is told. */
  async tell(params: ParamValues): Promise<boolean> {
    const symbol = this.ahead.shift();
    if (symbol === undefined) return false;
    this.grammar.take(symbol);
    // What is wished begins with the answer: what is fed last before it tells it.
    const event = telling('melody', this.predictor.shape, [symbol], this.ahead.length === 0 ? params : null);
    await this.predictor.submit([{ kind: 'feed', state: this.state, event }]);
    return true;
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
