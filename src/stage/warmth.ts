import { RECORD, Ring, ringMemory } from '../core/ring.ts';
import { ms, type Ms } from '../core/units.ts';
import type { Ask, Completion } from '../live/ask.ts';
import { Foresight } from '../live/foresight.ts';
import type { Patch } from '../live/patch.ts';
import { STATUS } from '../midi/message.ts';
import { Prompter } from './prompter.ts';
import { IN, pushAsk, pushCompletion, type Push } from './records.ts';
import { Stage } from './stage.ts';
import { pretend } from './warm.ts';

/** In the milliseconds of its own time: how long a key is down, and how long after it the next one comes. */
const HELD = 40;
const APART = 80;
/** One of so many times nothing is struck until an answer sounds, where the patch has one: the next key takes it back. */
const TURN = 4;
/** Wakes within which an answer begins, and how far off the last of them may be. */
const WAKES = 4;
const SILENCE = 3000;
/** More than is asked and told of one record. */
const UNREAD = 1024;
/** Two octaves of keys in turn, as far as hands go. */
const KEYS = Array.from({ length: 25 }, (_, i) => 48 + ((i * 7) % 25));

/**
 * Keeps what a struck key goes through in the processor's caches: after some hundredths of a second of rest it is gone from there. Plays a key
 * now and then to a stage that nobody hears, whose models answer at once; some into an answer, which is taken back.
 */
export class Warmth {
  private readonly stage: Stage;
  private readonly record = new Float64Array(RECORD);
  private readonly answers: Completion[] = [];
  private readonly answerer = pretend((completion) => void this.answers.push(completion));
  private readonly push: Push = (...numbers) => {
    this.record.fill(0);
    numbers.forEach((number = 0, i) => (this.record[i] = number));
    return true;
  };
  private readonly prompter = new Prompter(new Foresight());
  /** What is pushed here is taken out again, unread. */
  private readonly unread = new Ring(ringMemory(UNREAD));
  private readonly pushUnread: Push = (...numbers) => this.unread.push(...numbers);
  private now: Ms = ms(0);
  private key = 0;
  private plays = 0;

  constructor(patches: readonly Patch[], cast: readonly string[]) {
    const ask = (each: Ask): void => {
      this.prompter.hear(each);
      if (each.kind === 'harmony') this.prompter.answer(each);
      pushAsk(this.pushUnread, each);
      this.answerer.ask(each);
    };
    this.stage = new Stage(patches, { send: () => {}, ask, tell: this.pushUnread }, this.now, cast);
  }

  /** What became of what was played. */
  get counters(): Stage['counters'] {
    return this.stage.counters;
  }

  /** Notes that sound, of what is played. */
  get sounding(): number {
    return this.stage.lines.sounding();
  }

  /** Plays by this patch from now on. */
  choose(patch: number): void {
    this.take(IN.patch, patch);
  }

  /** Strikes a key and lets it go, or waits for an answer. Realtime-safe: about a tenth of a millisecond. */
  play(): void {
    if (++this.plays % TURN === 0) return this.rest();
    const key = KEYS[this.key++ % KEYS.length] as number;
    this.take(IN.midi, STATUS.on, key, 80, this.now);
    this.pass(HELD);
    this.take(IN.midi, STATUS.off, key, 64, this.now);
    this.pass(APART - HELD);
  }

  private rest(): void {
    const until = this.now + SILENCE;
    for (let n = 0; n < WAKES && this.sounding === 0 && this.stage.next() <= until; n++) {
      this.now = ms(Math.max(this.now, this.stage.next()));
      this.take(IN.wake);
    }
  }

  private pass(time: number): void {
    this.now = ms(this.now + time);
    if (this.stage.next() <= this.now) this.take(IN.wake);
  }

  private take(...numbers: Parameters<Push>): void {
    const { record, stage, answers } = this;
    this.push(...numbers);
    this.unread.push(...numbers);
    stage.take(record, this.now);
    for (let answer = answers.shift(); answer; answer = answers.shift()) {
      pushCompletion(this.push, answer);
      stage.take(record, this.now);
    }
    while (this.unread.pop(record));
    this.prompter.news();
  }
}
