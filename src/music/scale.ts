/** A scale: its name and its steps in semitones over the root. */
export interface Scale {
  readonly name: string;
  readonly steps: readonly number[];
}

/** Every scale; the parameter `scale` is a row of this table. */
export const SCALES = [
  { name: 'chromatic', steps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  { name: 'major', steps: [0, 2, 4, 5, 7, 9, 11] },
  { name: 'minor', steps: [0, 2, 3, 5, 7, 8, 10] },
  { name: 'harmonic minor', steps: [0, 2, 3, 5, 7, 8, 11] },
  { name: 'dorian', steps: [0, 2, 3, 5, 7, 9, 10] },
  { name: 'mixolydian', steps: [0, 2, 4, 5, 7, 9, 10] },
  { name: 'pentatonic major', steps: [0, 2, 4, 7, 9] },
  { name: 'pentatonic minor', steps: [0, 3, 5, 7, 10] },
  { name: 'blues', steps: [0, 3, 5, 6, 7, 10] },
  { name: 'whole-tone', steps: [0, 2, 4, 6, 8, 10] },
] as const satisfies readonly Scale[];

const MASKS = SCALES.map(({ steps }) => Array.from({ length: 12 }, (_, root) => Array.from({ length: 12 }, (__, key) => (steps as readonly number[]).includes((key - root + 12) % 12))));

/** Which of the twelve pitch classes, from C, are in the scale. Realtime-safe: yes. */
export const scaleMask = (root: number, row: number): readonly boolean[] => MASKS[row]?.[root] as readonly boolean[];

/** Realtime-safe: yes. */
export const inScale = (pitch: number, root: number, row: number): boolean => scaleMask(root, row)[pitch % 12] === true;

/** A key, and the correlation (0 to 1) that speaks for it; 0 where nothing does. */
export interface Key {
  readonly root: number;
  readonly mode: 'major' | 'minor';
  readonly confidence: number;
}

/** How well each degree fits a key, from the tonic up in semitones (Krumhansl & Kessler 1982). */
const PROFILES = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
} as const;

/**
 * The key whose profile correlates best with how long, or how often, each pitch class sounds (Krumhansl &
 * Schmuckler 1990).
 *
 * @param weights twelve, from C
 */
export const estimateKey = (weights: readonly number[]): Key => {
  let best: Key = { root: 0, mode: 'major', confidence: 0 };
  for (const mode of ['major', 'minor'] as const) {
    for (let root = 0; root < 12; root++) {
      const confidence = correlation(weights, PROFILES[mode], root);
      if (confidence > best.confidence) best = { root, mode, confidence };
    }
  }
  return best;
};

/** Semitones, −6 to 5, from a key to C major or A minor. */
export const homeOfKey = ({ root, mode }: Pick<Key, 'root' | 'mode'>): number => ((18 - root - (mode === 'minor' ? 3 : 0)) % 12) - 6;

const correlation = (weights: readonly number[], profile: readonly number[], root: number): number => {
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let degree = 0; degree < 12; degree++) {
    const a = weights[(root + degree) % 12] as number;
    const b = profile[degree] as number;
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  const spread = (12 * xx - x * x) * (12 * yy - y * y);
  return spread > 1e-9 ? (12 * xy - x * y) / Math.sqrt(spread) : 0;
};
