import { beats, ms, type Ms, type Pitch } from '../core/units.ts';
import type { Completion } from './ask.ts';
import { Imitation } from './imitation.ts';
import { nextBeat, PlanKeeper, wholeBeats } from './plan.ts';
import type { RoleContext, RolePlayer } from './role.ts';
import { beatAt, timeAt, type Timeline } from '../music/timeline.ts';

/** Share of the silence after which the answer is grown, in case the phrase is over. */
const SPECULATE = 0.4;
const SHORTEST = 700;
/** A player who strikes a key this soon after the answer's start had not ended the phrase. */
const INTERRUPTION = 1000;
/** With bars, the answer is grown this long before its bar. */
const AHEAD = 250;
const BEATS_A_BAR = 4;
/** An answer of which nothing has come so long after its start is replaced: with a pulse on the first beat from then on. */
const PATIENCE = 400;
/** A phrase that begins this many beats before a bar line begins with that bar: hands rush. */
const UPBEAT = 0.25;

/** Hears a phrase, and answers it once it is over; a key struck during the answer takes the turn back at once. */
export class Respond implements RolePlayer {
  private readonly context: RoleContext;
  private answer: PlanKeeper | null = null;
  private start: Ms = ms(0);
  /** The phrase as it was when the answer was asked for: the time of its last key. */
  private heard: Ms = ms(0);
  private readonly said = new Imitation();
  /** The answer is planned so long before its start, that early outputs may have it in time. */
  private readonly lead: number;
  /** When the model has had its time. */
  private rescue: Ms = ms(Infinity);

  constructor(context: RoleContext) {
    this.context = context;
    this.lead = context.lead ?? 0;
  }

  keyDown(key: number, pitch: Pitch, velocity: number, now: Ms): void {
    this.giveWay(now);
    if (this.context.player.phrase.notes === 1) this.said.clear();
    this.said.on(key, pitch, velocity, now);
  }

  keySilent(key: number, now: Ms): void {
    this.said.off(key, now);
  }

  complete(completion: Completion, now: Ms): void {
    const { answer } = this;
    if (answer?.plan !== completion.plan) {
      this.context.out.count('stale');
      return;
    }
    const first = answer.size === 0;
    answer.take(completion, now, this.context.player.pulse);
    if (first && answer.committed && answer.size > 0) this.began();
  }

  advance(now: Ms): void {
    const { phrase, pulse } = this.context.player;
    if (this.answer?.committed) {
      if (this.answer.size === 0 && now >= this.rescue && this.said.size > 0) this.replace(this.answer, now);
      if (now < this.answer.over) return;
      this.answer.close(now);
      if (this.answer.size === 0) {
        this.context.out.count('answers');
        this.context.out.count('dropped');
      }
      this.answer = null;
      return;
    }
    if (phrase.notes === 0) return;
    // A key let go since changes what is to be answered.
    if (this.answer && phrase.last !== this.heard) this.silence(now);
    if (!this.answer && now >= this.asking()) this.ask();
    const end = this.ending();
    if (this.answer && now >= end - this.lead) {
      // A parameter can end the phrase later than it seemed when the answer was asked for.
      const start = end > this.answer.from ? nextBeat(pulse, end) : this.answer.from;
      this.start = start;
      this.answer.commit(now, pulse, start);
      this.rescue = nextBeat(pulse, ms(Math.max(start, now) + PATIENCE));
      if (this.answer.size > 0) this.began();
      phrase.clear();
    }
  }

  due(): Ms {
    if (this.answer?.committed) return this.answer.size === 0 && this.said.size > 0 ? ms(Math.min(this.rescue, this.answer.over)) : this.answer.over;
    if (this.context.player.phrase.notes === 0) return ms(Infinity);
    return this.answer && this.context.player.phrase.last === this.heard ? ms(this.ending() - this.lead) : this.asking();
  }

  silence(now: Ms): void {
    this.answer?.withdraw(now);
    this.answer = null;
  }

  /** When the phrase is over: at its bar line, or after silence. */
  private ending(): Ms {
    const { phrase, down, clock } = this.context.player;
    const params = this.context.params();
    if (params.bars < 1 || !clock) return phrase.end(params, down);
    const over = lineAfter(clock, phrase.first, params.bars);
    // Bars or tempo have changed since, and its line is past: it goes on to the next.
    return over > phrase.lastOn ? over : lineAfter(clock, phrase.lastOn, params.bars);
  }

  private asking(): Ms {
    const { phrase } = this.context.player;
    const end = this.ending();
    if (this.context.params().bars > 0 && this.context.player.clock) return ms(Math.max(phrase.last, end - AHEAD - this.lead));
    const over = end - this.lead;
    return ms(over - (1 - SPECULATE) * (over - phrase.last));
  }

  /** The player takes the turn. */
  private giveWay(now: Ms): void {
    const { answer } = this;
    if (!answer) return;
    this.answer = null;
    answer.withdraw(now);
    if (!answer.committed) return;
    this.context.out.count('takenBack');
    if (now - this.start < INTERRUPTION) this.context.player.phrase.resume();
  }

  /** The model has said nothing in time: the player's own phrase is the answer. */
  private replace(late: PlanKeeper, now: Ms): void {
    this.rescue = ms(Infinity);
    const plan = this.context.nextPlan();
    const until = ms(now + (late.until - late.from));
    const words = this.said.words(plan, now, until, this.context.params());
    // Nothing of it may be played: the model may yet find something.
    if (words.length === 0) return;
    late.withdraw(now);
    this.answer = new PlanKeeper(this.context, plan, now, until);
    this.answer.commit(now, null);
    for (const word of words) this.answer.take(word, now, null);
    this.start = now;
    this.context.out.count('answers');
    this.context.out.count('fallback');
  }

  /** An answer counts once it has a note. */
  private began(): void {
    this.context.out.count('answers');
    this.context.out.count('fromModel');
  }

  private ask(): void {
    const { phrase, clock, pulse, down } = this.context.player;
    const params = this.context.params();
    const end = this.ending();
    const from = nextBeat(pulse, end);
    // A key still down will have been down until then.
    const heard = down > 0 ? Math.max(phrase.length, end - phrase.first) : phrase.length;
    this.heard = phrase.last;
    const length = params.bars > 0 && clock ? (BEATS_A_BAR * params.bars * 60_000) / clock.bpm : wholeBeats(pulse, Math.max(SHORTEST, heard * params.length));
    const plan = this.context.nextPlan();
    this.answer = new PlanKeeper(this.context, plan, from, ms(from + length));
    const density = (phrase.notes * 1000) / Math.max(100, heard);
    this.context.out.ask({ kind: 'grow', plan, role: this.context.number, from, until: this.answer.until, density, velocity: phrase.velocity, open: false });
  }
}

/** The bar line that ends the `bars` bars that `time` lies in; what was before the clock began is in its first. */
const lineAfter = (clock: Timeline, time: Ms, bars: number): Ms =>
  timeAt(clock, beats((Math.floor((Math.max(0, beatAt(clock, time)) + UPBEAT) / (BEATS_A_BAR * bars)) + 1) * BEATS_A_BAR * bars));
