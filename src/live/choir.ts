import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch as asPitch, type Ms, type Pitch } from '../core/units.ts';
import { copyState, openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { pick } from '../model/sampling.ts';
import { consonant } from '../music/consonance.ts';
import { ENCODINGS } from '../music/encodings.ts';
import { BAR_STEPS, FRAME, HARMONY, HarmonyVoices, LONGEST_WAIT, SILENT, toldVoice, VOICES } from '../music/harmony.ts';
import { STEPS_PER_BEAT } from '../music/melody.ts';
import { choiceOf, mayPlay } from './constraints.ts';
import type { Pulse } from './grow-melody.ts';
import { HomeKey } from './home-key.ts';
import type { ParamValues } from './params.ts';

/** Keys struck within this many milliseconds are one chord: each is harmonised from where the last frame stood. */
const TOGETHER = 40;
/** A 16th where there is no pulse, in milliseconds: a beat is 500. */
const STEP = 125;
/** Frames that a state in another key is told. */
const RETOLD = 48;
/** How near and how far from the note struck harmony may lie, in semitones. */
const NEAREST = 3;
const FARTHEST = 24;

/** A struck key that is to be harmonised. */
export interface Wish {
  readonly plan: number;
  readonly role: number;
  readonly pitch: Pitch;
  readonly voices: number;
  readonly time: Ms;
}

/** What the voices did at a moment, not yet fed: the key that was struck may still turn out to be one of a chord. */
interface Moment {
  readonly plan: number;
  readonly time: Ms;
  readonly struck: number;
  /** Steps since the last, less one, and the step in the bar. */
  readonly wait: number;
  readonly place: number;
  /** What each voice does; what heads are told of it, −1 where they are not yet. */
  readonly doing: number[];
  readonly given: number[];
  /** Voices that were not asked to sound: they are only imagined, for the model knows music for four. */
  readonly silent: number[];
  readonly params: ParamValues;
  readonly key: number;
}

/**
 * Four voices of which the player sings one: the highest, or with `above` the lowest. What was before a key is known before it is
 * struck, so that its harmony is a question to a head for each voice and no step of the stack. The model knows one key, to which the
 * player's is moved; as that becomes known, or changes, another state is told the past in it, in idle steps, and takes over.
 */
export class Choir {
  private readonly predictor: Predictor;
  private readonly seed: number;
  /** What was heard before the last moment, that with it, and what is told in another key. */
  private readonly before: ModelState;
  private readonly after: ModelState;
  private readonly other: ModelState;
  private readonly voices = new HarmonyVoices();
  private readonly key = new HomeKey();
  private readonly frames: (readonly number[])[] = [];
  private moment: Moment | null = null;
  private heard = false;
  /** When the last frame that was taken in was struck. */
  private taken: Ms = ms(0);
  private home = 0;
  private moving: { readonly home: number; told: number } | null = null;

  constructor(predictor: Predictor, seed: number) {
    this.predictor = predictor;
    this.seed = seed;
    this.before = openState(predictor.shape);
    this.after = openState(predictor.shape);
    this.other = openState(predictor.shape);
  }

  /** Must be awaited once before the first wish. */
  async open(): Promise<void> {
    await this.predictor.submit([{ kind: 'feed', state: this.before, event: ENCODINGS.harmony.start }]);
  }

  /** Semitones by which the player's music is moved for the model. */
  get moved(): number {
    return this.home;
  }

  /** The notes to sound with the key struck, the voice beside the player's first; fewer where none fits. */
  async harmonise({ plan, role, pitch, voices, time }: Wish, params: ParamValues, pulse: Pulse | null): Promise<Pitch[]> {
    const last = this.moment;
    const chord = last !== null && time - last.time <= TOGETHER;
    if (last && !chord) await this.takeIn(last);
    this.key.hear(pitch, params);
    if (this.frames.length === 0) this.home = this.key.home;
    else if (this.key.home !== this.home && this.moving?.home !== this.key.home) this.moving = { home: this.key.home, told: 0 };

    const stepOf = (at: number): number => Math.round(pulse ? (at - pulse.phase) / (60_000 / pulse.bpm / STEPS_PER_BEAT) : at / STEP);
    const step = stepOf(time);
    const since = this.frames.length > 0 ? Math.max(1, Math.min(LONGEST_WAIT, step - stepOf(chord ? this.taken : (last?.time ?? time)))) : 1;
    const place = ((step % BAR_STEPS) + BAR_STEPS) % BAR_STEPS;
    const own = params.above >= 0.5 ? VOICES - 1 : 0;
    const doing = Array.from({ length: VOICES }, () => HARMONY.hold as number);
    doing[own] = HARMONY.on + pitch;
    const given = [(since - 1) * BAR_STEPS + place, -1, -1, -1, -1];
    const moment: Moment = { plan, time, struck: pitch, wait: since - 1, place, doing, given, silent: [], params: { ...params }, key: keyOf(this.seed, role, plan) };
    this.tell(moment, own);
    const chosen: Pitch[] = [];
    for (let n = 0; n < VOICES - 1; n++) {
      const voice = own === 0 ? n + 1 : own - 1 - n;
      const sounds = n < voices ? await this.sing(moment, voice, (key) => fits(key, pitch, own === 0, chosen, params)) : null;
      if (sounds === null) moment.silent.push(voice);
      else chosen.push(asPitch(sounds));
    }
    // Of a chord the outermost key is the voice that goes on.
    if (!chord || (own === 0 ? pitch > last.struck : pitch < last.struck)) {
      this.moment = moment;
      this.heard = false;
    }
    return chosen;
  }

  /** Draws what a voice does; the key it then sounds, null where none that may sound is left. */
  private async sing(moment: Moment, voice: number, may: (key: number) => boolean): Promise<number | null> {
    const { given, params, key } = moment;
    const [logits] = await this.predictor.submit([{ kind: 'query', state: this.before, part: FRAME.voice + voice, given }]);
    const symbol = pick(logits as Float32Array, choiceOf(params), coinAt(key, voice), (each) => {
      const sounds = this.soundsOf(voice, each);
      return sounds !== null && may(sounds) ? 0 : -Infinity;
    });
    if (symbol < 0) return null;
    const sounds = this.soundsOf(voice, symbol) as number;
    moment.doing[voice] = symbol === HARMONY.hold ? symbol : HARMONY.on + sounds;
    this.tell(moment, voice);
    return sounds;
  }

  /** Tells the heads what a voice does. */
  private tell({ doing, given }: Moment, voice: number): void {
    const sounds = this.voices.after(voice, doing[voice] as number);
    given[FRAME.voice + voice] = toldVoice(doing[voice] as number, sounds === SILENT ? SILENT : this.inKey(sounds));
  }

  /** What was chosen for a wish did not sound: of its moment only the player's voice is heard. */
  takeBack(plan: number): void {
    const { moment } = this;
    if (moment?.plan !== plan) return;
    moment.doing.forEach((symbol, voice) => (moment.doing[voice] = symbol === HARMONY.on + moment.struck ? symbol : HARMONY.hold));
    moment.silent.length = 0;
    this.heard = false;
  }

  /** How many voices sound each pitch class now. */
  standing(): number[] {
    const weights = Array.from({ length: 12 }, () => 0);
    for (let voice = 0; voice < VOICES; voice++) {
      const sounds = this.voices.after(voice, this.moment?.doing[voice] ?? HARMONY.hold);
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
      await this.predictor.submit([{ kind: 'feed', state: this.other, event: moving.told === 1 ? next : this.inKeyOf(moving.home, next) }]);
      return true;
    }
    copyState(this.other, this.before);
    this.home = moving.home;
    this.moving = null;
    this.heard = false;
    return true;
  }

  /** A voice that was not asked for, or when all have sung, the moment. */
  private async hearMore(moment: Moment): Promise<void> {
    const voice = moment.silent.shift();
    if (voice !== undefined) {
      await this.sing(moment, voice, () => true);
      return;
    }
    copyState(this.before, this.after);
    await this.predictor.submit([{ kind: 'feed', state: this.after, event: this.inKeyOf(this.home, this.frameOf(moment)) }]);
    this.heard = true;
  }

  /** The last moment is past: what comes next is asked of what follows it. */
  private async takeIn(moment: Moment): Promise<void> {
    while (!this.heard) await this.hearMore(moment);
    copyState(this.after, this.before);
    const whole = this.frameOf(moment);
    for (let voice = 0; voice < VOICES; voice++) this.voices.sounding[voice] = whole[FRAME.sounds + voice] as number;
    this.frames.push(whole);
    if (this.frames.length > 2 * RETOLD) this.frames.splice(0, RETOLD);
    // Another key is told the past again: one frame more than it knew of.
    if (this.moving && this.frames.length > RETOLD) this.moving.told = 0;
    this.taken = moment.time;
    this.moment = null;
    this.heard = false;
  }

  /** A frame whole: what is asked, then what each voice sounds and the place. */
  private frameOf({ wait, doing, place }: Moment): number[] {
    return [wait, ...doing, ...doing.map((symbol, voice) => this.voices.after(voice, symbol)), place];
  }

  private inKeyOf(home: number, frame: readonly number[]): readonly number[] {
    return ENCODINGS.harmony.transpose(frame, home) ?? frame;
  }

  private inKey(key: number): number {
    return Math.max(0, Math.min(127, key + this.home));
  }

  /** The key a voice sounds after a symbol of the model's; null for a rest, or past the keyboard. */
  private soundsOf(voice: number, symbol: number): number | null {
    if (symbol === HARMONY.rest) return null;
    const sounds = symbol === HARMONY.hold ? (this.voices.sounding[voice] as number) : symbol - HARMONY.on - this.home;
    return sounds >= 0 && sounds < SILENT ? sounds : null;
  }
}

/** Whether a key may sound with the one struck and those chosen with it. */
const fits = (key: number, struck: Pitch, under: boolean, chosen: readonly Pitch[], params: ParamValues): boolean => {
  const distance = under ? struck - key : key - struck;
  return distance >= NEAREST && distance <= FARTHEST && mayPlay(key, params) && consonant(distance) && chosen.every((other) => other !== key && consonant(other - key));
};
