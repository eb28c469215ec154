import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/training/corpus.ts';
import type { Piece } from '../../src/training/piece.ts';
import { fixture } from '../fixtures/at.ts';
import { codeOf } from '../fixtures/code-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'antiphon-corpus-'));
const sheet = (notes: unknown) => ({ fifths: 0, notes });
const scale = Array.from({ length: 20 }, (_, i) => [i * 0.5, 0.5, 60 + i]);

beforeAll(() => {
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  cpSync(fixture('lieder/lc6202167.mid'), join(folder, 'deep', 'er', 'song.MID'));
  writeFileSync(join(folder, 'broken.mid'), 'MThd and then nothing that is music');
  writeFileSync(join(folder, 'empty.mid'), '');
  writeFileSync(join(folder, 'notes.txt'), 'no music, and none is looked for');
  writeFileSync(join(folder, 'leadsheets.json'), JSON.stringify({ Scale: sheet(scale), Short: sheet(scale.slice(0, 2)) }));
  writeFileSync(join(folder, 'other.json'), '{"train": [["60", 64, 67]]}');
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (...path: string[]): string => join(folder, ...path);

describe('a corpus', () => {
  it('is what can be read under a folder; what cannot is named, with the reason', () => {
    const { pieces, refused } = readCorpus('melody', [folder]);
    expect(pieces.map(({ id }) => id)).toEqual([join('deep', 'er', 'song.MID'), 'Scale']);
    expect(refused.map(({ file }) => file)).toEqual([at('broken.mid'), at('empty.mid'), at('leadsheets.json'), at('other.json')]);
    expect(refused.map(({ reason }) => reason)).toEqual([expect.stringContaining('Not a MIDI file'), expect.stringContaining('Not a MIDI file'), 'Short: only 4 events', expect.stringContaining('No lead sheets')]);
  });

  it('leaves lead sheets to melodies', () => {
    const { pieces, refused } = readCorpus('performance', [folder]);
    expect([pieces.length, refused.map(({ file }) => file)]).toEqual([1, [at('broken.mid'), at('empty.mid')]]);
    expect(readCorpus('performance', [at('leadsheets.json')]).refused[0]?.reason).toContain('not read from JSON');
  });

  it.each([['text', 'nonsense'], ['notes', [['a', 1, 60]]], ['a pitch', [[0, 1, 128]]], ['time', [[0, null, 60]]]])('refuses lead sheets with wrong %s', (_, notes) => {
    writeFileSync(at('wrong.json'), JSON.stringify({ Wrong: sheet(notes) }));
    expect(readCorpus('melody', [at('wrong.json')]).refused).toEqual([{ file: at('wrong.json'), reason: expect.stringContaining('No lead sheets') as string }]);
    rmSync(at('wrong.json'));
  });

  it('reads four voices from JSON of pieces by title, in a list or by side, and knows its own sides', () => {
    const steps = (key: number): number[][] => Array.from({ length: 5 }, () => [key, 64, -1, 48]);
    const read = (value: unknown) => {
      writeFileSync(at('voices.json'), JSON.stringify(value));
      return readCorpus('harmony', [at('voices.json')], undefined, 1);
    };
    const told = ({ pieces }: ReturnType<typeof read>) => pieces.map(({ id, side, notes }) => [id, side, notes]);
    expect(told(read({ One: steps(70), Two: steps(71) }))).toEqual([['One', undefined, 20], ['Two', undefined, 20]]);
    expect(told(read([steps(70)]))).toEqual([['0', undefined, 20]]);
    expect(told(read({ train: [steps(70)], heldout: { A: steps(72) }, test: [steps(73)] }))).toEqual([['train/0', 'train', 20], ['heldout/A', 'tune', 20], ['test/0', 'report', 20]]);
    for (const wrong of [{ One: [[60, 64, 67]] }, { One: [[60, 64, 67, 128]] }, 'nonsense', null, []]) expect(read(wrong).refused[0]?.reason).toContain('No steps of four voices');
    rmSync(at('voices.json'));
  });

  it('takes only songs of four voices for harmony', () => {
    expect(readCorpus('harmony', [fixture('pop909/331')]).refused[0]?.reason).toContain('3 tracks with notes');
  });

  it('keeps short pieces where asked to, as when judging', () => {
    expect(readCorpus('melody', [at('leadsheets.json')], undefined, 1).pieces.map(({ id, notes }) => [id, notes])).toEqual([['Scale', 20], ['Short', 2]]);
  });

  it('is in the same order on every machine, and the same from a file as from its folder', () => {
    const files = readCorpus('melody', [fixture('folk')]).pieces;
    expect(files).toHaveLength(25);
    expect(files.map(({ id }) => id)).toEqual(files.map(({ id }) => id).toSorted());
    const one = readCorpus('melody', [fixture(`folk/${files[3]?.id}`)]).pieces[0] as Piece;
    expect(one).toEqual(files[3]);
  });

  it('takes the piano of a song that has one, on the grid of its beats for a melody', () => {
    const [song] = readCorpus('performance', [fixture('pop909/331')]).pieces as [Piece];
    expect([song.parts.length, song.notes > 100, (song.parts[2] as Int32Array).some((velocity) => velocity < 32)]).toEqual([3, true, true]);
    const [melody] = readCorpus('melody', [fixture('pop909/331')]).pieces as [Piece];
    const struck = [...(melody.parts[0] as Int32Array).entries()].filter(([, symbol]) => symbol > 1);
    // Eighths and quarters: on the grid of the beats most notes of a song begin at an even step.
    expect(struck.filter(([step]) => step % 2 === struck[0]?.[0]).length / struck.length).toBeGreaterThan(0.6);
  });

  it('says when there is no such place', () => {
    expect(codeOf(() => readCorpus('melody', [at('nowhere')]))).toBe('corpus.place');
  });

  it('gives settings of one tune one family, whatever the key', () => {
    const up = (by: number) => sheet(scale.map(([onset, duration, key]) => [onset, duration, (key as number) + by]));
    writeFileSync(at('keys.json'), JSON.stringify({ A: up(0), B: up(7), C: sheet(scale.map(([onset, duration], i) => [onset, duration, 60 + (i % 3)])) }));
    const [a, b, c] = readCorpus('melody', [at('keys.json')]).pieces as [Piece, Piece, Piece];
    expect([b.family === a.family, c.family === a.family]).toEqual([true, false]);
    rmSync(at('keys.json'));
  });
});
