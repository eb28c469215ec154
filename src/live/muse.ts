import type { Ms, Pitch } from '../core/units.ts';
import { WHAT } from '../music/performance.ts';
import type { Timeline } from '../music/timeline.ts';
import type { Ask, Completion } from './ask.ts';
import { FREE_TIME } from './cast.ts';
import type { Choir, Sights } from './choir.ts';
import { ROLES } from './command.ts';
import { drawHarmony } from './draw-harmony.ts';
import { Drafts, type Draft } from './drafts.ts';
import type { Ear } from './ear.ts';
import { AccompanimentPlan } from './grow-accompaniment.ts';
import { DrumPlan } from './grow-drums.ts';
import { MelodyPlan } from './grow-melody.ts';
import { PerformancePlan, type Grow } from './grow-performance.ts';
import { classWeights, packGuess } from './guess.ts';
import { HeardNotes } from './heard-notes.ts';
import { instrumentOf, type Instrument, type MuseModel } from './instrument.ts';
import { MelodyPast, type Pulse } from './melody-past.ts';
import { mayPlay, NOTHING, type Lately } from './constraints.ts';
import { initialParams, PARAM_NAMES, type ParamName, type ParamValues } from './params.ts';

type Plan = PerformancePlan | MelodyPlan | Drafts | DrumPlan | AccompanimentPlan;
type Harmony = Extract<Ask, { kind: 'harmony' }>;

/** Events an ear remembers at least. */
export const WINDOW = 512;
const HARMONISE = ROLES.indexOf('harmonise');
/** What a role played in so many milliseconds counts towards its density. */
const LATELY = 3000;

/** A key to be harmonised, and how many events must be heard before it: those up to its own key, not those of a chord's other keys. */
interface Waiting {
  readonly ask: Harmony;
  readonly instrument: Instrument | null;
  waits: number;
  /** Nothing is to sound with the key any more: a choir hears it all the same. */
  unwanted: boolean;
}

/**
 * Answers asks with the models, one small step at a time: what sounded first, then harmony, then plans in the order they were asked,
 * then priming. `step` never runs more than one model step before it looks at its queues again.
 */
export class Muse {
  private readonly now: (() => Ms) | null;
  private readonly say: (completion: Completion) => void;
  private readonly seed: number;
  /** By the numbers that asks have for them. */
  private readonly instruments: readonly (Instrument | null)[];
  private readonly free: Instrument | null;
  private readonly ears: readonly Ear[];
  private readonly choirs: readonly Choir[];
  /** The ears of what roles play with now: they hear before anything is grown. */
  private heeded: readonly Ear[];
  private readonly params = new Map<number, ParamValues>();
  private readonly roles = new Map<number, Instrument | null>();
  private readonly harmonies: Waiting[] = [];
  private readonly asked: Grow[] = [];
  private readonly plans: Plan[] = [];
  private readonly resting = new Map<number, Plan>();
  private readonly heard = new HeardNotes();
  /** Times of the notes of open plans, by role: those of the last plan and a little before. */
  private readonly played = new Map<number, number[]>();
  /** Time as roles on the clock keep it, and the last plan of each. */
  private readonly grids = new Map<number, Timeline>();
  private readonly backing = new Map<number, DrumPlan | AccompanimentPlan>();
  private pulse = { bpm: 0, phase: 0 as Ms };
  /** A harmony was given up before it was thought of: the guess is older than it need be. */
  private unguessed = false;
  /** Of the parameters, as the stage counts them. */
  private generation = 0;

  /**
   * @param sights where it shows what it would answer to each key; absent: it is asked for every one
   * @param now the clock that asks are timed by; null where models take no time
   */
  constructor(models: readonly MuseModel[], seed: number, say: (completion: Completion) => void, sights: Sights | null = null, now: (() => Ms) | null = sights && (() => sights.now())) {
    this.seed = seed;
    this.say = say;
    this.now = now;
    this.instruments = models.map((model) => instrumentOf(model, seed, WINDOW, sights));
    this.free = this.instruments[models.findIndex(({ name }) => name === FREE_TIME)] ?? null;
    this.ears = this.instruments.flatMap((each) => (each?.kind === 'performance' ? [each.ear] : []));
    this.heeded = this.ears.filter((ear) => ear === earOf(this.free));
    this.choirs = this.instruments.flatMap((each) => (each?.kind === 'harmony' ? [each.choir] : []));
  }

  /** Must be awaited once before the first step. */
  async open(): Promise<void> {
    for (const each of [...this.ears, ...this.choirs]) await each.open();
  }

  ask(ask: Ask): void {
    switch (ask.kind) {
      case 'hear':
        for (const ear of this.ears) ear.hear({ time: ask.time, what: ask.what, value: ask.value });
        if (ask.player) this.heard.hear(ask.time, ask.what);
        return;
      case 'harmony':
        this.queue(ask);
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
      case 'generation':
        this.generation = ask.generation;
        return;
      case 'grid':
        this.grids.set(ask.role, { time0: ask.time, beat0: ask.beat, bpm: ask.bpm, revision: 0 });
        return;
      case 'role':
        this.backing.delete(ask.role);
        this.roles.set(ask.role, this.instruments[ask.model] ?? null);
        this.heeded = this.ears.filter((ear) => [this.free, ...this.roles.values()].some((each) => earOf(each) === ear));
    }
  }

  /** Whether a step would do anything but priming. */
  get busy(): boolean {
    return this.earBehind() !== null || this.harmonies.length > 0 || this.asked.length > 0 || this.plans.length > 0;
  }

  /** Whether somebody waits for what a step would do. */
  get urgent(): boolean {
    return this.harmonies.length > 0 || this.asked.length > 0 || this.plans.some((plan) => !(plan instanceof Drafts && plan.leisurely));
  }

  /** When there is work again without being asked. */
  get due(): Ms {
    const instrument = this.roles.get(HARMONISE);
    return instrument?.kind === 'harmony' ? instrument.choir.due : (Infinity as Ms);
  }

  /** One unit of work; false when there is none left, priming included. */
  async step(): Promise<boolean> {
    const harmony = this.harmonies[0];
    if (harmony && !stillWaits(harmony)) {
      this.harmonies.shift();
      await this.harmonise(harmony);
      return true;
    }
    for (const choir of this.choirs) if (await choir.feed()) return true;
    // Nobody waits for what models hear that nothing is asked of, nor for another key to be told the past in: tens of steps.
    if (!this.urgent && (await this.foresee(true))) return true;
    const ear = harmony ? earOf(harmony.instrument) : this.earBehind();
    if (ear) {
      await ear.feed();
      for (const each of this.harmonies) if (earOf(each.instrument) === ear) each.waits--;
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
    return this.idle();
  }

  /** What can wait until nothing else is to be done: what to harmonise with where a key found no time to ask and what each key would be answered, models that no role plays with now hear what sounded, and states are made ready. */
  private async idle(): Promise<boolean> {
    if (await this.guess()) return true;
    for (const choir of this.choirs) if (await choir.retell()) return true;
    if (await this.foresee(false)) return true;
    const unheeded = this.ears.find((ear) => ear.behind > 0);
    await unheeded?.feed();
    if (unheeded) return true;
    for (const ear of this.ears) if (await ear.prime()) return true;
    return false;
  }

  /** Asks what harmony is likeliest now, where it was not asked for the last key; false where it was. */
  private async guess(): Promise<boolean> {
    if (!this.unguessed) return false;
    this.unguessed = false;
    const instrument = this.roles.get(HARMONISE);
    if (instrument?.kind === 'harmony') this.sayGuess(HARMONISE, instrument.choir.standing());
    if (instrument?.kind !== 'performance') return false;
    this.sayGuess(HARMONISE, this.weigh(HARMONISE, await nowOf(instrument)));
    return true;
  }

  private async foresee(near: boolean): Promise<boolean> {
    const instrument = this.roles.get(HARMONISE);
    return instrument?.kind === 'harmony' && instrument.choir.foresee(HARMONISE, this.paramsOf(HARMONISE), this.pulseOrNone, this.generation, near);
  }

  private get pulseOrNone(): Pulse | null {
    return this.pulse.bpm > 0 ? this.pulse : null;
  }

  private weigh(role: number, logits: Float32Array): number[] {
    const params = this.paramsOf(role);
    return classWeights(logits, WHAT.off, (key) => mayPlay(key, params));
  }

  private sayGuess(role: number, weights: readonly number[]): void {
    this.say({ kind: 'guess', plan: 0, role, weights: packGuess(weights) });
  }

  /** An ear that must hear before anything is grown; null where all have heard what sounded. */
  private earBehind(): Ear | null {
    return this.heeded.find((ear) => ear.behind > 0) ?? null;
  }

  private queue(ask: Harmony): void {
    const instrument = this.roles.get(ask.role) ?? null;
    this.harmonies.push({ ask, instrument, waits: earOf(instrument)?.behind ?? 0, unwanted: false });
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
    const instrument = this.roles.get(grow.role);
    if (instrument?.kind === 'drums' || instrument?.kind === 'accompaniment') return this.backingFor(instrument, grow);
    const { seed } = this;
    const notes = this.heard.all;
    const lately = this.lately(grow);
    if (instrument?.kind === 'melody' && this.pulse.bpm > 0) {
      const { predictor } = instrument;
      const past = new MelodyPast(predictor, notes, this.pulse, grow);
      return this.drafted(grow, (draft) => new MelodyPlan(predictor, past, notes, lately, grow, seed, draft));
    }
    const free = instrument?.kind === 'melody' ? this.free : instrument;
    return free?.kind === 'performance' ? this.drafted(grow, (draft) => new PerformancePlan(free.predictor, free.ear, notes, lately, grow, seed, this.paramsOf(grow.role), draft)) : null;
  }

  /** What goes on is told as it comes; of an answer there is time for drafts. */
  private drafted<P extends Plan & Draft>(grow: Grow, make: (draft: number) => P): Plan {
    return grow.open ? make(0) : new Drafts(make, this.now, grow.from);
  }

  /** A plan on the clock goes on from the role's last, whatever became of that. */
  private backingFor({ kind, predictor }: Instrument, grow: Grow): Plan | null {
    const before = this.backing.get(grow.role);
    const grid = (): Timeline => this.grids.get(grow.role) as Timeline;
    if (!grid()) return null;
    const plan =
      kind === 'drums'
        ? new DrumPlan(predictor, grid, before instanceof DrumPlan ? before : undefined, grow, this.seed, this.paramsOf(grow.role))
        : new AccompanimentPlan(predictor, this.heard.all, grid, before instanceof AccompanimentPlan ? before : undefined, grow, this.seed);
    this.backing.set(grow.role, plan);
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

  private async harmonise({ ask, instrument, unwanted }: Waiting): Promise<void> {
    const { plan, role, pitch } = ask;
    const voices = unwanted ? 0 : ask.voices;
    const params = this.paramsOf(role);
    let chosen: readonly Pitch[] = [];
    let weights: readonly number[] | null = null;
    if (instrument?.kind === 'harmony' && ask.foreseen > 0) {
      await instrument.choir.answered(ask, params, ask.foreseen);
      this.sayGuess(role, instrument.choir.standing());
      return;
    }
    if (instrument?.kind === 'harmony') {
      chosen = await instrument.choir.harmonise({ ...ask, voices }, params, this.pulseOrNone);
      weights = instrument.choir.standing();
    } else if (instrument?.kind === 'performance') {
      const logits = await nowOf(instrument);
      chosen = drawHarmony(logits, instrument.ear.grammar, pitch, voices, params, this.seed, role, plan);
      weights = this.weigh(role, logits);
    }
    chosen.forEach((each, index) => this.say({ kind: 'harmony', plan, index, pitch: each, last: index === chosen.length - 1 }));
    if (chosen.length === 0 && !unwanted) this.say({ kind: 'end', plan, until: 0 as Ms });
    // For the next key, should the model be late with it: what it holds likeliest now.
    if (weights) this.sayGuess(role, weights);
  }

  private drop(plan: number): void {
    const at = this.plans.findIndex((each) => each.plan === plan);
    if (at >= 0) this.plans.splice(at, 1);
    const asked = this.asked.findIndex((each) => each.plan === plan);
    if (asked >= 0) this.asked.splice(asked, 1);
    const harmony = this.harmonies.findIndex((each) => each.ask.plan === plan);
    const waiting = this.harmonies[harmony];
    if (waiting) this.unguessed = true;
    if (waiting?.instrument?.kind === 'harmony') waiting.unwanted = true;
    else if (waiting) this.harmonies.splice(harmony, 1);
    for (const choir of this.choirs) choir.takeBack(plan);
    this.resting.delete(plan);
  }

  private paramsOf(role: number): ParamValues {
    let params = this.params.get(role);
    if (!params) this.params.set(role, (params = initialParams()));
    return params;
  }
}

/** The performance model's word on what comes at this very instant. */
const nowOf = async ({ predictor, ear }: Extract<Instrument, { kind: 'performance' }>): Promise<Float32Array> =>
  (await predictor.submit([{ kind: 'query', state: ear.state, part: 0, given: [-1, 0, -1] }]))[0] as Float32Array;

const earOf = (instrument: Instrument | null): Ear | null => (instrument?.kind === 'performance' ? instrument.ear : null);

const stillWaits = ({ instrument, waits }: Waiting): boolean => waits > 0 && (earOf(instrument)?.behind ?? 0) > 0;
