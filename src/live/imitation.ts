import { ms, pitch, type Ms } from '../core/units.ts';
import { inScale } from '../music/scale.ts';
import type { Completion } from './ask.ts';
import type { ParamValues } from './params.ts';

/** Keys that are remembered of a phrase. */
const MOST = 64;
/** Keys struck within this many milliseconds are one chord. */
const CHORD = 30;
const SHORTEST = 50;
/** In semitones, the nearest first. */
const OCTAVES = [0, -12, 12, -24, 24, -36, 36, -48, 48];

interface Said {
  readonly key: number;
  readonly pitch: number;
  readonly velocity: number;
  readonly start: Ms;
  end: Ms | null;
}

/** What the player said, to be said again where the model has no answer in time: since there are canons, an answer. */
export class Imitation {
  private readonly said: Said[] = [];

  get size(): number {
    return this.said.length;
  }

  on(key: number, struck: number, velocity: number, time: Ms): void {
    if (this.said.length >= MOST) this.said.shift();
    this.said.push({ key, pitch: struck, velocity, start: time, end: null });
  }

  off(key: number, time: Ms): void {
    const note = this.said.findLast((each) => each.key === key);
    if (note) note.end ??= time;
  }

  clear(): void {
    this.said.length = 0;
  }

  /** Forgets keys struck before `time`; how long ago, in milliseconds, the first of the rest was, 0 for none. */
  since(time: Ms, now: Ms): number {
    while (this.said[0] && this.said[0].start < time) this.said.shift();
    return now - (this.said[0]?.start ?? now);
  }

  /** The phrase again as a plan's words, from `from` to `until` at most, within range, scale and polyphony; none where none of it may be played. */
  words(plan: number, from: Ms, until: Ms, params: ParamValues): Completion[] {
    const words: Completion[] = [];
    const first = this.said[0]?.start ?? 0;
    const octaves = this.octaves(params);
    let [index, chord, count] = [0, -Infinity, 0];
    this.said.forEach(({ pitch: struck, velocity, start, end }, n) => {
      const time = from + (start - first);
      const key = within(struck + octaves, params);
      if (start - chord > CHORD) [chord, count] = [start, 0];
      if (time >= until || key === null || count >= params.polyphony) return;
      count++;
      // One voice lets a key go before it strikes the next.
      const next = params.polyphony === 1 ? (this.said.slice(n).find((each) => each.start - start > CHORD)?.start ?? Infinity) : Infinity;
      const length = Math.max(SHORTEST, Math.min(end ?? Infinity, next) - start);
      words.push({ kind: 'note', plan, index, pitch: pitch(key), velocity, time: ms(time) }, { kind: 'off', plan, index, time: ms(Math.min(until, time + length)) });
      index++;
    });
    if (index > 0) words.push({ kind: 'end', plan, until });
    return words;
  }

  /** By how much the phrase as a whole is moved to lie in range, as far as it can, so that its line stays one. */
  private octaves({ low, high }: ParamValues): number {
    let [best, most] = [0, -1];
    for (const shift of OCTAVES) {
      const fit = this.said.filter(({ pitch: struck }) => struck + shift >= low && struck + shift <= high).length;
      if (fit > most) [best, most] = [shift, fit];
    }
    return best;
  }
}

/** The key in range, by octaves, and in scale, by the nearest step; null where none is. */
const within = (struck: number, { low, high, root, scale }: ParamValues): number | null => {
  let key = struck;
  while (key > high) key -= 12;
  while (key < low) key += 12;
  for (const step of [0, -1, 1, -2, 2]) if (key + step >= low && key + step <= high && inScale(key + step, root, scale)) return key + step;
  return null;
};
