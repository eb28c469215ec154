/**
 * The kinds of chord told apart, by their tones in semitones over the root. `names` are what data sets call them: Harte et al. 2005
 * (with what is not told apart folded to the nearest), then MusicXML's `kind`.
 */
export const CHORD_KINDS = [
  { name: 'major', tones: [0, 4, 7], names: ['maj', '', '5', 'major', 'power'] },
  { name: 'minor', tones: [0, 3, 7], names: ['min', 'minor'] },
  { name: 'seventh', tones: [0, 4, 7, 10], names: ['7', '9', '11', '13', 'dominant', 'dominant-ninth', 'dominant-11th', 'dominant-13th'] },
  { name: 'major seventh', tones: [0, 4, 7, 11], names: ['maj7', 'maj9', 'major-seventh', 'major-ninth'] },
  { name: 'minor seventh', tones: [0, 3, 7, 10], names: ['min7', 'min9', 'minor-seventh', 'minor-ninth', 'minor-11th', 'minor-13th'] },
  { name: 'sixth', tones: [0, 4, 7, 9], names: ['maj6', '6', 'major-sixth', 'maj69'] },
  { name: 'minor sixth', tones: [0, 3, 7, 9], names: ['min6', 'minor-sixth'] },
  { name: 'minor major seventh', tones: [0, 3, 7, 11], names: ['minmaj7', 'minor-major', 'major-minor'] },
  { name: 'diminished', tones: [0, 3, 6], names: ['dim', 'diminished'] },
  { name: 'half-diminished', tones: [0, 3, 6, 10], names: ['hdim7', 'half-diminished'] },
  { name: 'diminished seventh', tones: [0, 3, 6, 9], names: ['dim7', 'diminished-seventh'] },
  { name: 'augmented', tones: [0, 4, 8], names: ['aug', 'augmented'] },
  { name: 'augmented seventh', tones: [0, 4, 8, 10], names: ['aug7', 'augmented-seventh', 'augmented-ninth'] },
  { name: 'suspended second', tones: [0, 2, 7], names: ['sus2', 'suspended-second'] },
  { name: 'suspended fourth', tones: [0, 5, 7], names: ['sus4', 'suspended-fourth'] },
  { name: 'suspended seventh', tones: [0, 5, 7, 10], names: ['sus4(b7)'] },
] as const satisfies readonly { readonly name: string; readonly tones: readonly number[]; readonly names: readonly string[] }[];

/** Every kind on every root. */
export const CHORDS = CHORD_KINDS.length * 12;

/** A chord: its root as a pitch class from C, and a row of `CHORD_KINDS`. */
export interface Chord {
  readonly root: number;
  readonly kind: number;
}

/** A chord as one number, 0 to `CHORDS` − 1. Realtime-safe: yes. */
export const chordNumber = ({ root, kind }: Chord): number => kind * 12 + root;

/** The chord of that number. */
export const chordOfNumber = (number: number): Chord => ({ root: number % 12, kind: Math.floor(number / 12) });

/** The number of the chord so many semitones higher. */
export const transposeChord = (number: number, semitones: number): number => number - (number % 12) + ((((number % 12) + semitones) % 12) + 12) % 12;

const TONES = Array.from({ length: CHORDS }, (_, number) => (CHORD_KINDS[Math.floor(number / 12)] as { tones: readonly number[] }).tones.map((tone) => ((number % 12) + tone) % 12));

/** A chord's pitch classes from its root upwards. Realtime-safe: yes. */
export const tonesOf = (chord: Chord): readonly number[] => TONES[chordNumber(chord)] as readonly number[];

const kindByName = new Map<string, number>(CHORD_KINDS.flatMap(({ names }, kind) => names.map((name) => [name, kind] as const)));

/** The row of `CHORD_KINDS` that a data set means by `name`; undefined where it is not known. */
export const kindNamed = (name: string): number | undefined => kindByName.get(name);

const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** A symbol such as `Ab:min7/b7` (Harte et al. 2005), its bass left out: null for `N`, undefined where it can't be read. */
export const chordNamed = (symbol: string): Chord | null | undefined => {
  if (symbol === 'N') return null;
  const [, letter, accidentals, , name] = /^([A-G])([#b]*)(:([^/]*))?(\/.*)?$/.exec(symbol) ?? [];
  const kind = kindNamed(name ?? 'maj');
  if (letter === undefined || kind === undefined) return undefined;
  const moved = Array.from(accidentals as string).reduce((sum, sign) => sum + (sign === '#' ? 1 : -1), LETTERS[letter] as number);
  return { root: ((moved % 12) + 12) % 12, kind };
};
