import { coinAt, keyOf } from '../core/rng.ts';
import { beats, ms, pitch, type Ms, type Pitch } from '../core/units.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { pick } from '../model/sampling.ts';
import { ACCOMPANIMENT_PART, ACCOMPANIMENT_START, BACKING_STYLES, BASS, CHORD, EIGHTHS_PER_BEAT, HEARD, heardMelody, keyHeard, Standing, STRIKE, STRIKES, transposeAccompaniment } from '../music/accompaniment.ts';
import { chordOfNumber, tonesOf, transposeChord } from '../music/chord.ts';
import { Form } from '../music/form.ts';
import { againstIdleBass } from '../music/idle-bass.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import { homeOfKey, inScale } from '../music/scale.ts';
import { beatAt, timeAt, type Timeline } from '../music/timeline.ts';
import { againstMelody } from '../music/under-melody.ts';
import { voiceChord } from '../music/voicing.ts';
import type { Completion } from './ask.ts';
import { choiceOf } from './constraints.ts';
import type { Grow } from './grow-performance.ts';
import { homeOfLock } from './home-key.ts';
import { foreign, mannerOf, type HeardNote, type Manner } from './manner.ts';
import type { ParamValues } from './params.ts';

/** 8ths of a bar of four beats. */
const BAR = 4 * EIGHTHS_PER_BEAT;
/** Where chords and bass lie, in keys. */
const CHORDS_LIE = [53, 76] as const;
const BASS_LIES = [28, 52] as const;
/** Bars of the player's past that it is told before its first. */
const LISTENED = 4;
/** Notes from which a key is told, and how far back they count, in milliseconds. */
const KNOWN = 6;
const LATELY = 20_000;
/** 8ths that are told again when the key turns out to be another. */
const RETOLD = 64;
/** Bars for which another key must be the best until it is believed. */
const INSISTING = 2;
/** So many sixteenths of the player's past decide what is heard as the melody. */
const PAST = 64;
/** How much later than the player's the time of an accompaniment is, in milliseconds: a note on the beat is heard before its chord is chosen. */
export const LISTENS = 20;
/** Between the end of a note and the one that takes its place, in milliseconds. */
const GAP = 8;
/** Velocities by place in the beat, for a player who strikes at 64. */
const ON_BEAT = 66;
const OFF_BEAT = 56;
const { chord: CHORD_PART, strike: STRIKE_PART, bass: BASS_PART } = ACCOMPANIMENT_PART;

/** What is still to be fed: the event before the first, one that was told before, or what was decided for an 8th. */
type Ahead = 'start' | { readonly told: readonly number[] } | { readonly chord: number; readonly strike: number; readonly bass: number; readonly eighth: number };

interface Sounding {
  readonly index: number;
  readonly pitch: Pitch;
  readonly since: Ms;
}

/**
 * Chords and bass, an 8th at a time, under the melody as it was heard by the time each is asked for. The model knows one key, to
 * which the player's is moved: as that becomes known, or changes, what was played is told again in it.
 */
export class AccompanimentPlan {
  readonly plan: number;
  readonly role: number;
  readonly open = true;
  /** It is asked for in the moment of its time: it goes before what is grown further ahead. */
  readonly urgent = true;
  until: Ms;
  private readonly predictor: Predictor;
  private readonly heard: readonly HeardNote[];
  private readonly grid: () => Timeline;
  private state: ModelState;
  private readonly key: number;
  private readonly standing = new Standing();
  private ahead: Ahead[] = [];
  /** The last events that were fed, as they sounded. */
  private readonly told: (readonly number[])[] = [];
  /** Semitones to the key that the model knows; null until the player's is known. */
  private home: number | null = null;
  /** Another home, and for how many bars it was the best. */
  private wanted: { readonly home: number; readonly bars: number } | null = null;
  /** The 8th at hand, counted from beat 0. */
  private at: number;
  private coins = 0;
  private notes = 0;
  private chord = -1;
  /** How the player played lately, once enough was heard to tell a key. */
  private manner: Manner | null = null;
  private bass = -1;
  /** The 8th in which the bass last struck a key. */
  private bassAt: number;
  private readonly form: Form;
  /** The chord's notes as last laid, and which of them an arpeggio comes to next. */
  private voicing: readonly Pitch[] = [];
  private next = 0;
  private chordNotes: Sounding[] = [];
  private bassNote: Sounding | null = null;

  /** @param before the role's last plan, which this one goes on from */
  constructor(predictor: Predictor, heard: readonly HeardNote[], grid: () => Timeline, before: AccompanimentPlan | undefined, ask: Grow, seed: number) {
    this.predictor = predictor;
    this.heard = heard;
    this.grid = grid;
    this.plan = ask.plan;
    this.role = ask.role;
    this.until = ask.until;
    this.key = keyOf(seed, ask.role, ask.plan);
    this.at = this.eighthOf(ask.from);
    this.bassAt = before?.bassAt ?? this.at;
    this.form = before?.form ?? new Form(BAR);
    this.state = before?.state ?? openState(predictor.shape);
    if (before) {
      // Its chord stands; its notes were ended with it.
      this.standing.chord = before.standing.chord;
      this.voicing = before.voicing;
      this.ahead.push(...before.ahead);
      this.told.push(...before.told);
      this.home = before.home;
      return;
    }
    this.ahead.push('start');
    // Music begins with a bar: what is past of this one was silent, and so were the bars before it in which the player was heard.
    const began = this.at - mod(this.at, BAR);
    const tune = heard.length > 0 ? this.eighthOf((heard[0] as HeardNote).time) : began;
    const from = Math.max(began - LISTENED * BAR, Math.min(began, tune - mod(tune, BAR)));
    for (let eighth = from; eighth < this.at; eighth++) this.ahead.push({ chord: CHORD.hold, strike: STRIKE.hold, bass: BASS.hold, eighth });
  }

  /** Goes on by one step of the model; false once the plan has reached its end. */
  async step(params: ParamValues, say: (completion: Completion) => void): Promise<boolean> {
    if (this.at >= this.eighthOf(this.until)) return false;
    const before = this.ahead.shift();
    if (before !== undefined) {
      await this.predictor.submit([{ kind: 'feed', state: this.state, event: this.inKey(this.eventOf(before, params)) }]);
    } else if (this.chord < 0) {
      this.manner = this.heard.length >= KNOWN ? mannerOf(this.heard, ms(timeAt(this.grid(), beats(this.at / EIGHTHS_PER_BEAT)) - LATELY)) : null;
      if (this.goesHome(params)) return true;
      this.chord = await this.draw(CHORD_PART, params, (symbol) => this.likesChord(symbol, params) + this.form.likes(symbol, this.standing.chord, this.at) + againstMelody(symbol, this.standing.chord, this.melody, mod(this.at, BAR)));
    } else if (this.bass < 0) this.bass = await this.draw(BASS_PART, params, (symbol) => this.likesBass(symbol, params));
    else this.happen(await this.draw(STRIKE_PART, params, (symbol) => (this.standing.allows(STRIKE_PART, symbol) ? 0 : -Infinity)), params, say);
    return true;
  }

  finish(): void {}

  private async draw(part: number, params: ParamValues, bias: (symbol: number) => number): Promise<number> {
    const given = this.predictor.shape.parts.map((_, p) => moved(p, p === CHORD_PART ? this.chord : p === BASS_PART ? this.bass : -1, this.home ?? 0));
    const [logits] = await this.predictor.submit([{ kind: 'query', state: this.state, part, given }]);
    // Symbol 0 of each part lets go on what is.
    return Math.max(0, this.sounds(part, pick(logits as Float32Array, choiceOf(params), coinAt(this.key, this.coins++), (symbol) => bias(this.sounds(part, symbol)))));
  }

  /** Whether the player's key turned out to be another: then all that is remembered is told again in it. */
  private goesHome(params: ParamValues): boolean {
    const home = homeOfLock(params) ?? (this.manner?.key ? homeOfKey(this.manner.key) : null);
    if (home === null || home === (this.home ?? 0)) {
      this.home ??= home;
      this.wanted = null;
      return false;
    }
    if (this.home !== null) {
      if (mod(this.at, BAR) !== 0) return false;
      this.wanted = { home, bars: this.wanted?.home === home ? this.wanted.bars + 1 : 1 };
      if (this.wanted.bars < INSISTING) return false;
    }
    this.home = home;
    this.wanted = null;
    this.state = openState(this.predictor.shape);
    this.ahead = [...(this.told.length < RETOLD ? (['start'] as const) : []), ...this.told.map((told) => ({ told }))];
    this.told.length = 0;
    return true;
  }

  private inKey(event: readonly number[]): readonly number[] {
    return transposeAccompaniment(event, this.home ?? 0) ?? event;
  }

  /** What sounds where the model says `symbol`. */
  private sounds(part: number, symbol: number): number {
    return moved(part, symbol, -(this.home ?? 0));
  }

  /** With no scale to keep to, tones that the player's key does not know speak against a chord. */
  private likesChord(symbol: number, { scale, root }: ParamValues): number {
    if (!this.standing.allows(CHORD_PART, symbol)) return -Infinity;
    // Where none stands a bar begins with one: a model that listened may go on listening.
    if (symbol < CHORD.on) return this.standing.chord < 0 && mod(this.at, BAR) === 0 ? -Infinity : 0;
    const { manner } = this;
    if (scale === 0) return manner ? tonesOf(chordOfNumber(symbol - CHORD.on)).reduce((sum, tone) => sum + foreign(manner, tone), 0) : 0;
    return tonesOf(chordOfNumber(symbol - CHORD.on)).every((tone) => inScale(tone, root, scale)) ? 0 : -Infinity;
  }

  private likesBass(symbol: number, { scale, root, low, high }: ParamValues): number {
    if (!this.standing.allows(BASS_PART, symbol)) return -Infinity;
    if (symbol < BASS.on) return againstIdleBass(symbol, this.at - this.bassAt, mod(this.at, BAR));
    const key = symbol - BASS.on;
    return key >= Math.max(low, BASS_LIES[0]) && key <= Math.min(high, BASS_LIES[1]) && inScale(key, root, scale) ? 0 : -Infinity;
  }

  private happen(strike: number, params: ParamValues, say: (completion: Completion) => void): void {
    const { chord, bass, at } = this;
    const from = timeAt(this.grid(), beats(at / EIGHTHS_PER_BEAT));
    this.standing.take(chord, strike, bass);
    this.form.stands(this.standing.chord, at);
    if (bass !== BASS.hold && this.bassNote) {
      this.end(this.bassNote, from, say);
      this.bassNote = null;
    }
    if (bass >= BASS.on) {
      this.bassNote = this.sound(pitch(bass - BASS.on), from, true, say);
      this.bassAt = at;
    }
    if (chord !== CHORD.hold) this.change(from, params, say);
    if (strike === STRIKE.off) this.endChord(from, say);
    else if (strike >= STRIKE.on) this.strike(STRIKES[strike - STRIKE.on] as (typeof STRIKES)[number], params, say);
    this.ahead.push({ chord, strike, bass, eighth: at });
    this.at++;
    this.chord = -1;
    this.bass = -1;
  }

  /** Another chord stands: it is laid near the one before, and what sounds and is none of its tones ends. */
  private change(from: Ms, { low, high }: ParamValues, say: (completion: Completion) => void): void {
    const chord = this.standing.chord < 0 ? null : chordOfNumber(this.standing.chord);
    if (chord) this.voicing = voiceChord(chord, this.voicing, Math.max(low, CHORDS_LIE[0]), Math.min(high, CHORDS_LIE[1]));
    this.next = 0;
    this.endChord(from, say, (each) => chord === null || !tonesOf(chord).includes(each % 12));
  }

  private strike({ sixteenths, several }: (typeof STRIKES)[number], { swing }: ParamValues, say: (completion: Completion) => void): void {
    if (this.standing.chord < 0 || this.voicing.length === 0) return;
    for (const sixteenth of sixteenths) {
      const late = sixteenth === 0 ? 0 : swing / 3;
      const time = timeAt(this.grid(), beats((2 * this.at + sixteenth + late) / STEPS_PER_BEAT));
      if (several) {
        this.endChord(time, say);
        for (const each of this.voicing) this.chordNotes.push(this.sound(each, time, false, say));
      } else {
        const each = this.voicing[this.next++ % this.voicing.length] as Pitch;
        this.endChord(time, say, (other) => other === each);
        this.chordNotes.push(this.sound(each, time, false, say));
      }
    }
  }

  private sound(key: Pitch, time: Ms, bass: boolean, say: (completion: Completion) => void): Sounding {
    const index = this.notes++;
    const velocity = this.at % EIGHTHS_PER_BEAT === 0 ? ON_BEAT : OFF_BEAT;
    say({ kind: 'note', plan: this.plan, index, pitch: key, velocity, time, ...(bass ? { bass } : {}) });
    return { index, pitch: key, since: time };
  }

  private end({ index, since }: Sounding, time: Ms, say: (completion: Completion) => void): void {
    say({ kind: 'off', plan: this.plan, index, time: ms(Math.max(time - GAP, since + 20)) });
  }

  private endChord(time: Ms, say: (completion: Completion) => void, which: (key: Pitch) => boolean = () => true): void {
    this.chordNotes = this.chordNotes.filter((note) => {
      if (!which(note.pitch)) return true;
      this.end(note, time, say);
      return false;
    });
  }

  /** What was decided for an 8th comes with what is known now that the one after it is asked for. */
  private eventOf(ahead: Ahead, { manner }: ParamValues): readonly number[] {
    if (ahead === 'start') return ACCOMPANIMENT_START;
    if ('told' in ahead) return this.remember(ahead.told);
    const { chord, strike, bass, eighth } = ahead;
    const [earlier, later] = this.melodyAt(eighth);
    this.form.hears(earlier, later, eighth);
    // Standing is ahead by what was decided since, and nothing is: each 8th is fed before the next is asked for.
    return this.remember([chord, strike, bass, earlier, later, mod(eighth + 1, BAR), manner < BACKING_STYLES.length ? manner : 0, this.standing.chord + 1, this.standing.bass + 1]);
  }

  private remember(event: readonly number[]): readonly number[] {
    this.told.push(event);
    if (this.told.length > RETOLD) this.told.shift();
    return event;
  }

  /** What the melody sounds as the 8th at hand begins, as the model was told it; −1 for nothing. */
  private get melody(): number {
    return keyHeard(this.told.at(-1)?.[ACCOMPANIMENT_PART.later] ?? HEARD.unheard);
  }

  /** The melody in the second sixteenth of an 8th and in the first of the next: the last that is known when that is asked for. */
  private melodyAt(eighth: number): readonly [earlier: number, later: number] {
    if (this.heard.length === 0) return [HEARD.unheard, HEARD.unheard];
    const grid = this.grid();
    const first = 2 * eighth + 2 - PAST + 1;
    // This role's time is later than the player's by what it waits for the player's note.
    const stepOf = (time: Ms): number => Math.round(beatAt(grid, ms(time + LISTENS)) * STEPS_PER_BEAT) - first;
    const notes = this.heard.flatMap((note): GridNote[] => {
      const step = stepOf(note.time);
      if (step < 0 || step >= PAST) return [];
      return [{ step, steps: Math.max(1, (note.end === null ? PAST : stepOf(note.end)) - step), pitch: pitch(note.pitch) }];
    });
    const cells = heardMelody(notes, PAST);
    return [cells[PAST - 2] as number, cells[PAST - 1] as number];
  }

  private eighthOf(time: Ms): number {
    return Math.round(beatAt(this.grid(), time) * EIGHTHS_PER_BEAT);
  }
}

/** The symbol of a chord or a bass so many semitones higher, `BASS.untold` past the keyboard; any other as it is. */
const moved = (part: number, symbol: number, semitones: number): number => {
  if (part === CHORD_PART && symbol >= CHORD.on) return CHORD.on + transposeChord(symbol - CHORD.on, semitones);
  if (part !== BASS_PART || symbol < BASS.on) return symbol;
  return symbol + semitones >= BASS.on && symbol + semitones < BASS.untold ? symbol + semitones : BASS.untold;
};

const mod = (value: number, by: number): number => ((value % by) + by) % by;
