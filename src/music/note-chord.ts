import { pitch as asPitch } from '../core/units.ts';
import type { GridNote } from './melody.ts';

/**
 * Notes and chords on a 16th grid, as the plain recipe has them: one after another, a chord's notes from the lowest. A word is
 * factored, not one of a list: `wait` (steps since the note before began; 0 within a chord), pitch with its octave, and length.
 * A list of whole chords would hold only those of its training pieces, and could write no other; this holds every one.
 */
export const NOTE_CHORD_PARTS = [
  { name: 'wait', inputs: 33, outputs: 33 },
  { name: 'pitch', inputs: 129, outputs: 128 },
  { name: 'length', inputs: 32, outputs: 32 },
] as const;
/** A rest and a note are cut to these, in steps. */
const LONGEST_WAIT = 32;
const LONGEST_NOTE = 32;
/** The event before the first. */
export const NOTE_CHORD_START: readonly number[] = [0, 128, 0];

/** Notes as events [wait, pitch, length − 1] from the first; of one key struck twice at a step the longer note stays. */
export const encodeNoteChord = (notes: readonly GridNote[]): number[][] => {
  const longest = new Map<number, GridNote>();
  for (const note of notes) {
    const at = note.step * 128 + note.pitch;
    if (note.steps > (longest.get(at)?.steps ?? 0)) longest.set(at, note);
  }
  const inOrder = [...longest].sort((a, b) => a[0] - b[0]).map(([, note]) => note);
  return inOrder.map(({ step, steps, pitch }, i) => [Math.min(LONGEST_WAIT, step - (inOrder[i - 1]?.step ?? step)), pitch, Math.min(LONGEST_NOTE, steps) - 1]);
};

/** Events back to notes, the first at `from` and its wait. */
export const decodeNoteChord = (events: readonly (readonly number[])[], from = 0): GridNote[] => {
  let step = from;
  return (events as readonly (readonly [number, number, number])[]).map(([wait, pitch, length]) => ({ step: (step += wait), steps: length + 1, pitch: asPitch(pitch) }));
};

/** A chord is read upwards: with no wait, only a higher note may come. */
export class NoteChordGrammar {
  private last = -1;

  /** Realtime-safe: yes. */
  allows(wait: number, pitch: number): boolean {
    return wait > 0 || pitch > this.last;
  }

  /** Realtime-safe: yes. */
  take(pitch: number): void {
    this.last = pitch;
  }
}
