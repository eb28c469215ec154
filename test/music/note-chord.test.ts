import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import type { GridNote } from '../../src/music/melody.ts';
import { decodeNoteChord, encodeNoteChord, NOTE_CHORD_PARTS, NoteChordGrammar } from '../../src/music/note-chord.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventAt } from '../../src/training/piece.ts';
import { fixture } from '../fixtures/at.ts';

const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });

/** Notes in playing order from step 0, chords from the lowest, no key twice at a step, no rest or note beyond what is coded. */
const notes = fc.array(fc.record({ wait: fc.nat(32), key: fc.nat(127), steps: fc.integer({ min: 1, max: 32 }) }), { minLength: 1, maxLength: 30 }).map((rows) => {
  let at = 0;
  const all = rows.map(({ wait, key, steps }, i) => note((at += i === 0 ? 0 : wait), steps, key)).sort((a, b) => a.step - b.step || a.pitch - b.pitch);
  return all.filter((each, i) => each.step !== all[i - 1]?.step || each.pitch !== all[i - 1]?.pitch);
});

describe('notes and chords as words', () => {
  it('come one after another, a chord upwards, with octave and length', () => {
    expect(encodeNoteChord([note(8, 4, 72), note(4, 2, 64), note(4, 8, 60), note(4, 2, 67)])).toEqual([[0, 60, 7], [0, 64, 1], [0, 67, 1], [4, 72, 3]]);
  });

  it('keep the longer of one key struck twice at a step, and cut rests and lengths', () => {
    expect(encodeNoteChord([note(0, 2, 60), note(0, 40, 60), note(99, 1, 62)])).toEqual([[0, 60, 31], [32, 62, 0]]);
  });

  it('decode to what was encoded', () => {
    fc.assert(fc.property(notes, (played) => {
      expect(decodeNoteChord(encodeNoteChord(played))).toEqual(played);
    }), { seed: 1, numRuns: 400 });
  });

  it('are all allowed by their grammar, which holds chords to going upwards', () => {
    const grammar = new NoteChordGrammar();
    grammar.take(64);
    expect([grammar.allows(0, 64), grammar.allows(0, 60), grammar.allows(0, 65), grammar.allows(1, 60)]).toEqual([false, false, true, true]);
    fc.assert(fc.property(notes, (played) => {
      const heard = new NoteChordGrammar();
      encodeNoteChord(played).forEach(([wait, key], i) => {
        expect(i === 0 || heard.allows(wait as number, key as number)).toBe(true);
        heard.take(key as number);
      });
    }), { seed: 2, numRuns: 200 });
  });

  it('are read of a real song, melody and piano together', () => {
    const { pieces, refused } = readCorpus('note-chord', [fixture('pop909/764')]);
    expect([pieces.length, refused]).toEqual([1, []]);
    const [piece] = pieces;
    const events = Array.from(piece?.parts[0] ?? [], (_, i) => eventAt(piece as NonNullable<typeof piece>, i));
    expect(encodeNoteChord(decodeNoteChord(events))).toEqual(events);
    expect(events.length).toBeGreaterThan(300);
    for (const [p, { outputs }] of NOTE_CHORD_PARTS.entries()) expect(Math.max(...events.map((event) => event[p] as number))).toBeLessThan(outputs);
  });
});
