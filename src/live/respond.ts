import { beats, ms, type Ms, type Pitch } from '../core/units.ts';
import type { Completion } from './ask.ts';
import { nextBeat, PlanKeeper, wholeBeats } from './plan.ts';
import type { RoleContext, RolePlayer } from './role.ts';
import { beatAt, timeAt } from '../music/timeline.ts';

/** Share of the silence after which the answer is grown, in case the phrase is over. */
const SPECULATE = 0.4;
const SHORTEST = 700;
/** With bars, the answer is grown this long before its bar. */
const AHEAD = 250;
const BEATS_A_BAR = 4;

/** Hears a phrase, and answers it once it is over; a key struck during the answer takes the turn back at once. */
export class Respond implements RolePlayer {
  private readonly context: RoleContext;
  private answer: PlanKeeper | null = null;
  private start: Ms = ms(0);

  constructor(context: RoleContext) {
    this.context = context;
  }

  keyDown(_key: number, _pitch: Pitch, _velocity: number, now: Ms): void {
    const { answer } = this;
    if (!answer) return;
    this.answer = null;
    answer.withdraw(now);
    if (answer.committed) this.context.out.count('takenBack');
  }

  keySilent(): void {}

  complete(completion: Completion, now: Ms): void {
    if (this.answer?.plan === completion.plan) this.answer.take(completion, now, this.context.player.pulse);
    else this.context.out.count('stale');
  }

  advance(now: Ms): void {
    const { phrase, pulse } = this.context.player;
    if (this.answer?.committed) {
      if (now < this.answer.over) return;
      if (!this.answer.grown) this.answer.withdraw(now);
      if (this.answer.size === 0) this.context.out.count('dropped');
      this.answer = null;
      return;
    }
    if (phrase.notes === 0) return;
    if (!this.answer && now >= this.asking()) this.ask();
    if (this.answer && now >= this.ending()) {
      this.context.out.count('answers');
      if (this.answer.size > 0) this.context.out.count('fromModel');
      this.answer.commit(now, pulse);
      phrase.clear();
    }
  }

  due(): Ms {
    if (this.answer?.committed) return this.answer.over;
    if (this.context.player.phrase.notes === 0) return ms(Infinity);
    return this.answer ? this.ending() : this.asking();
  }

  silence(now: Ms): void {
    this.answer?.withdraw(now);
    this.answer = null;
  }

  /** When the phrase is over: at its bar line, or after silence. */
  private ending(): Ms {
    const { phrase, down, pulse } = this.context.player;
    const params = this.context.params();
    if (params.bars > 0 && pulse) {
      const bar = BEATS_A_BAR * params.bars;
      return timeAt(pulse, beats((Math.floor(beatAt(pulse, phrase.first) / bar + 1e-6) + 1) * bar));
    }
    return phrase.end(params, down);
  }

  private asking(): Ms {
    const { phrase } = this.context.player;
    const end = this.ending();
    if (this.context.params().bars > 0 && this.context.player.pulse) return ms(Math.max(phrase.last, end - AHEAD));
    return ms(end - (1 - SPECULATE) * (end - phrase.last));
  }

  private ask(): void {
    const { phrase, pulse } = this.context.player;
    const params = this.context.params();
    const end = this.ending();
    this.start = nextBeat(pulse, end);
    const length = params.bars > 0 && pulse ? (BEATS_A_BAR * params.bars * 60_000) / pulse.bpm : wholeBeats(pulse, Math.max(SHORTEST, phrase.length * params.length));
    const plan = this.context.nextPlan();
    this.answer = new PlanKeeper(this.context, plan, this.start, ms(this.start + length));
    this.context.out.ask({ kind: 'grow', plan, role: this.context.number, from: this.start, until: this.answer.until, density: phrase.density, velocity: phrase.velocity, open: false });
  }
}
