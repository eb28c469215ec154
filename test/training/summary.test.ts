import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { keyName, mainTempo } from '../../src/training/about.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import type { Piece } from '../../src/training/piece.ts';
import { transposed } from '../../src/training/piece.ts';
import { piecesIn } from '../../src/training/read-file.ts';
import { splitOf } from '../../src/training/split.ts';
import { duplicatesIn, summaryOf } from '../../src/training/summary.ts';
import { summaryPage } from '../../src/training/summary-page.ts';
import { fixture } from '../fixtures/at.ts';

describe('what is told of a piece', () => {
  it('is its length, tempo, key and tracks', () => {
    const file = fixture('pop909/331/331.mid');
    const [piece] = piecesIn('melody', { file, id: '331', source: 'pop909' }) as [Piece];
    const song = readSmf(readFileSync(file));
    expect(piece.about).toMatchObject({ seconds: song.duration / 1000, bpm: song.tempos[0]?.bpm, roles: ['melody', 'other', 'other'] });
    expect(piece.about?.key).toMatch(/^[A-G][♭♯]? (major|minor)$/);
  });

  it('has the key of a scale, and none where no note is', () => {
    expect(keyName([4, 0, 2, 0, 3, 2, 0, 3, 0, 2, 0, 1])).toBe('C major');
    expect(keyName(Array.from({ length: 12 }, () => 0))).toBeNull();
  });

  it('has the tempo that holds longest', () => {
    const tempos = [[0, 60], [1000, 90], [3000, 61], [3500, 60]].map(([time, bpm]) => ({ tick: 0, time: ms(time as number), bpm: bpm as number }));
    expect(mainTempo(tempos, 4200)).toBe(90);
    expect(mainTempo(tempos, 9000)).toBe(60);
    expect(mainTempo(tempos.slice(0, 1), 0)).toBe(60);
  });

  it('tells its music in whatever key, as low as the keyboard goes', () => {
    for (const encoding of ['melody', 'performance'] as const) {
      const [piece] = piecesIn(encoding, { file: fixture('folk/AcaciaReel1.mid'), id: 'a', source: 'folk' }) as [Piece];
      const up = transposed(encoding, piece, 5) as Piece;
      expect(up.parts).not.toEqual(piece.parts);
      expect(duplicatesIn([piece, { ...piece }, up])).toEqual({ exact: 1, transposed: 1 });
    }
  });
});

describe('a summary', () => {
  const corpus = { ...readCorpus('melody', [fixture('folk'), fixture('lieder')]), files: 28, stored: 1, refused: [{ file: 'a&b.mid', reason: '<broken>' }] };
  const split = splitOf(corpus.pieces, 5);
  const summary = summaryOf(corpus, split);

  it('adds up', () => {
    expect(summary).toMatchObject({ encoding: 'melody', files: 28, pieces: 27, sources: { folk: { pieces: 25 }, lieder: { pieces: 2 } }, duplicates: { exact: 0, transposed: 0 } });
    for (const groups of [summary.sources, summary.sides]) {
      for (const name of ['pieces', 'notes', 'events', 'families'] as const) expect(Object.values(groups).reduce((sum, each) => sum + each[name], 0), name).toBe(summary[name]);
    }
    expect(Object.values(summary.keys).reduce((sum, count) => sum + count, 0)).toBe(27);
    expect(Object.values(summary.tempos).reduce((sum, count) => sum + count, 0)).toBe(27);
    expect(summary.tracks.melody).toBe(27);
    expect(summary.hours).toBeCloseTo(corpus.pieces.reduce((sum, { about }) => sum + (about?.seconds ?? 0), 0) / 3600, 3);
  });

  it('is drawn on a page that needs nothing else', () => {
    const page = summaryPage(summary);
    expect(page).toContain('<td>a&amp;b.mid</td><td>&lt;broken&gt;</td>');
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).not.toMatch(/<script|<link|src=|href=/);
  });
});
