import { coinAt, keyOf } from '../core/rng.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import { pick, type Bias } from '../model/sampling.ts';
import { forkState, type ModelState, type Predictor } from '../model/predictor.ts';
import { isOff, isOn, NO_VELOCITY, PerformanceGrammar, TIME_BINS, timeBin, TIMES, velocityOf, WHAT } from '../music/performance.ts';
import { ofKeys } from '../music/ostinato.ts';
import type { Ask, Completion } from './ask.ts';
import { Bond } from './bond.ts';
import { choiceOf, followed, isClose, mayPlay, notesBehind, recallOf, tooMany, type Lately } from './constraints.ts';
import type { Ear } from './ear.ts';
import { fitting, foreign, mannerOf, since, type HeardNote, type Manner } from './manner.ts';
import type { ParamValues } from './params.ts';
import { densityWished, inRegister, telling } from './wishes.ts';

const [WHAT_PART, TIME_PART, VELOCITY_PART] = [0, 1, 2] as const;
/** A key of ours is let go after this long, whatever the model wants, and held for so long at least. */
const LONGEST = 4000;
const SHORTEST = 50;
/** How strongly being behind or ahead in notes bends the choice of gaps, and being behind that of keys down over keys up. */
const BEND = 0.45;
const LEAN = 0.5;
/** Below this key, notes closer than a fourth are mud. */
const LOW = 50;
const MUD = 5;
const MUDDY = 2.5;
/** Strikes closer than this, in milliseconds, are one chord. */
const CHORD = 30;
/** Strikes that are no chord are at least so far apart, unless the player's are closer. */
const FLURRY = 120;

export type Grow = Extract<Ask, { kind: 'grow' }>;

/**
 * A plan grown event by event on a fork of what was heard. One `step` is one step of the model: an event takes one for its time, one
 * for what happens, one for its velocity and one to go on.
 */
export class PerformancePlan {
  readonly plan: number;
  readonly role: number;
  /** Whether the plan may be extended once it has reached its end. */
  readonly open: boolean;
  readonly urgent = false;
  until: Ms;
  private readonly ask: Grow;
  private readonly lately: Lately;
  private readonly predictor: Predictor;
  private state: ModelState;
  private readonly ear: Ear;
  private readonly grammar = new PerformanceGrammar();
  private readonly ostinato = ofKeys();
  /** The player's manner; and that of the answer, and its notes a second, which are the player's but for what is wished otherwise. */
  private readonly theirs: Manner;
  private manner: Manner;
  private density: number;
  private readonly mine = new Map<number, { readonly index: number; readonly since: number }>();
  /** Keys and pedal of the player's that an answer takes for let go. */
  private readonly others: number[] = [];
  private compared: Bond | null;
  private readonly key: number;
  private coins = 0;
  private notes = 0;
  private velocities = 0;
  private now: number;
  /** When the model last heard something, of the plan or before it. */
  private last: number;
  private struck = -Infinity;
  private together = 0;
  /** A key that goes down once another has made way for it. */
  private next = -1;
  /** What is known of the next event; −1 where it is not. */
  private time = -1;
  private what = -1;
  private velocity = -1;

  constructor(predictor: Predictor, ear: Ear, heard: readonly HeardNote[], lately: Lately, ask: Grow, seed: number, params: ParamValues, draft = 0) {
    this.predictor = predictor;
    this.ear = ear;
    this.plan = ask.plan;
    this.role = ask.role;
    this.open = ask.open;
    this.ask = ask;
    this.lately = lately;
    this.until = ask.until;
    // What followed what is half a megabyte to copy: only where it counts.
    const { cache: _, ...state } = ear.state;
    this.state = { ...forkState(state), ...(params.memory > 0 ? recalled(ear.state) : {}) };
    this.grammar.copyFrom(ear.grammar);
    this.theirs = this.manner = mannerOf(heard, since(ask.from, ask.until - ask.from));
    this.density = ask.density;
    ear.heed(params);
    this.compared = ask.open ? null : new Bond(predictor, telling('performance', predictor.shape, [WHAT.start, 0, NO_VELOCITY], params));
    this.key = keyOf(seed, ask.role, ask.plan, ...(draft > 0 ? [draft] : []));
    this.now = ask.from;
    this.last = Math.min(ask.from, ear.now ?? ask.from);
    if (this.grammar.pedal) this.others.push(WHAT.pedalUp);
    if (!ask.open) this.grammar.held.forEach((held, key) => held === 1 && this.others.push(WHAT.off + key));
  }

  get bond(): number {
    return this.compared?.strength ?? 0;
  }

  alone(): void {
    this.compared = null;
  }

  /** Goes on by one step of the model; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    if (params.memory > 0 && !this.state.cache) this.state = { ...this.state, ...recalled(this.ear.state) };
    this.manner = inRegister('performance', this.theirs, params);
    this.density = densityWished('performance', params, this.ask.density, 1);
    const other = this.others.shift();
    if (other !== undefined) {
      this.grammar.take(other);
      await this.feed([other, 0, NO_VELOCITY], params, false);
    } else if (this.next >= 0 && this.what < 0) {
      this.time = 0;
      this.decide(this.next);
      this.next = -1;
    } else if (this.time < 0) await this.drawTime(params);
    else if (this.at > this.until) return false;
    else if (this.what < 0) await this.drawWhat(params);
    else if (this.velocity < 0) await this.drawVelocity(params);
    else await this.happen(params, say);
    return true;
  }

  /** Lets go of every key of the plan at its end. */
  finish(say: (completion: Completion) => void): void {
    for (const key of this.mine.keys()) this.release(key, this.until, say);
  }

  /** An answer begins with a note, where it was asked for; what goes on begins when the model says. */
  private get first(): boolean {
    return !this.open && this.notes === 0;
  }

  /** When the next event is. */
  private get at(): number {
    return this.first ? this.now : Math.max(this.now, this.last + (TIME_BINS[this.time] as number));
  }

  /** The time of the next event as the model hears it: since the last, though other times were considered and passed. */
  private get gap(): number {
    return timeBin(this.at - this.last);
  }

  /** Milliseconds and notes that density is counted over. */
  private elapsed(at: number): number {
    return at - this.ask.from + this.lately.span;
  }

  private get count(): number {
    return this.notes + this.lately.notes;
  }

  private behind(at: number): number {
    return notesBehind(this.elapsed(at), this.count - 0.5, this.density);
  }

  private async drawTime(params: ParamValues): Promise<void> {
    if (this.first) {
      this.time = timeBin(this.now - this.last);
      return;
    }
    const behind = this.behind(this.now);
    // Time may have passed since the model last heard something: what comes comes after it.
    const passed = this.now - this.last;
    // A pause of several notes' worth, or longer than half of what is left, would end the phrase early.
    const usual = 4000 / Math.max(this.density, 0.5);
    const pause = Math.max(300, Math.min(usual, (this.until - this.now) / 2));
    const time = await this.draw(TIME_PART, [-1, -1, -1], params, (bin) => {
      const gap = (TIME_BINS[bin] as number) - passed;
      return gap > pause || gap < 0 ? -Infinity : -BEND * behind * Math.log1p(gap / 40);
    });
    this.time = time < 0 ? TIMES - 1 : time;
  }

  private async drawWhat(params: ParamValues): Promise<void> {
    const { at } = this;
    for (const [key, { since: from }] of this.mine) {
      if (at - from <= LONGEST) continue;
      this.decide(WHAT.off + key);
      return;
    }
    const behind = this.behind(at);
    const full = !this.mayStrike(at, params);
    const closing = this.closing(at);
    const what = await this.draw(WHAT_PART, [-1, this.gap, -1], params, (each) => {
      if (!this.grammar.allows(each)) return -Infinity;
      if (isOn(each)) return !mayPlay(each, params) ? -Infinity : LEAN * Math.max(0, behind) + this.ostinato.against(each) + this.liking(each, at, params);
      const note = isOff(each) ? this.mine.get(each - WHAT.off) : undefined;
      return note && at - note.since >= SHORTEST && !(closing && note.since >= this.struck) ? 0 : -Infinity;
    });
    // A strike that may not be takes nothing's place: an off drawn for want of another choice would cut notes short.
    if (what >= 0 && !(full && isOn(what))) {
      const inTheWay = isOn(what) && this.mine.size >= this.hand(params) ? this.oldest() : -1;
      if (inTheWay >= 0) this.next = what;
      this.decide(inTheWay >= 0 ? WHAT.off + inTheWay : what);
      return;
    }
    // Nothing is allowed: time passes, and the model is asked again.
    this.now = Math.max(at, this.now + SHORTEST);
    this.time = this.now > this.until ? 0 : -1;
  }

  private decide(what: number): void {
    this.what = what;
    if (!isOn(what)) this.velocity = NO_VELOCITY;
  }

  /** Keys that may be down at once. */
  private hand(params: ParamValues): number {
    return this.open ? params.polyphony : Math.min(params.polyphony, 2 * this.manner.chord);
  }

  /** The key that has been down longest; it makes way for another where the hand is full. */
  private oldest(): number {
    for (const key of this.mine.keys()) return key;
    return -1;
  }

  /** Whether one more key may go down: of the hand, of the chord, of the density, and with time enough to be heard. */
  private mayStrike(at: number, params: ParamValues): boolean {
    if (this.first) return true;
    const oldest = this.mine.get(this.oldest());
    if (oldest && this.mine.size >= this.hand(params) && at - oldest.since < SHORTEST) return false;
    if (at - this.struck <= CHORD) return this.open || this.together < this.manner.chord;
    if (at - this.struck < Math.min(FLURRY, 300 / this.density)) return false;
    return !tooMany(this.elapsed(at), this.count, this.density) && !this.closing(at);
  }

  /** So near the end that a note would be cut off as it begins: what sounds now is what the answer ends on. */
  private closing(at: number): boolean {
    return !this.open && this.until - at < Math.min(400, 900 / this.density);
  }

  /** Nats for or against a key, besides what the model has to say: the player's tonality and range, clarity, and a close. */
  private liking(key: number, at: number, params: ParamValues): number {
    const { manner } = this;
    let sum = params.scale === 0 ? foreign(manner, key) : 0;
    if (key < LOW) for (const other of this.mine.keys()) if (Math.abs(other - key) < MUD) sum -= MUDDY;
    return this.open ? sum : sum + fitting(manner, key, isClose(this.ask, at));
  }

  private async drawVelocity(params: ParamValues): Promise<void> {
    this.velocity = await this.draw(VELOCITY_PART, [this.what, this.gap, -1], params);
  }

  private async happen(params: ParamValues, say: (completion: Completion) => void): Promise<void> {
    const { what, gap, velocity, at } = this;
    this.grammar.take(what);
    this.now = this.last = at;
    if (isOn(what)) this.strike(what, params, say);
    else this.release(what - WHAT.off, at, say);
    this.time = -1;
    this.what = -1;
    this.velocity = -1;
    await this.feed([what, gap, velocity], params);
  }

  private strike(key: number, params: ParamValues, say: (completion: Completion) => void): void {
    this.ostinato.take(key);
    const { now } = this;
    if (now - this.struck > CHORD) {
      this.struck = now;
      this.together = 0;
    }
    this.together++;
    const raw = velocityOf(this.velocity);
    this.velocities += raw;
    const index = this.notes++;
    this.mine.set(key, { index, since: now });
    say({ kind: 'note', plan: this.plan, index, pitch: pitch(key), velocity: followed(raw, this.velocities / this.notes, this.ask.velocity, params.follow), time: ms(now) });
  }

  private release(key: number, at: number, say: (completion: Completion) => void): void {
    const note = this.mine.get(key);
    if (!note) return;
    this.mine.delete(key);
    say({ kind: 'off', plan: this.plan, index: note.index, time: ms(Math.max(at, note.since + 20)) });
  }

  private coin(): number {
    return coinAt(this.key, this.coins++);
  }

  private async draw(part: number, given: readonly number[], params: ParamValues, bias?: Bias): Promise<number> {
    const { state, compared } = this;
    const query = { kind: 'query', state, part, given, cache: recallOf(params), heed: params.heed } as const;
    const logits = compared ? await compared.ask(query) : ((await this.predictor.submit([query]))[0] as Float32Array);
    return pick(logits, choiceOf(params), this.coin(), bias);
  }

  /** `ours` unless it is of what the player did. */
  private async feed(played: readonly number[], params: ParamValues, ours = true): Promise<void> {
    const event = telling('performance', this.predictor.shape, played, params);
    await this.predictor.submit([{ kind: 'feed', state: this.state, event }]);
    if (ours) await this.compared?.feed(event);
  }
}

/** What followed what so far; a plan whose player turns memory up while it goes on begins with it then. */
const recalled = ({ cache }: ModelState): Pick<ModelState, 'cache'> => (cache ? { cache: cache.fork() } : {});
