import { ms, type Ms } from '../core/units.ts';
import type { Predictor } from '../model/predictor.ts';
import { BAR_STEPS, VOICES } from '../music/harmony.ts';
import { beginDrawing, drawVoices, type Drawing, type Stand } from './drawing.ts';
import type { Foresight } from './foresight.ts';
import { stepAt, stepsFrom, type Grid } from './grid-steps.ts';
import type { ParamValues } from './params.ts';

/** The keys of a piano: what lies beyond is asked for when it is struck. */
const LOWEST = 21;
const HIGHEST = 108;
/** So many keys, the nearest to those struck lately, are drawn for both steps before any other, whatever the share; how many semitones farther a key struck before another counts. */
const NEAR = 25;
const OLDER = 0.5;
/** Keys that count as struck lately. */
export const RECENT = 8;
/** Keys drawn at once at the most, and how long that may take, in milliseconds: a key that is struck meanwhile waits for these. */
const CHUNK = 12;
const LONGEST = 1;
/** Where one key takes longer than this, looking would make keys late that are struck: there is one try after each. */
const TOO_LONG = 2;
/** The share of a step's time that is spent looking beyond, at the most. */
const SHARE = 0.25;
/** Sights whose drawings are kept, for keys that were answered from them. */
const KEPT = 32;
const UNDRAWN = 255;

/** What a look ahead is made from; a new one whenever any of it changes. */
export interface Outlook {
  /** Of the last key that is heard. */
  readonly after: number;
  /** Keys struck lately, each once, the last first. */
  readonly recent: readonly number[];
  readonly params: ParamValues;
  readonly generation: number;
  /** What stands before a key that is struck next. */
  stand(key: number): Stand;
  /** Where a step of the grid lies after the last moment. */
  place(grid: Grid, step: number): Pick<Drawing, 'wait' | 'place'>;
  /** The chance of a key that is struck next. */
  chance(key: number): number;
}

/** What was drawn for every key as far as it has come, at one place in the bar after one wait. */
export class Foreseen {
  readonly wait: number;
  readonly place: number;
  /** What each voice does by key; `UNDRAWN` where it does not sound or the key has not been come to. */
  readonly doing = new Uint8Array(128 * VOICES).fill(UNDRAWN);
  readonly notes: (Drawing['chosen'] | undefined)[] = [];
  /** How many keys of the outlook's order have been come to. */
  come = 0;
  /** The sight that shows it, and from when. */
  number = 0;
  from = NaN;

  constructor({ wait, place }: Pick<Drawing, 'wait' | 'place'>) {
    this.wait = wait;
    this.place = place;
  }

  keep({ struck, doing, silent, chosen }: Drawing): void {
    doing.forEach((symbol, voice) => !silent.includes(voice) && (this.doing[struck * VOICES + voice] = symbol));
    this.notes[struck] = chosen;
  }

  /** What a voice does with a key; null where it was not drawn. */
  doingOf(key: number, voice: number): number | null {
    const symbol = this.doing[key * VOICES + voice] as number;
    return symbol === UNDRAWN ? null : symbol;
  }
}

/**
 * Draws, while nothing else is to be done, what would be answered to each key of the piano if it were struck next, now and a step later:
 * nearest keys first, a few for both before all else. After a bar of waiting nothing new is to be seen, and only what was drawn is shown again.
 */
export class LookAhead {
  private readonly predictor: Predictor;
  private readonly board: Foresight;
  private readonly now: () => Ms;
  private outlook: Outlook | null = null;
  private grid: Grid | null = null;
  private order: readonly number[] = [];
  private chunk = CHUNK;
  /** The step at hand, and the milliseconds spent looking in it. */
  private at = NaN;
  private spent = 0;
  private gaveUp = false;
  private readonly seen = new Map<number, Foreseen>();
  private readonly shown: ({ readonly number: number; readonly foreseen: Foreseen } | undefined)[] = Array.from({ length: KEPT });
  /** When there is more to look at. */
  due: Ms = ms(Infinity);

  constructor(predictor: Predictor, board: Foresight, now: () => Ms) {
    this.predictor = predictor;
    this.board = board;
    this.now = now;
  }

  /** What was drawn for the sight of that number; undefined where it has been forgotten. */
  recall(number: number): Foreseen | undefined {
    const kept = this.shown[number % KEPT];
    return kept?.number === number ? kept.foreseen : undefined;
  }

  /** Nothing that was drawn holds any more, for the keys of a chord neither. */
  forget(): void {
    this.board.forget();
  }

  /** Draws some keys more, or only near ones; false where there is nothing of them to see but later. */
  async step(outlook: Outlook, grid: Grid, near: boolean): Promise<boolean> {
    if (outlook !== this.outlook || grid.phase !== this.grid?.phase || grid.step !== this.grid.step) {
      if (outlook !== this.outlook) {
        this.seen.clear();
        this.gaveUp = false;
      }
      // The same places lie at other times, or other things are to be seen there.
      for (const foreseen of this.seen.values()) foreseen.from = NaN;
      this.board.forget(outlook.after);
      this.outlook = outlook;
      this.grid = grid;
      this.order = keysFrom(outlook.recent);
    }
    const current = stepAt(grid, this.now());
    if (current !== this.at) this.spent = 0;
    this.at = current;
    this.due = stepsFrom(grid, current + 1);
    if (this.gaveUp || (!near && this.spent > SHARE * grid.step)) return false;
    const end = near ? NEAR : this.order.length;
    for (const step of [current, current + 1]) {
      const foreseen = this.sightOf(outlook, grid, step);
      if (foreseen.come >= end) continue;
      await this.draw(outlook, foreseen, this.order.slice(foreseen.come, Math.min(end, foreseen.come + this.chunk)));
      return true;
    }
    return false;
  }

  /** What is foreseen for a step of the grid; it is shown from now on. */
  private sightOf(outlook: Outlook, grid: Grid, step: number): Foreseen {
    const place = outlook.place(grid, step);
    const code = place.wait * BAR_STEPS + place.place;
    let foreseen = this.seen.get(code);
    if (!foreseen) this.seen.set(code, (foreseen = new Foreseen(place)));
    this.show(outlook, foreseen, stepsFrom(grid, step), stepsFrom(grid, step + 1));
    return foreseen;
  }

  private show({ after, generation }: Outlook, foreseen: Foreseen, from: Ms, until: Ms): void {
    if (foreseen.from === from) return;
    foreseen.from = from;
    foreseen.number = this.board.open({ after, generation, from, until });
    this.shown[foreseen.number % KEPT] = { number: foreseen.number, foreseen };
    foreseen.notes.forEach((notes, key) => notes && this.board.write(foreseen.number, key, notes));
  }

  private async draw(outlook: Outlook, foreseen: Foreseen, keys: readonly number[]): Promise<void> {
    const { params } = outlook;
    const began = this.now();
    const drawings = keys.map((key) => beginDrawing(outlook.stand(key), key, foreseen, params, outlook.chance(key)));
    await drawVoices(this.predictor, drawings, params.voices);
    const took = this.now() - began;
    this.spent += took;
    this.gaveUp = took > TOO_LONG * drawings.length;
    if (took > LONGEST) this.chunk = Math.max(1, Math.floor((drawings.length * LONGEST) / took));
    else if (drawings.length === this.chunk) this.chunk = Math.min(CHUNK, this.chunk + 1);
    foreseen.come += drawings.length;
    for (const drawing of drawings) {
      foreseen.keep(drawing);
      this.board.write(foreseen.number, drawing.struck, drawing.chosen);
    }
  }
}

/**
 * The keys of a piano, those nearest to what was struck lately first: two hands are at two places. Of the keys struck next in recordings of pianists
 * the first 25 are 80 % so; of those nearest to the last key alone they are 68 %.
 */
const keysFrom = (recent: readonly number[]): number[] => {
  const far = (key: number): number => recent.reduce((least, struck, i) => Math.min(least, Math.abs(key - struck) + i * OLDER), Infinity);
  return Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => [LOWEST + i, far(LOWEST + i)] as const)
    .sort(([a, farA], [b, farB]) => farA - farB || a - b)
    .map(([key]) => key);
};
