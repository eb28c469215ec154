import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pitch } from '../core/units.ts';
import { EIGHTHS_PER_BEAT, type ChordChange } from '../music/accompaniment.ts';
import { chordNamed, kindNamed } from '../music/chord.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Beating } from './tracks.ts';

/** Lines of begin and end in seconds and a chord symbol, in 8ths from `from` on; undefined where there is no such file. A symbol that can't be read changes nothing. */
export const chordsBeside = (file: string, { beatAt }: Beating, from: number): ChordChange[] | undefined => {
  const chordFile = join(dirname(file), 'chord_midi.txt');
  if (!existsSync(chordFile)) return undefined;
  const changes = readFileSync(chordFile, 'utf8').trim().split('\n').flatMap((line) => {
    const [begin, , symbol] = line.trim().split(/\s+/);
    const chord = chordNamed(symbol ?? '');
    return chord === undefined ? [] : [{ step: Math.round(beatAt(0, Number(begin) * 1000) * EIGHTHS_PER_BEAT) - from, chord }];
  });
  // What stood before the first 8th stands in it.
  const before = changes.findLast(({ step }) => step < 0);
  const after = changes.filter(({ step }) => step >= 0);
  return distinct([...(before && after[0]?.step !== 0 ? [{ ...before, step: 0 }] : []), ...after]);
};

/** Changes only; before the first there is no chord. */
export const distinct = (chords: readonly ChordChange[]): ChordChange[] => {
  let stands: ChordChange['chord'] = null;
  return chords.filter(({ chord }) => {
    const changes = chord?.root !== stands?.root || chord?.kind !== stands?.kind;
    stands = chord;
    return changes;
  });
};

/** In quarters: where bars begin, notes of [onset, duration, pitch], chords of [onset, root, kind, bass]. */
interface LeadSheet {
  readonly bars: readonly number[];
  readonly notes: readonly (readonly [number, number, number])[];
  readonly chords: readonly (readonly [number, number, string | null, number | null])[];
}

const isLeadSheet = (value: unknown): value is LeadSheet => {
  const { bars, notes, chords } = (value ?? {}) as Partial<LeadSheet>;
  return Array.isArray(bars) && bars.every(Number.isFinite)
    && Array.isArray(notes) && notes.every((note) => Array.isArray(note) && note.length === 3 && note.every(Number.isFinite) && Number.isInteger(note[2]) && note[2] >= 0 && note[2] <= 127)
    && Array.isArray(chords) && chords.every((chord) => Array.isArray(chord) && Number.isFinite(chord[0]) && Number.isInteger(chord[1]) && chord[1] >= 0 && chord[1] < 12);
};

/** A lead sheet on the grid: its melody in 16ths, its chords in 8ths, where its bars begin in beats. */
export interface Lead {
  readonly title: string;
  readonly bars: readonly number[];
  readonly melody: readonly GridNote[];
  readonly chords: readonly ChordChange[];
}

/** The lead sheets in a JSON value, a title for each; undefined where it is something else. A kind of chord that is not known changes nothing. */
export const leadsIn = (value: unknown): Lead[] | undefined => {
  if (typeof value !== 'object' || value === null || !Object.values(value).every(isLeadSheet)) return undefined;
  const at = (quarters: number): number => Math.round(quarters * STEPS_PER_BEAT);
  return Object.entries(value as Record<string, LeadSheet>).map(([title, { bars, notes, chords }]) => ({
    title,
    bars,
    melody: notes.map(([onset, duration, key]) => ({ step: at(onset), steps: Math.max(1, at(onset + duration) - at(onset)), pitch: pitch(key) })),
    chords: chords.flatMap(([onset, root, kind]) => {
      const row = kindNamed(kind ?? '?');
      return row === undefined ? [] : [{ step: Math.round(onset * EIGHTHS_PER_BEAT), chord: { root, kind: row } }];
    }),
  }));
};
