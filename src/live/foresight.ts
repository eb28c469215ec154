import { ms, pitch as asPitch, type Ms, type Pitch } from '../core/units.ts';

/** Keys struck within this many milliseconds of the one before are one chord: each is harmonised from where the music stood before it. */
export const TOGETHER = ms(40);
/** Sights that stand side by side; the oldest gives way. */
const SIGHTS = 8;
const KEYS = 128;
const HEADER = 4;
/** Words of a sight: its header of doubles, its number (and a gap that keeps the next one's doubles in place), a word for each key. */
const WORDS = 2 * HEADER + 2 + KEYS;
const NUMBER = 2 * HEADER;
const FIRST_KEY = NUMBER + 2;
const KNOWN = 1;
const COUNT = { at: 1, mask: 3 } as const;
const PITCH = { at: 3, bits: 7, mask: 127 } as const;

/** When what is foreseen holds: for a key struck next after the key of plan `after`, from `from` to before `until`, with parameters of that generation. */
export interface Sight {
  readonly after: number;
  readonly generation: number;
  readonly from: Ms;
  readonly until: Ms;
}

export const foresightMemory = (): SharedArrayBuffer => new SharedArrayBuffer(SIGHTS * WORDS * 4);

/**
 * What the model would answer to each key that may be struck next, in shared memory: written where nothing else is to be done, so that
 * the stage need only look it up. One thread writes, another reads; a sight that gives way while it is read counts as unknown.
 */
export class Foresight {
  private readonly words: Int32Array;
  private readonly headers: readonly Float64Array[];
  private numbers = 0;

  constructor(memory = foresightMemory()) {
    this.words = new Int32Array(memory);
    this.headers = Array.from({ length: SIGHTS }, (_, i) => new Float64Array(memory, i * WORDS * 4, HEADER));
  }

  /** Begins a sight in the place of the oldest, with nothing foreseen yet; its number, from 1. */
  open({ after, generation, from, until }: Sight): number {
    const number = ++this.numbers;
    const at = (number % SIGHTS) * WORDS;
    Atomics.store(this.words, at + NUMBER, 0);
    (this.headers[number % SIGHTS] as Float64Array).set([after, generation, from, until]);
    this.words.fill(0, at + FIRST_KEY, at + WORDS);
    Atomics.store(this.words, at + NUMBER, number);
    return number;
  }

  /** Closes the sights of keys struck next after that of plan `after`; all where none is named. */
  forget(after: number | null = null): void {
    for (let i = 0; i < SIGHTS; i++) if (after === null || (this.headers[i] as Float64Array)[0] === after) Atomics.store(this.words, i * WORDS + NUMBER, 0);
  }

  /** Writes what a key would be harmonised with: at most three notes, the voice beside the player's first. Nothing where the sight has given way. */
  write(number: number, key: number, notes: readonly Pitch[]): void {
    const at = (number % SIGHTS) * WORDS;
    if (this.words[at + NUMBER] === number) Atomics.store(this.words, at + FIRST_KEY + key, notes.reduce((word, note, i) => word | (note << (PITCH.at + i * PITCH.bits)), KNOWN | (notes.length << COUNT.at)));
  }

  /** The sight of a key struck at `time` next after the key of plan `after`; 0 where there is none. Realtime-safe: yes. */
  find(after: number, generation: number, time: Ms): number {
    for (let i = 0; i < SIGHTS; i++) {
      const number = Atomics.load(this.words, i * WORDS + NUMBER);
      if (number === 0) continue;
      const [ofAfter, ofGeneration, from, until] = this.headers[i] as unknown as [number, number, number, number];
      if (ofAfter === after && ofGeneration === generation && time >= from && time < until && Atomics.load(this.words, i * WORDS + NUMBER) === number) return number;
    }
    return 0;
  }

  /** The notes foreseen for a key; null where they are not known. Realtime-safe: yes, but for the list it returns. */
  read(number: number, key: number): Pitch[] | null {
    const at = (number % SIGHTS) * WORDS;
    const word = Atomics.load(this.words, at + FIRST_KEY + key);
    if (number === 0 || (word & KNOWN) === 0 || Atomics.load(this.words, at + NUMBER) !== number) return null;
    return Array.from({ length: (word >> COUNT.at) & COUNT.mask }, (_, i) => asPitch((word >> (PITCH.at + i * PITCH.bits)) & PITCH.mask));
  }
}
