import { AntiphonError } from '../core/errors.ts';
import { channel, ms, type Ms } from '../core/units.ts';
import type { Coin } from '../core/rng.ts';
import { CACHE_WINDOW, type CacheSettings } from '../model/cache.ts';
import { openState, type ModelState, type Predictor } from '../model/predictor.ts';
import { Guided } from '../model/guided.ts';
import { Remembering } from '../model/remembering.ts';
import type { Choice } from '../model/sampling.ts';
import { conditioned, OPEN, STYLES_OF, styleRow, type Conditioned, type Conditions } from '../music/conditions.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Song, SongNote, Track } from '../music/smf-read.ts';
import type { WrittenTrack } from '../music/smf-write.ts';
import { writtenTracks } from './song.ts';

/** Music that a model goes on from, and at what tempo. */
export interface Prompt {
  readonly tracks: readonly Track[];
  readonly song: Song | null;
  readonly bpm: number;
}

/** What is asked for beside the prompt; each of it is heeded where the encoding has a word for it. */
export interface Wishes {
  /** Semitones from C major or A minor to the key wanted; by chance where absent. */
  readonly key?: number;
  /** A style by name. */
  readonly style?: string;
  readonly fill?: true;
  /** How busy and how high, as grades from 1; open where absent. */
  readonly density?: number;
  readonly register?: number;
  /** How much style, density and register count; as the model learnt them where absent. */
  readonly heed?: number;
}

/** One piece to be written. */
export interface Task {
  readonly predictor: Predictor;
  readonly prompt: Prompt;
  readonly seconds: number;
  readonly choice: Choice;
  /** How much what was given and written counts in what comes next; heeded by melody and performance. */
  readonly recall: CacheSettings;
  readonly coin: Coin;
  readonly wishes: Wishes;
}

/** What was given, as it is written, what the model adds, and when that begins. */
export interface Made {
  readonly given: readonly WrittenTrack[];
  readonly added: readonly WrittenTrack[];
  readonly from: Ms;
}

/** Writes in one encoding. */
export type Generate = (task: Task) => Promise<Made>;

/** Where what is added stands, drums apart. */
export const CHANNEL = channel(2);

/** What is played with a memory on stage, and so written. */
export const REMEMBERING: readonly AnyEncodingName[] = ['melody', 'performance'];

/** Nothing is remembered but by the model itself. */
export const FORGETFUL: CacheSettings = { weight: 0, sharpness: 1 };

/** A model's state, that it is fed and asked by. */
export class Teller {
  private readonly predictor: Predictor;
  private readonly state: ModelState;
  private readonly recall: CacheSettings;
  private readonly heed: number;

  /** @param heed of what is wished; 1 where parts that are never asked are no wishes */
  constructor(predictor: Predictor, recall: CacheSettings = FORGETFUL, heed = 1) {
    const heeding = heed === 1 ? predictor : new Guided(predictor);
    this.predictor = recall.weight > 0 ? new Remembering(heeding) : heeding;
    this.state = openState(predictor.shape, recall.weight > 0 ? CACHE_WINDOW : 0);
    this.recall = recall;
    this.heed = heed;
  }

  /** @param wished told after the event, to a model that knows it */
  async feed(event: readonly number[], wished: Conditions = OPEN): Promise<void> {
    await this.predictor.submit([{ kind: 'feed', state: this.state, event: conditioned(this.predictor.shape.parts, event, wished) }]);
  }

  async ask(part: number, given: readonly number[]): Promise<Float32Array> {
    return (await this.predictor.submit([{ kind: 'query', state: this.state, part, given, cache: this.recall, heed: this.heed }]))[0] as Float32Array;
  }
}

/** What is wished of a model. @throws AntiphonError `generate.style` where it has no such style, `generate.wish` where it knows no wishes at all */
export const conditionsOf = (encoding: Conditioned, { shape }: Predictor, { style = 'any', density = 0, register = 0 }: Wishes): Conditions => {
  const names: readonly string[] = STYLES_OF[encoding];
  const name = style.toLowerCase();
  if (!names.includes(name)) throw new AntiphonError('generate.style', `The ${encoding} knows no style`, style, `There are: ${names.join(', ')}.`);
  const conditions: Conditions = [styleRow(encoding, name), density, register];
  const wished = conditions.some((grade) => grade > 0);
  if (wished && !shape.parts.some((part) => part.name === 'register')) throw new AntiphonError('generate.wish', 'The model was trained without style, density and register', encoding, 'Leave them out, or train it again.');
  return conditions;
};

/** Milliseconds of a 16th. */
export const stepOf = (bpm: number): number => 60_000 / bpm / STEPS_PER_BEAT;

/** At most so many steps of what was given are told: the newest. */
export const MOST_TOLD = 1024;

/** Notes of a file on the 16th grid, none shorter than a step. */
export const gridNotes = (notes: readonly SongNote[], ppq: number): GridNote[] => {
  const at = (tick: number): number => Math.round((tick / ppq) * STEPS_PER_BEAT);
  return notes.map(({ tick, ticks, pitch }) => ({ step: at(tick), steps: Math.max(1, at(tick + ticks) - at(tick)), pitch }));
};

/** Where the last of some notes ends; 0 for none. */
export const endOf = (notes: readonly GridNote[]): number => notes.reduce((end, { step, steps }) => Math.max(end, step + steps), 0);

/** Tracks of a file as they are written beside music on the grid: their ticks are what counts, for the file written has one tempo throughout. */
export const givenOnGrid = (tracks: readonly Track[], { song, bpm }: Prompt): WrittenTrack[] => {
  const timeOf = (tick: number): Ms => ms((tick / (song?.ppq ?? 1)) * (60_000 / bpm));
  const moved = tracks.map((track) => ({ ...track, controls: [], notes: track.notes.map((note) => ({ ...note, start: timeOf(note.tick), duration: timeOf(note.ticks) })) }));
  return writtenTracks(moved, 'Given');
};
