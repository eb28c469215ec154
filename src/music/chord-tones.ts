/** What sounds from `start` for `length`, in one unit of time throughout. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** A chord as the pitch classes (0 is C) that belong to it. */
export interface ChordSpan extends Span {
  readonly classes: readonly number[];
}

/**
 * The share of the notes' time under any chord in which the note belongs to it; NaN where no note sounds under one. Of chords that
 * overlap each counts for itself; where none stands, nothing is judged.
 */
export const inChordRatio = (notes: readonly (Span & { readonly pitch: number })[], chords: readonly ChordSpan[]): number => {
  const inOrder = [...chords].sort((a, b) => a.start - b.start);
  let [inside, all] = [0, 0];
  for (const note of notes) {
    for (const chord of inOrder) {
      if (chord.start >= note.start + note.length) break;
      const shared = Math.max(0, Math.min(note.start + note.length, chord.start + chord.length) - Math.max(note.start, chord.start));
      all += shared;
      if (chord.classes.includes(note.pitch % 12)) inside += shared;
    }
  }
  return inside / all;
};

/** The share of notes struck under a chord that belong to it, of those struck where `counts` says so (a strong beat, say); NaN where there is none. */
export const chordToneRate = (notes: readonly (Span & { readonly pitch: number })[], chords: readonly ChordSpan[], counts: (start: number) => boolean = () => true): number => {
  const judged = notes.filter(({ start }) => counts(start)).flatMap(({ start, pitch }) => {
    const chord = chords.findLast((each) => each.start <= start && start < each.start + each.length);
    return chord ? [chord.classes.includes(pitch % 12)] : [];
  });
  return judged.filter(Boolean).length / judged.length;
};
