import { CHORD_KINDS, CHORDS, chordOfNumber, tonesOf, type Chord } from './chord.ts';

/** What sounds in a beat: how much of each pitch class, from C, and the lowest note's pitch class; null where nothing does. */
export interface Sonority {
  readonly weights: readonly number[];
  readonly bass: number | null;
}

/** What a change of chord must be worth, in shares of a beat's sound. */
const CHANGE = 0.5;
/** What it is worth that the root lies lowest. */
const ROOT_LOWEST = 0.25;
/** What a tone of the chord that is missing costs, and a fourth tone, so that few tones are not called a rich chord. */
const MISSING = 0.15;
const FOURTH = 0.05;
/** A tone with less than this share of the sound is missing. */
const LEAST = 0.04;

/** Kinds that sound alone tells apart; a sixth is a seventh on another root. */
const heardKinds = new Set(['major', 'minor', 'seventh', 'major seventh', 'minor seventh', 'diminished', 'half-diminished', 'diminished seventh', 'augmented', 'suspended fourth']);
const CANDIDATES = Array.from({ length: CHORDS }, (_, number) => number).filter((number) => heardKinds.has((CHORD_KINDS[chordOfNumber(number).kind] as { name: string }).name));
const TEMPLATES = CANDIDATES.map((number) => tonesOf(chordOfNumber(number)));

/** How well each candidate fits: the share of what sounds that is in the chord, less what is not. */
const fits = ({ weights, bass }: Sonority): Float64Array => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(TEMPLATES, (tones) => {
    if (total <= 0) return 0;
    let inside = 0;
    let missing = 0;
    for (const tone of tones) {
      const share = (weights[tone] as number) / total;
      inside += share;
      if (share < LEAST) missing++;
    }
    return 2 * inside - 1 - MISSING * missing - (tones.length > 3 ? FOURTH : 0) + (tones[0] === bass ? ROOT_LOWEST : 0);
  });
};

/**
 * The chords of a piece, one a beat: templates, and the path through them that fits best with few changes (Viterbi).
 * Silence holds the chord before; before the first sound there is none.
 */
export const recogniseChords = (beats: readonly Sonority[]): (Chord | null)[] => {
  const first = beats.findIndex(({ bass }) => bass !== null);
  if (first < 0) return beats.map(() => null);
  let scores: Float64Array = new Float64Array(CANDIDATES.length);
  const from: Int16Array[] = [];
  for (const beat of beats.slice(first)) {
    const best = scores.indexOf(Math.max(...scores));
    const fit = fits(beat);
    const came = new Int16Array(CANDIDATES.length);
    scores = scores.map((score, c) => {
      const changed = (scores[best] as number) - CHANGE;
      came[c] = changed >= score ? best : c;
      return Math.max(changed, score) + (fit[c] as number);
    });
    from.push(came);
  }
  let at = scores.indexOf(Math.max(...scores));
  const chords: (Chord | null)[] = [];
  for (const came of from.reverse()) {
    chords.push(chordOfNumber(CANDIDATES[at] as number));
    at = came[at] as number;
  }
  return [...chords, ...beats.slice(0, first).map(() => null)].reverse();
};
