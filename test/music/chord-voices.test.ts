import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { pitch } from '../../src/core/units.ts';
import { CHORD_KINDS, tonesOf } from '../../src/music/chord.ts';
import { chordVoices } from '../../src/music/chord-voices.ts';
import type { GridNote } from '../../src/music/melody.ts';

const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });
const chord = (step: number, root: number, kind: number) => ({ step, chord: { root, kind } });
const plain = (voices: ReturnType<typeof chordVoices>): number[][][] => voices.map((notes) => notes.map(({ step, steps, pitch: key }) => [step, steps, key]));

describe('chords laid under a melody', () => {
  const melody = [note(0, 4, 67), note(4, 4, 69), note(8, 4, 71), note(12, 4, 72), note(16, 8, 72)];

  it('are the two tones that tell them best under each of its notes, none of which doubles it, over their root', () => {
    // C, G7, C.
    expect(plain(chordVoices(melody, [chord(0, 0, 0), chord(8, 7, 2), chord(16, 0, 0)], 24))).toEqual([
      [[0, 4, 67], [4, 4, 69], [8, 4, 71], [12, 4, 72], [16, 8, 72]],
      // G over E and C; A over E and G, which both tell more than C; B over F and D; C, no tone of G7, over its seventh and third; C over G and E.
      [[0, 8, 64], [8, 8, 65], [16, 8, 67]],
      [[0, 4, 60], [4, 4, 55], [8, 4, 62], [12, 4, 59], [16, 8, 64]],
      [[0, 8, 48], [8, 8, 43], [16, 8, 48]],
    ]);
  });

  it('are silent where no chord stands, and where there is no room', () => {
    // The melody is brought up an octave: where it was makes no difference.
    const low = melody.map((each) => ({ ...each, pitch: pitch(each.pitch - 12) }));
    expect(plain(chordVoices(low, [chord(0, 0, 0), { step: 8, chord: null }], 24)).slice(1)).toEqual([[[0, 8, 64]], [[0, 4, 60], [4, 4, 55]], [[0, 8, 48]]]);
    const [, alto, tenor] = plain(chordVoices([note(0, 4, 50), note(4, 20, 74)], [chord(0, 0, 0)], 24));
    expect([alto, tenor]).toEqual([[[4, 20, 67]], [[4, 20, 64]]]);
  });

  it('never double the melody, cross, or leave the chord, whatever both are', () => {
    const coin = coins(keyOf(3));
    let laid = 0;
    const wrong: string[] = [];
    for (let piece = 0; piece < 200; piece++) {
      const tune = Array.from({ length: 16 }, (_, i) => note(4 * i, 4, 60 + Math.floor(coin() * 22)));
      const chords = Array.from({ length: 8 }, (_, i) => chord(8 * i, Math.floor(coin() * 12), Math.floor(coin() * CHORD_KINDS.length)));
      const [soprano, alto, tenor, bass] = chordVoices(tune, chords, 64) as [GridNote[], GridNote[], GridNote[], GridNote[]];
      const at = (voice: readonly GridNote[], step: number): number | undefined => voice.find((each) => each.step <= step && step < each.step + each.steps)?.pitch;
      for (let step = 0; step < 64; step++) {
        const [s, a, t, b] = [soprano, alto, tenor, bass].map((voice) => at(voice, step)) as [number, number?, number?, number?];
        const tones = tonesOf((chords[Math.floor(step / 8)] as (typeof chords)[number]).chord);
        for (const inner of [a, t]) {
          if (inner === undefined) continue;
          laid++;
          if (!tones.includes(inner % 12) || inner % 12 === s % 12) wrong.push(`piece ${piece}, step ${step}: ${inner} under ${s}`);
        }
        const sounding = [s, a, t, b].filter((key) => key !== undefined);
        if (sounding.some((key, i) => i > 0 && key >= (sounding[i - 1] as number))) wrong.push(`piece ${piece}, step ${step}: ${sounding.join(' ')}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(laid).toBeGreaterThan(20_000);
  });
});
