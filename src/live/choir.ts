import { keyOf } from '../core/rng.ts';
import { ms, type Ms, type Pitch } from '../core/units.ts';
import { copyState, openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { ENCODINGS } from '../music/encodings.ts';
import { BAR_STEPS, FRAME, HARMONY, HarmonyVoices, LONGEST_WAIT, SILENT, VOICES } from '../music/harmony.ts';
import { addVoice, beginDrawing, drawVoices, imagine, otherVoices, playersVoice, type Drawing, type Stand } from './drawing.ts';
import { TOGETHER, type Foresight } from './foresight.ts';
import { gridOf, stepAt, type Grid } from './grid-steps.ts';
import type { Pulse } from './melody-past.ts';
import { firstHome, HomeKey } from './home-key.ts';
import { LookAhead, RECENT, type Foreseen, type Outlook } from './look-ahead.ts';
import type { ParamValues } from './params.ts';

/** The first key is likeliest to be struck about here. */
const MIDDLE = 64;
/** Frames that a state in another key is told. */
const RETOLD = 48;

/** A struck key that is to be harmonised. */
export interface Wish {
  readonly plan: number;
  readonly role: number;
  readonly pitch: Pitch;
  readonly voices: number;
  readonly time: Ms;
}

/** Where a choir shows what it foresees, and the clock that keys are struck by. */
export interface Sights {
  readonly board: Foresight;
  now(): Ms;
}

/** What the voices did at a moment, not yet fed: the key that was struck may still turn out to be one of a chord. */
interface Moment extends Drawing {
  readonly plan: number;
  readonly time: Ms;
}

/** Of the last key, whether it was kept as the moment's or not. */
interface Struck {
  readonly plan: number;
  readonly time: Ms;
}

/**
 * Four voices of which the player sings one: the highest, or with `above` the lowest. What was before a key is known before it is
 * struck, so that its harmony is a question to a head for each voice and no step of the stack; and with sights, it has been asked
 * beforehand for each key. The model knows one key, to which the player's is moved; as that becomes known, or changes, another state is
 * told the past in it, in idle steps, and takes over.
 */
export class Choir {
  private readonly predictor: Predictor;
  private readonly seed: number;
  private readonly ahead: LookAhead | null;
  /** What was heard before the last moment, that with it, and what is told in another key. */
  private readonly before: Stand & { home: number };
  private readonly after: Stand & { home: number };
  private readonly other: ModelState;
  private readonly key = new HomeKey();
  private readonly frames: (readonly number[])[] = [];
  private moment: Moment | null = null;
  private heard = false;
  /** When the last frame that was taken in was struck; null where there is none. */
  private taken: Ms | null = null;
  private last: Struck = { plan: 0, time: ms(-Infinity) };
  /** Keys struck lately, each once, the last first. */
  private recent: readonly number[] = [];
  /** The plan of the last key before the moment's: its chance hangs on it. */
  private preceding = 0;
  private moving: { readonly home: number; told: number } | null = null;
  private outlook: Outlook | null = null;

  constructor(predictor: Predictor, seed: number, sights: Sights | null = null) {
    this.predictor = predictor;
    this.seed = seed;
    this.ahead = sights && new LookAhead(predictor, sights.board, () => sights.now());
    const stand = (): Stand => ({ state: openState(predictor.shape), voices: new HarmonyVoices(), home: 0 });
    this.before = stand();
    this.after = stand();
    this.other = openState(predictor.shape);
  }

  /** Must be awaited once before the first wish. */
  async open(): Promise<void> {
    await this.predictor.submit([{ kind: 'feed', state: this.before.state, event: ENCODINGS.harmony.start }]);
  }

  /** Semitones by which the player's music is moved for the model. */
  get moved(): number {
    return this.before.home;
  }

  /** When there is more to foresee. */
  get due(): Ms {
    return this.outlook && this.ahead ? this.ahead.due : ms(Infinity);
  }

  /** The notes to sound with the key struck, the voice beside the player's first; fewer where none fits. */
  async harmonise(wish: Wish, params: ParamValues, pulse: Pulse | null): Promise<Pitch[]> {
    const chord = await this.strike(wish, params);
    const grid = gridOf(pulse);
    const place = chord ?? placeAfter(grid, this.taken, stepAt(grid, wish.time));
    const drawing = beginDrawing(this.before, wish.pitch, place, { ...params }, this.chanceOf(wish));
    await drawVoices(this.predictor, [drawing], wish.voices);
    this.keep(drawing, wish, chord);
    return drawing.chosen;
  }

  /** Hears of a key that was answered from the sight of that number. */
  async answered(wish: Wish, params: ParamValues, number: number): Promise<void> {
    const foreseen = this.ahead?.recall(number);
    const chord = await this.strike(wish, params);
    const drawing = beginDrawing(this.before, wish.pitch, foreseen ?? chord ?? { wait: 0, place: 0 }, { ...params }, this.chanceOf(wish));
    for (const voice of foreseen ? otherVoices(params) : []) {
      const symbol = (foreseen as Foreseen).doingOf(wish.pitch, voice);
      if (symbol === null) drawing.silent.push(voice);
      else addVoice(drawing, voice, symbol);
    }
    this.keep(drawing, wish, chord);
  }

  /** Draws what would be answered to some keys if they were struck next, or to some near the last one; false where there is nothing to foresee now. */
  async foresee(role: number, params: ParamValues, pulse: Pulse | null, generation: number, near = false): Promise<boolean> {
    const { moment, ahead, last } = this;
    if (!ahead || (moment && !this.heard) || params.voices < 1) return false;
    if (this.outlook?.generation !== generation) this.outlook = null;
    this.outlook ??= {
      after: last.plan,
      recent: moment ? this.recent : [MIDDLE],
      params: { ...params },
      generation,
      stand: moment ? () => this.after : (key) => ({ ...this.before, home: firstHome(key, params) }),
      place: (grid, step) => placeAfter(grid, moment && moment.time, step),
      chance: (key) => keyOf(this.seed, role, last.plan, key),
    };
    return ahead.step(this.outlook, gridOf(pulse), near);
  }

  /** What was chosen for a wish did not sound: of its moment only the player's voice is heard. */
  takeBack(plan: number): void {
    const { moment } = this;
    if (moment?.plan !== plan) return;
    moment.doing.forEach((symbol, voice) => (moment.doing[voice] = symbol === HARMONY.on + moment.struck ? symbol : HARMONY.hold));
    moment.silent.length = 0;
    this.hearAgain();
  }

  /** How many voices sound each pitch class now. */
  standing(): number[] {
    const weights = Array.from({ length: 12 }, () => 0);
    for (let voice = 0; voice < VOICES; voice++) {
      const sounds = this.before.voices.after(voice, this.moment?.doing[voice] ?? HARMONY.hold);
      if (sounds !== SILENT) weights[sounds % 12] = (weights[sounds % 12] as number) + 1;
    }
    return weights;
  }

  /** One step towards having heard the last moment; false when it has been heard. */
  async feed(): Promise<boolean> {
    if (!this.moment || this.heard) return false;
    await this.hearMore(this.moment);
    return true;
  }

  /** One idle step towards another key; false when there is none to move to. */
  async retell(): Promise<boolean> {
    const { moving } = this;
    if (!moving) return false;
    const past = this.frames.slice(-RETOLD);
    const next = moving.told === 0 ? ENCODINGS.harmony.start : past[moving.told - 1];
    if (moving.told === 0) this.other.memory.fill(0);
    if (next) {
      moving.told++;
      await this.predictor.submit([{ kind: 'feed', state: this.other, event: moving.told === 1 ? next : inKeyOf(moving.home, next) }]);
      return true;
    }
    copyState(this.other, this.before.state);
    this.before.home = moving.home;
    this.moving = null;
    this.ahead?.forget();
    this.hearAgain();
    return true;
  }

  /** A key is struck: the moment before is past, unless the key is one of its chord, whose moment is given. */
  private async strike({ plan, pitch, time }: Wish, params: ParamValues): Promise<Moment | null> {
    const chord = this.moment !== null && time - this.last.time <= TOGETHER;
    if (!chord) {
      if (this.moment) await this.takeIn(this.moment);
      this.preceding = this.last.plan;
    }
    this.last = { plan, time };
    this.recent = [pitch, ...this.recent.filter((each) => each !== pitch)].slice(0, RECENT);
    this.outlook = null;
    this.key.hear(pitch, params);
    const { home } = this.key;
    if (this.frames.length === 0) this.before.home = home;
    else if (home !== this.before.home && this.moving?.home !== home) this.moving = { home, told: 0 };
    return chord ? this.moment : null;
  }

  /** Of a chord the outermost key is the voice that goes on. */
  private keep(drawing: Drawing, { plan, time }: Wish, chord: Moment | null): void {
    const under = playersVoice(drawing.params) === 0;
    if (chord && (under ? drawing.struck <= chord.struck : drawing.struck >= chord.struck)) return;
    this.moment = { ...drawing, plan, time };
    this.hearAgain();
  }

  private hearAgain(): void {
    this.heard = false;
    this.outlook = null;
  }

  /** A voice that was not asked for, or when all have sung, the moment. */
  private async hearMore(moment: Moment): Promise<void> {
    const { before, after } = this;
    const voice = moment.silent.shift();
    if (voice !== undefined) {
      await imagine(this.predictor, moment, voice);
      return;
    }
    const whole = this.frameOf(moment);
    copyState(before.state, after.state);
    after.home = before.home;
    after.voices.sounding.set(whole.slice(FRAME.sounds, FRAME.sounds + VOICES));
    await this.predictor.submit([{ kind: 'feed', state: after.state, event: inKeyOf(after.home, whole) }]);
    this.heard = true;
  }

  /** The last moment is past: what comes next is asked of what follows it. */
  private async takeIn(moment: Moment): Promise<void> {
    while (!this.heard) await this.hearMore(moment);
    this.frames.push(this.frameOf(moment));
    copyState(this.after.state, this.before.state);
    this.before.voices.sounding.set(this.after.voices.sounding);
    if (this.frames.length > 2 * RETOLD) this.frames.splice(0, RETOLD);
    // Another key is told the past again: one frame more than it knew of.
    if (this.moving && this.frames.length > RETOLD) this.moving.told = 0;
    this.taken = moment.time;
    this.moment = null;
    this.heard = false;
  }

  /** The chance of what goes with a key of the moment, which hangs on nothing that was drawn. */
  private chanceOf({ role, pitch }: Wish): number {
    return keyOf(this.seed, role, this.preceding, pitch);
  }

  /** A frame whole: what is asked, then what each voice sounds and the place. */
  private frameOf({ wait, doing, place }: Moment): number[] {
    return [wait, ...doing, ...doing.map((symbol, voice) => this.before.voices.after(voice, symbol)), place];
  }
}

const inKeyOf = (home: number, frame: readonly number[]): readonly number[] => ENCODINGS.harmony.transpose(frame, home) ?? frame;

/** Where a step of the grid lies, after a moment at `time`; the first of all comes after nothing. */
const placeAfter = (grid: Grid, time: Ms | null, step: number): Pick<Drawing, 'wait' | 'place'> => {
  const since = time === null ? 1 : Math.max(1, Math.min(LONGEST_WAIT, step - stepAt(grid, time)));
  return { wait: since - 1, place: ((step % BAR_STEPS) + BAR_STEPS) % BAR_STEPS };
};
