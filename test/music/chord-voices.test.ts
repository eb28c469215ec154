import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { chordVoices } from '../../src/music/chord-voices.ts';

const melody = [[0, 4, 67], [4, 4, 69], [8, 4, 71], [12, 4, 72], [16, 8, 71]].map(([step, steps, key]) => ({ step, steps, pitch: pitch(key as number) })) as { step: number; steps: number; pitch: ReturnType<typeof pitch> }[];
const chord = (step: number, root: number, kind: number) => ({ step, chord: { root, kind } });
const plain = (voices: ReturnType<typeof chordVoices>): number[][][] => voices.map((notes) => notes.map(({ step, steps, pitch: key }) => [step, steps, key]));

describe('chords laid under a melody', () => {
  it('tell their third and seventh, or third and fifth, moving least, over their root', () => {
    // C, G7, C.
    expect(plain(chordVoices(melody, [chord(0, 0, 0), chord(8, 7, 2), chord(16, 0, 0)], 24))).toEqual([
      [[0, 4, 67], [4, 4, 69], [8, 4, 71], [12, 4, 72], [16, 8, 71]],
      [[0, 8, 64], [8, 8, 65], [16, 8, 64]],
      [[0, 8, 55], [8, 8, 59], [16, 8, 55]],
      [[0, 8, 48], [8, 8, 43], [16, 8, 48]],
    ]);
  });

  it('are silent where no chord stands, and where there is no room', () => {
    const [, alto, tenor, bass] = chordVoices(melody.map((note) => ({ ...note, pitch: pitch(note.pitch - 12) })), [chord(0, 0, 0), { step: 8, chord: null }], 24);
    // The melody is brought up an octave: where it was makes no difference.
    expect([alto, tenor, bass].map((notes) => notes?.map(({ step, steps, pitch: key }) => [step, steps, key]))).toEqual([[[0, 8, 64]], [[0, 8, 55]], [[0, 8, 48]]]);
    const leaping = [{ step: 0, steps: 4, pitch: pitch(50) }, { step: 4, steps: 20, pitch: pitch(74) }];
    const [, below] = chordVoices(leaping, [chord(0, 0, 0)], 24);
    expect(below).toEqual([]);
  });
});
