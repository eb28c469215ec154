import { pitch as asPitch } from '../core/units.ts';
import { STRIKES, type Strike } from '../music/accompaniment.ts';
import type { GridNote } from '../music/melody.ts';
import type { Sonority } from '../music/recognise-chords.ts';

/** The register that a bass is looked for and written in: E1 to E3. */
const LOWEST = 28;
const HIGHEST = 52;

const intoRegister = (key: number): number => (key < LOWEST ? key + 12 * Math.ceil((LOWEST - key) / 12) : key - 12 * Math.max(0, Math.ceil((key - HIGHEST) / 12)));
const eighthOf = (step: number): number => Math.floor(step / 2);
/** 8ths a note sounds: to the 8th its end is nearest to. */
const eighths = ({ step, steps }: GridNote): number => Math.max(1, Math.round((step + steps) / 2) - eighthOf(step));

const byEighth = (notes: readonly GridNote[]): Map<number, GridNote[]> => {
  const groups = new Map<number, GridNote[]>();
  for (const note of notes) {
    const group = groups.get(eighthOf(note.step));
    if (group) group.push(note);
    else groups.set(eighthOf(note.step), [note]);
  }
  return new Map([...groups].sort((a, b) => a[0] - b[0]));
};

/**
 * The bass among notes in 16ths: of those struck in an 8th the lowest, where nothing lower sounds on below it.
 *
 * @returns the notes chosen as they stand, and the line in 8ths, brought into a bass's register
 */
export const bassOf = (notes: readonly GridNote[]): { readonly chosen: readonly GridNote[]; readonly line: readonly GridNote[] } => {
  const chosen: GridNote[] = [];
  for (const struck of byEighth(notes).values()) {
    const lowest = struck.reduce((low, note) => (note.pitch < low.pitch ? note : low));
    const before = chosen.at(-1);
    if (!before || before.pitch >= lowest.pitch || before.step + before.steps <= lowest.step) chosen.push(lowest);
  }
  return { chosen, line: chosen.map((note) => ({ step: eighthOf(note.step), steps: eighths(note), pitch: asPitch(intoRegister(note.pitch)) })) };
};

/** The bass where it has no track of its own: low notes only. */
export const lowNotes = (notes: readonly GridNote[]): readonly GridNote[] => notes.filter(({ pitch }) => pitch <= HIGHEST);

/** How chord notes in 16ths are struck, in 8ths; an octave struck over its bass is the bass. */
export const strikesOf = (notes: readonly GridNote[], bass: readonly GridNote[]): Strike[] => {
  const octaves = new Set(bass.flatMap(({ step, pitch }) => [step * 256 + pitch, step * 256 + pitch + 12]));
  const chordNotes = notes.filter(({ step, pitch }) => !octaves.has(step * 256 + pitch));
  return [...byEighth(chordNotes)].map(([step, struck]) => {
    const counts = [0, 1].map((sixteenth) => new Set(struck.filter((note) => note.step - 2 * step === sixteenth).map(({ pitch }) => pitch)).size);
    const sixteenths = counts.flatMap((count, i) => (count > 0 ? [i] : []));
    const several = Math.max(...counts) > 1;
    const how = STRIKES.findIndex((row) => row.several === several && row.sixteenths.join() === sixteenths.join());
    return { step, steps: Math.max(...struck.map(eighths)), how };
  });
};

/** What sounds in each of `beats` beats of four 16ths. */
export const sonoritiesOf = (notes: readonly GridNote[], beats: number): Sonority[] => {
  const heard = Array.from({ length: beats }, () => ({ weights: Array.from({ length: 12 }, () => 0), lowest: 128 }));
  for (const { step, steps, pitch } of notes) {
    for (let beat = Math.max(0, Math.floor(step / 4)); beat * 4 < step + steps && beat < beats; beat++) {
      const sonority = heard[beat] as (typeof heard)[number];
      const overlap = Math.min(step + steps, beat * 4 + 4) - Math.max(step, beat * 4);
      sonority.weights[pitch % 12] = (sonority.weights[pitch % 12] as number) + overlap;
      sonority.lowest = Math.min(sonority.lowest, pitch);
    }
  }
  return heard.map(({ weights, lowest }) => ({ weights, bass: lowest < 128 ? lowest % 12 : null }));
};
