import { pitch as asPitch } from '../core/units.ts';
import { tonesOf, type Chord } from './chord.ts';
import { topLine, type GridNote } from './melody.ts';

/** A chord that stands from a 16th step to the next; null for none. */
export interface Standing {
  readonly step: number;
  readonly chord: Chord | null;
}

/** Where a soprano's mean pitch lies best; the lowest keys of alto and tenor; where the bass lies and begins. */
const SOPRANO = 69;
const LOWEST = [50, 45] as const;
const BASS = { low: 36, high: 57, middle: 47 } as const;
/** Between neighbouring voices, in semitones, there is room for one tone. */
const ROOM = 3;

interface Laid {
  readonly step: number;
  readonly chord: Chord | null;
  /** The melody's key, or the last it had; null before its first. */
  readonly key: number | null;
}

/**
 * Four voices out of a melody and its chords, as a close harmony has them: the melody, brought by octaves to where a soprano sings; under each
 * of its notes the two other tones that tell the chord best (third and seventh, then fifth and root), the nearest that have room, so that none doubles
 * the melody; and the chord's root as the bass. A voice holds what does not change; one that has no room is silent.
 *
 * @param length in 16th steps
 */
export const chordVoices = (melody: readonly GridNote[], chords: readonly Standing[], length: number): GridNote[][] => {
  const line = topLine(melody);
  const sum = line.reduce((all, { pitch, steps }) => all + pitch * steps, 0) / Math.max(1, line.reduce((all, { steps }) => all + steps, 0));
  const octaves = 12 * Math.round((SOPRANO - sum) / 12);
  const soprano = line.map((note) => ({ ...note, pitch: asPitch(Math.min(127, Math.max(0, note.pitch + octaves))) }));
  const voices: GridNote[][] = [[...soprano], [], [], []];
  let root: number = BASS.middle;
  let chord: Chord | null = null;
  const laid = laidOut(soprano, chords, length);
  laid.forEach((each, i) => {
    const { step, key } = each;
    const steps = (laid[i + 1]?.step ?? length) - step;
    const changes = each.chord !== chord;
    ({ chord } = each);
    if (!chord || key === null || steps <= 0) return;
    const inner = innerKeys(chord, key);
    const floor = inner.at(-1) ?? key;
    root = changes ? (nearest(tonesOf(chord)[0] as number, root, BASS.low, BASS.high) as number) : root;
    const low = root <= floor - ROOM ? root : nearest(root % 12, root, BASS.low, floor - ROOM);
    [...inner.map((own, voice) => (own >= (LOWEST[voice] as number) ? own : null)), ...Array.from({ length: 2 - inner.length }, () => null), low].forEach((own, voice) => {
      const notes = voices[voice + 1] as GridNote[];
      const last = notes.at(-1);
      if (own === null) return;
      if (!changes && last?.pitch === own && last.step + last.steps === step) notes[notes.length - 1] = { ...last, steps: last.steps + steps };
      else notes.push({ step, steps, pitch: asPitch(own) });
    });
  });
  return voices;
};

/** Where chord or melody change, and what both are from there on. */
const laidOut = (soprano: readonly GridNote[], chords: readonly Standing[], length: number): Laid[] => {
  const steps = [...new Set([...chords, ...soprano].map(({ step }) => step))].filter((step) => step < length).sort((a, b) => a - b);
  return steps.map((step) => ({ step, chord: chords.findLast((each) => each.step <= step)?.chord ?? null, key: soprano.findLast((note) => note.step <= step)?.pitch ?? soprano[0]?.pitch ?? null }));
};

/** Alto and tenor under a key: none where the chord has no other tone. */
const innerKeys = (chord: Chord, key: number): number[] => {
  const [root, third, fifth, seventh] = tonesOf(chord) as [number, number, number, number?];
  const tones = [third, seventh, fifth, root].filter((tone) => tone !== undefined && tone !== key % 12).slice(0, 2) as number[];
  const alto = Math.max(...tones.map((tone) => below(tone, key)));
  const other = tones.find((tone) => tone !== alto % 12);
  return other === undefined ? [alto] : [alto, below(other, alto)];
};

/** The highest key of a pitch class that has room under another. */
const below = (tone: number, key: number): number => key - ROOM - ((((key - ROOM - tone) % 12) + 12) % 12);

/** The key of a pitch class that is nearest to `from`, none beyond `low` and `high`. */
const nearest = (tone: number, from: number, low: number, high: number): number | null => {
  let best: number | null = null;
  for (let key = low; key <= high; key++) if (key % 12 === tone && (best === null || Math.abs(key - from) < Math.abs(best - from))) best = key;
  return best;
};
