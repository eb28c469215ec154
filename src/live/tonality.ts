import { estimateKey, SCALES } from '../music/scale.ts';

/** What each note counts for of what the one after it does. */
const FADING = 0.96;
/** A key is told from so many notes at least, and by so good a likeness. */
const ENOUGH = 8;
const LIKENESS = 0.7;
const ROWS = { major: SCALES.findIndex(({ name }) => name === 'major'), minor: SCALES.findIndex(({ name }) => name === 'minor') } as const;

/** A root and the row of its scale, as the parameters of these names have them. */
export interface Tonic {
  readonly root: number;
  readonly scale: number;
}

/** The key the player is in, by the notes struck lately. Realtime-safe: `hear`, yes; `key` takes microseconds the first time after it. */
export class Tonality {
  private readonly weights = Array.from({ length: 12 }, () => 0);
  private heard = 0;
  private known: Tonic | null = null;
  private fresh = true;

  hear(pitch: number): void {
    for (let each = 0; each < 12; each++) this.weights[each] = (this.weights[each] as number) * FADING;
    this.weights[pitch % 12] = (this.weights[pitch % 12] as number) + 1;
    this.heard++;
    this.fresh = false;
  }

  /** Null where it can't be told. */
  get key(): Tonic | null {
    if (!this.fresh && this.heard >= ENOUGH) {
      const { root, mode, confidence } = estimateKey(this.weights);
      this.known = confidence >= LIKENESS ? { root, scale: ROWS[mode] } : null;
    }
    this.fresh = true;
    return this.known;
  }
}
