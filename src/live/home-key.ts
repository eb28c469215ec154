import { estimateKey, homeOfKey, SCALES } from '../music/scale.ts';
import type { ParamValues } from './params.ts';

/** The key is told from so many of the last notes, the newer the more. */
const TELLING = 32;
/** Another key must be the best for so many notes before it is believed; at first it is sooner. */
const INSISTING = 4;
const FIRST = 8;

const MINOR = new Set<string>(['minor', 'harmonic minor', 'dorian', 'pentatonic minor', 'blues']);

/** Semitones to C major or A minor from the key that a scale lock keeps to; null with no lock. */
export const homeOfLock = ({ root, scale }: Pick<ParamValues, 'root' | 'scale'>): number | null =>
  scale > 0 ? homeOfKey({ root, mode: MINOR.has((SCALES[scale] as (typeof SCALES)[number]).name) ? 'minor' : 'major' }) : null;

/** How far the player's key is from the one that models are taught harmony in: as a scale lock says, else as the last notes do. */
export class HomeKey {
  /** Semitones to C major or A minor. */
  home = 0;
  private readonly pitches: number[] = [];
  private heard = 0;
  private wanted = 0;
  private times = 0;

  hear(pitch: number, { root, scale }: Pick<ParamValues, 'root' | 'scale'>): void {
    this.heard++;
    this.pitches.push(pitch % 12);
    if (this.pitches.length > TELLING) this.pitches.shift();
    const locked = homeOfLock({ root, scale });
    if (locked !== null) {
      this.home = locked;
      return;
    }
    const weights = Array.from({ length: 12 }, () => 0);
    this.pitches.forEach((each, i) => (weights[each] = (weights[each] as number) + 1 + i / TELLING));
    const found = homeOfKey(estimateKey(weights));
    this.times = found === this.wanted ? this.times + 1 : 1;
    this.wanted = found;
    if (this.heard === 1 || this.times >= (this.heard <= FIRST ? 2 : INSISTING)) this.home = found;
  }
}

/** How far the player's key is where nothing but one note of it has been heard. */
export const firstHome = (pitch: number, lock: Pick<ParamValues, 'root' | 'scale'>): number => {
  const key = new HomeKey();
  key.hear(pitch, lock);
  return key.home;
};
