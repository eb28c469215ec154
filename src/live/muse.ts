import type { Ms, Pitch } from '../core/units.ts';
import { isOff, isOn, WHAT } from '../music/performance.ts';
import type { Timeline } from '../music/timeline.ts';
import type { Predictor } from '../model/predictor.ts';
import type { Ask, Completion } from './ask.ts';
import { Choir } from './choir.ts';
import { drawHarmony } from './draw-harmony.ts';
import { ROLES } from './command.ts';
import { Ear } from './ear.ts';
import { AccompanimentPlan } from './grow-accompaniment.ts';
import { DrumPlan } from './grow-drums.ts';
import { MelodyPlan } from './grow-melody.ts';
import { PerformancePlan, type Grow } from './grow-performance.ts';
import type { HeardNote } from './manner.ts';
import { NOTHING, type Lately } from './constraints.ts';
import { initialParams, PARAM_NAMES, type ParamName, type ParamValues } from './params.ts';

/** The models one performer plays with; which role uses which comes with the patch. */
export interface MuseModels {
  readonly performance: Predictor;
  readonly melody: Predictor | null;
  /** What `harmonise` plays with; without it, with the performance model. */
  readonly harmony?: Predictor | null;
  /** What `drum` and `accompany` play with; without it they say nothing. */
  readonly drums?: Predictor | null;
  readonly accompaniment?: Predictor | null;
}

type Plan = PerformancePlan | MelodyPlan | DrumPlan | AccompanimentPlan;
type Harmony = Extract<Ask, { kind: 'harmony' }>;

/** Events the ear remembers at least. */
export const WINDOW = 512;
const REMEMBERED_NOTES = 128;
/** What a role played in so many milliseconds counts towards its density. */
const LATELY = 3000;

/**
 * Answers asks with the models, one small step at a time: what sounded first, then harmony, then plans in the order they were asked,
 * then priming. `step` never runs more than one model step before it looks at its queues again.
 */
export class Muse {
  private readonly models: MuseModels;
  private readonly say: (completion: Completion) => void;
  private readonly seed: number;
  private readonly ear: Ear;
  private readonly choir: Choir | null;
  private readonly params = new Map<number, ParamValues>();
  private readonly roles = new Map<number, 'performance' | 'melody'>();
  /** With each, how many events must be fed before it: those up to its own key, not those of a chord's other keys. */
  private readonly harmonies: { readonly ask: Harmony; waits: number }[] = [];
  private readonly asked: Grow[] = [];
  private readonly plans: Plan[] = [];
  private readonly resting = new Map<number, Plan>();
  private readonly notes: HeardNote[] = [];
  /** Times of the notes of open plans, by role: those of the last plan and a little before. */
  private readonly played = new Map<number, number[]>();
  /** Time as roles on the clock keep it, and the last plan of each. */
  private readonly grids = new Map<number, Timeline>();
  private readonly backing = new Map<number, DrumPlan | AccompanimentPlan>();
  private pulse = { bpm: 0, phase: 0 as Ms };

  constructor(models: MuseModels, seed: number, say: (completion: Completion) => void) {
    this.models = models;
    this.seed = seed;
    this.say = say;
    this.ear = new Ear(models.performance, WINDOW);
    this.choir = models.harmony ? new Choir(models.harmony, seed) : null;
  }

  /** Must be awaited once before the first step. */
  async open(): Promise<void> {
    await this.ear.open();
    await this.choir?.open();
  }

  ask(ask: Ask): void {
    switch (ask.kind) {
      case 'hear':
        this.ear.hear({ time: ask.time, what: ask.what, value: ask.value });
        if (ask.player) this.remember(ask.time, ask.what);
        return;
      case 'harmony':
        this.harmonies.push({ ask, waits: this.ear.behind });
        return;
      case 'grow':
        this.asked.push(ask);
        return;
      case 'extend': {
        const plan = this.resting.get(ask.plan) ?? this.plans.find((each) => each.plan === ask.plan);
        if (!plan) return;
        plan.until = ask.until;
        if (this.resting.delete(ask.plan)) this.plans.push(plan);
        return;
      }
      case 'cancel':
        this.drop(ask.plan);
        return;
      case 'param':
        this.paramsOf(ask.role)[PARAM_NAMES[ask.param] as ParamName] = ask.value;
        return;
      case 'pulse':
        this.pulse = { bpm: ask.bpm, phase: ask.phase };
        return;
      case 'grid':
        this.grids.set(ask.role, { time0: ask.time, beat0: ask.beat, bpm: ask.bpm, revision: 0 });
        return;
      case 'role':
        this.backing.delete(ask.role);
        this.roles.set(ask.role, ask.melody ? 'melody' : 'performance');
    }
  }

  /** Whether a step would do anything. */
  get busy(): boolean {
    return this.ear.behind > 0 || this.harmonies.length > 0 || this.asked.length > 0 || this.plans.length > 0;
  }

  /** One unit of work; false when there is none left, priming included. */
  async step(): Promise<boolean> {
    const harmony = this.harmonies[0];
    if (harmony && (this.choir || harmony.waits <= 0 || this.ear.behind === 0)) {
      this.harmonies.shift();
      await this.harmonise(harmony.ask);
      return true;
    }
    if (await this.choir?.feed()) return true;
    if (this.ear.behind > 0) {
      await this.ear.feed();
      for (const each of this.harmonies) each.waits--;
      return true;
    }
    const grow = this.asked.shift();
    if (grow) {
      const plan = this.planFor(grow);
      if (plan) this.plans.push(plan);
      return true;
    }
    const plan = this.plans.find((each) => each.urgent) ?? this.plans[0];
    if (plan) {
      await this.grow(plan);
      return true;
    }
    return (await this.choir?.retell()) || this.ear.prime();
  }

  private async grow(plan: Plan): Promise<void> {
    const more = await plan.step(this.paramsOf(plan.role), (completion) => {
      if (!this.plans.includes(plan)) return;
      if (plan.open && completion.kind === 'note' && this.backing.get(plan.role) !== plan) this.playedBy(plan.role).push(completion.time);
      this.say(completion);
    });
    if (more) return;
    const at = this.plans.indexOf(plan);
    if (at < 0) return;
    this.plans.splice(at, 1);
    if (plan.open) this.resting.set(plan.plan, plan);
    else plan.finish(this.say);
    this.say({ kind: 'end', plan: plan.plan, until: plan.until });
  }

  private planFor(grow: Grow): Plan | null {
    const role = ROLES[grow.role];
    if (role === 'drum' || role === 'accompany') return this.backingFor(role, grow);
    const { melody, performance } = this.models;
    if (this.roles.get(grow.role) === 'melody' && melody && this.pulse.bpm > 0) return new MelodyPlan(melody, this.notes, this.pulse, this.lately(grow), grow, this.seed);
    return new PerformancePlan(performance, this.ear, this.notes, this.lately(grow), grow, this.seed);
  }

  /** A plan on the clock goes on from the role's last, whatever became of that. */
  private backingFor(role: 'drum' | 'accompany', grow: Grow): Plan | null {
    const { drums, accompaniment } = this.models;
    const before = this.backing.get(grow.role);
    const grid = (): Timeline => this.grids.get(grow.role) as Timeline;
    let plan: DrumPlan | AccompanimentPlan | null = null;
    if (!grid()) return null;
    if (role === 'drum' && drums) plan = new DrumPlan(drums, grid, before instanceof DrumPlan ? before : undefined, grow, this.seed, this.paramsOf(grow.role));
    if (role === 'accompany' && accompaniment) plan = new AccompanimentPlan(accompaniment, this.notes, grid, before instanceof AccompanimentPlan ? before : undefined, grow, this.seed);
    if (plan) this.backing.set(grow.role, plan);
    return plan;
  }

  /** What of a role that goes on sounds before a plan that replaces its last: what lies after it was taken back. */
  private lately({ role, from, open }: Grow): Lately {
    if (!open) return NOTHING;
    const played = this.playedBy(role).filter((time) => time < from && time >= from - LATELY);
    this.played.set(role, played);
    return { notes: played.length, span: from - (played[0] ?? from) };
  }

  private playedBy(role: number): number[] {
    let played = this.played.get(role);
    if (!played) this.played.set(role, (played = []));
    return played;
  }

  private async harmonise(wish: Harmony): Promise<void> {
    const { plan } = wish;
    const chosen = this.choir ? await this.choir.harmonise(wish, this.paramsOf(wish.role), this.pulse.bpm > 0 ? this.pulse : null) : await this.harmoniseByEar(wish);
    chosen.forEach((each, index) => this.say({ kind: 'harmony', plan, index, pitch: each, last: index === chosen.length - 1 }));
    if (chosen.length === 0) this.say({ kind: 'end', plan, until: 0 as Ms });
  }

  private async harmoniseByEar({ plan, role, pitch, voices }: Harmony): Promise<Pitch[]> {
    const [logits] = await this.models.performance.submit([{ kind: 'query', state: this.ear.state, part: 0, given: [-1, 0, -1] }]);
    return drawHarmony(logits as Float32Array, this.ear.grammar, pitch, voices, this.paramsOf(role), this.seed, role, plan);
  }

  private drop(plan: number): void {
    const at = this.plans.findIndex((each) => each.plan === plan);
    if (at >= 0) this.plans.splice(at, 1);
    const asked = this.asked.findIndex((each) => each.plan === plan);
    if (asked >= 0) this.asked.splice(asked, 1);
    const harmony = this.harmonies.findIndex((each) => each.ask.plan === plan);
    if (harmony >= 0) this.harmonies.splice(harmony, 1);
    this.resting.delete(plan);
  }

  private remember(time: Ms, what: number): void {
    if (isOn(what)) {
      this.notes.push({ time, end: null, pitch: what });
      if (this.notes.length > REMEMBERED_NOTES) this.notes.shift();
    } else if (isOff(what)) {
      const note = this.notes.findLast((each) => each.pitch === what - WHAT.off && each.end === null);
      if (note) note.end = time;
    }
  }

  private paramsOf(role: number): ParamValues {
    let params = this.params.get(role);
    if (!params) this.params.set(role, (params = initialParams()));
    return params;
  }
}
