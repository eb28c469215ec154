import type { Ms } from '../core/units.ts';
import { copyState, openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { ENCODINGS } from '../music/encodings.ts';
import { isOff, isOn, PerformanceEncoder, PerformanceGrammar, type Gesture } from '../music/performance.ts';
import { telling, type Wished } from './wishes.ts';

const { start } = ENCODINGS.performance;
/** Events that may wait to be fed; beyond, the model is too slow for what is played, and the oldest are passed over. */
const MOST_AHEAD = 512;

/**
 * The performance model's hearing: fed what sounds, whoever plays it. It remembers the last W to 2W events: when its state is W events
 * old a second one is begun and fed in idle steps, one at a time, and takes over once it has heard W; no query waits for more than one.
 * What followed what is kept of the last W, where the predictor is one that remembers.
 */
export class Ear {
  readonly grammar = new PerformanceGrammar();
  readonly state: ModelState;
  private readonly predictor: Predictor;
  private readonly window: number;
  private readonly encoder = new PerformanceEncoder();
  private readonly owners = new Uint8Array(128);
  private readonly young: ModelState;
  /** What a state is that has heard the start only. */
  private readonly unheard: ModelState;
  private youngHeard = 0;
  private heard = 0;
  private readonly waiting: (readonly number[])[] = [];
  private readonly ahead: (readonly number[])[] = [];
  private wished: Wished | null = null;
  /** Events never fed because too many waited. */
  skipped = 0;
  /** Time of the last event, or of the last that was rounded away. */
  now: Ms | null = null;

  constructor(predictor: Predictor, window: number) {
    this.predictor = predictor;
    this.window = window;
    this.state = openState(predictor.shape, window);
    this.young = openState(predictor.shape, window);
    this.unheard = openState(predictor.shape, window);
  }

  /** Must be awaited once before the first query. */
  async open(): Promise<void> {
    await this.predictor.submit([{ kind: 'feed', state: this.unheard, event: start.slice(0, this.predictor.shape.parts.length) }]);
    copyState(this.unheard, this.state);
    copyState(this.unheard, this.young);
  }

  /**
   * Tells the model with every event from now on what is wished as it then is, for any of them may be the last before an answer: who
   * plays out of this ear says so, and whoever did last is heeded.
   */
  heed(wished: Wished): void {
    this.wished = wished;
  }

  /** Takes note of a gesture; `feed` brings the state up to date. A key that two play is down until the last lets go. */
  hear(gesture: Gesture): void {
    const { what } = gesture;
    const key = what & 127;
    if (isOn(what)) {
      const others = this.owners[key] as number;
      this.owners[key] = Math.min(255, others + 1);
      if (others > 0) return;
    } else if (isOff(what)) {
      const others = this.owners[key] as number;
      this.owners[key] = Math.max(0, others - 1);
      if (others !== 1) return;
    }
    if (!this.grammar.allows(what)) return;
    this.grammar.take(what);
    const { time, velocity } = this.encoder.encode(gesture);
    this.now = gesture.time;
    this.ahead.push(telling('performance', this.predictor.shape, [what, time, velocity], this.wished));
    if (this.ahead.length <= MOST_AHEAD) return;
    this.ahead.shift();
    this.skipped++;
  }

  /** Events heard that the state has not been fed. */
  get behind(): number {
    return this.ahead.length;
  }

  /** One step towards having heard all; true while there is more. */
  async feed(): Promise<boolean> {
    const event = this.ahead.shift();
    if (!event) return false;
    await this.predictor.submit([{ kind: 'feed', state: this.state, event }]);
    this.heard++;
    if (this.heard > this.window) this.waiting.push(event);
    return this.ahead.length > 0;
  }

  /** One idle step of the state that takes over next; false when there is nothing to do. */
  async prime(): Promise<boolean> {
    const event = this.waiting.shift();
    if (!event) return false;
    await this.predictor.submit([{ kind: 'feed', state: this.young, event }]);
    if (++this.youngHeard >= this.window && this.waiting.length === 0 && this.ahead.length === 0) this.takeOver();
    return true;
  }

  private takeOver(): void {
    copyState(this.young, this.state);
    copyState(this.unheard, this.young);
    this.heard = this.window;
    this.youngHeard = 0;
  }
}
