import { pitch as asPitch } from '../core/units.ts';
import { tonesOf, type Chord } from './chord.ts';
import { topLine, type GridNote } from './melody.ts';

/** A chord that stands from a 16th step to the next; null for none. */
export interface Standing {
  readonly step: number;
  readonly chord: Chord | null;
}

/** Where a soprano's mean pitch lies best, and the voices below it: highest and lowest pitch, and where each begins. */
const SOPRANO = 69;
const LOWER = [
  { low: 53, high: 74, middle: 64 },
  { low: 47, high: 67, middle: 57 },
  { low: 36, high: 57, middle: 47 },
] as const;
/** Between neighbouring voices, in semitones, there is room for one tone. */
const ROOM = 3;

/**
 * Four voices out of a melody and its chords: the melody, brought by octaves to where a soprano sings; the two tones that tell the
 * chord (third and seventh, or third and fifth) below it, moving least; and its root as the bass. A voice that has no room is silent.
 *
 * @param length in 16th steps
 */
export const chordVoices = (melody: readonly GridNote[], chords: readonly Standing[], length: number): GridNote[][] => {
  const line = topLine(melody);
  const sum = line.reduce((all, { pitch, steps }) => all + pitch * steps, 0) / Math.max(1, line.reduce((all, { steps }) => all + steps, 0));
  const octaves = 12 * Math.round((SOPRANO - sum) / 12);
  const soprano = line.map((note) => ({ ...note, pitch: asPitch(Math.min(127, Math.max(0, note.pitch + octaves))) }));
  const voices: GridNote[][] = [[...soprano], [], [], []];
  const before: number[] = LOWER.map(({ middle }) => middle);
  chords.forEach(({ step, chord }, i) => {
    const end = Math.min(length, chords[i + 1]?.step ?? length);
    if (!chord || end <= step) return;
    const [root, third, fifth, seventh] = tonesOf(chord) as [number, number, number, number?];
    let ceiling = soprano.reduce((lowest, note) => (note.step < end && note.step + note.steps > step ? Math.min(lowest, note.pitch) : lowest), 127);
    const inner = [third, seventh ?? fifth];
    for (const voice of [0, 1, 2] as const) {
      const tones = voice === 2 ? [root] : inner;
      const key = nearest(tones, before[voice] as number, LOWER[voice].low, Math.min(LOWER[voice].high, ceiling - ROOM));
      if (key === null) continue;
      if (voice !== 2) inner.splice(inner.indexOf(key % 12), 1);
      voices[voice + 1]?.push({ step, steps: end - step, pitch: asPitch(key) });
      before[voice] = key;
      ceiling = key;
    }
  });
  return voices;
};

/** The key of one of these pitch classes that is nearest to `from`, none beyond `low` and `high`. */
const nearest = (tones: readonly number[], from: number, low: number, high: number): number | null => {
  let best: number | null = null;
  for (let key = low; key <= high; key++) if (tones.includes(key % 12) && (best === null || Math.abs(key - from) < Math.abs(best - from))) best = key;
  return best;
};
