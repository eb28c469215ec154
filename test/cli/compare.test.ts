import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateCommand } from '../../src/cli/evaluate.ts';
import type { FolderComparison } from '../../src/cli/folder-comparison.ts';
import { channel, ms } from '../../src/core/units.ts';
import { MEASURES, measuresOf } from '../../src/music/measures.ts';
import { scoreOf } from '../../src/music/score.ts';
import { readSmf, type Track } from '../../src/music/smf-read.ts';
import { writeSmf } from '../../src/music/smf-write.ts';
import { dataSet, fixture } from '../fixtures/at.ts';
import { run } from './run.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-compare-'));
const at = (...path: string[]): string => join(home, ...path);
const broken = at('mixed', 'broken.mid');
const silent = at('mixed', 'silent.mid');

beforeAll(() => {
  for (const folder of ['odd', 'even', 'mixed', 'none']) mkdirSync(at(folder));
  readdirSync(fixture('folk')).sort().forEach((name, i) => copyFileSync(fixture(`folk/${name}`), at(i % 2 === 0 ? 'even' : 'odd', name)));
  for (const song of ['331', '764']) copyFileSync(fixture(`pop909/${song}/${song}.mid`), at('mixed', `${song}.mid`));
  writeFileSync(broken, 'no music');
  writeFileSync(silent, Buffer.from('4d546864000000060000000101e04d54726b0000000400ff2f00', 'hex'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** What single lines without drums can be compared by. */
const COMPARED = MEASURES.map(({ name }) => name).filter((name) => !['drumPatternConsistency', 'parallelRate', 'crossingRate', 'outOfRangeRate'].includes(name));

const evaluate = (...words: string[]) => run(evaluateCommand, 'evaluate', ...words);
const json = async (...words: string[]): Promise<FolderComparison> => JSON.parse((await evaluate(...words, '--json')).out) as FolderComparison;

describe('antiphon evaluate A B', () => {
  it('prints the measures of both folders, overlaps and intra-set values as one object', async () => {
    const { out, told } = await evaluate(at('odd'), at('even'), '--json');
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(told).toBe('comparing 12 pieces with 13\n');
    const { a, b, measures, summary } = JSON.parse(out) as FolderComparison;
    expect([a, b]).toEqual([{ folder: at('odd'), pieces: 12, refused: [] }, { folder: at('even'), pieces: 13, refused: [] }]);
    expect(Object.keys(measures)).toEqual(MEASURES.map(({ name }) => name));
    expect(measures.pitchEntropy).toMatchObject({ unit: 'bits', a: { pieces: 12 }, overlap: expect.any(Number) as number, kl: expect.any(Number) as number, intra: { overlap: expect.any(Number) as number, kl: expect.any(Number) as number }, variety: expect.any(Number) as number });
    expect(measures.drumPatternConsistency).toMatchObject({ a: { pieces: 0, mean: null }, overlap: null });
    const entropies = readdirSync(at('odd')).map((name) => measuresOf(scoreOf(readSmf(readFileSync(at('odd', name))))).pitchEntropy as number);
    expect(measures.pitchEntropy.a.mean).toBeCloseTo(entropies.reduce((sum, each) => sum + each, 0) / 12, 9);
    expect((measures.intervals.b.mean as number[]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(summary?.measures).toBe(COMPARED.length);
    expect(summary?.ratio).toBeGreaterThan(0.8); // tunes of one book
  });

  it('gives the same for the same seed', async () => {
    const [first, again, other] = [await json(at('odd'), at('even'), '--seed', '4'), await json(at('odd'), at('even'), '--seed', '4'), await json(at('odd'), at('even'), '--seed', '5')];
    expect(again).toEqual(first);
    expect(other.summary?.intra).not.toEqual(first.summary?.intra);
  });

  it('names what it leaves out with the reason, and goes on', async () => {
    const { out, told } = await evaluate(at('mixed'), at('even'), '--json');
    const { a, summary } = JSON.parse(out) as FolderComparison;
    expect(a).toEqual({ folder: at('mixed'), pieces: 2, refused: [{ file: broken, reason: expect.stringContaining('Not a MIDI file') as string }, { file: silent, reason: 'no notes' }] });
    expect(told).toContain(`left out ${broken}: Not a MIDI file`);
    expect(summary?.ratio).toBeLessThan(0.7); // pop songs beside single lines
  });

  it('compares nothing with too few pieces, and says so', async () => {
    const { out } = await evaluate(at('even'), at('mixed'));
    expect(out).toContain(', 2 left out\n');
    expect(out).toMatch(/\ntoo few pieces to compare: four in B and one in A\n$/);
    expect((await json(at('even'), at('mixed'))).summary).toBeNull();
  });

  it('prints a table to people', async () => {
    const { out } = await evaluate(at('odd'), at('even'), '--pieces', '9');
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([`A ${at('odd')}: 9 pieces`, `B ${at('even')}: 9 pieces`]);
    expect(lines[2]).toMatch(/^ {2}measure +A +B +overlap +of B itself +ratio +KL +of B itself$/);
    expect(lines.filter((line) => /^ {2}pitchRange +\d+\.\d\d ± \d+\.\d\d +\d+\.\d\d ± \d+\.\d\d( +\d+\.\d{3}){5}$/.test(line))).toHaveLength(1);
    expect(lines).toHaveLength(3 + MEASURES.length + 2);
  });

  it('draws a page that needs nothing else', async () => {
    await evaluate(at('odd'), at('even'), '--report', at('report.html'));
    const page = readFileSync(at('report.html'), 'utf8');
    expect(page).not.toMatch(/<script|<link|https?:|NaN|undefined|Infinity/);
    for (const name of COMPARED) expect(page).toContain(`<h2>${name}</h2>`);
    expect(page.match(/<svg /g)).toHaveLength(2 * COMPARED.length);
    expect(page.match(/<polyline class="between"/g)).toHaveLength(COMPARED.length);
    await expect(evaluate(at('odd'), at('even'), '--report', at('gone', 'report.html'))).rejects.toMatchObject({ code: 'file.write' });
  });

  it('finds what was copied from a training set, and what its own pieces share', async () => {
    const { copies } = await json(at('odd'), at('even'), '--train', at('even'), at('odd'));
    const whole = copies?.exact.longest;
    expect([whole?.piece, whole?.note, whole?.fromNote, copies?.exact.rate, copies?.training]).toEqual([whole?.from, 1, 1, 1, { pieces: 25, refused: [] }]);
    expect(whole?.notes).toBe(Math.max(...readdirSync(at('odd')).map((name) => readSmf(readFileSync(at('odd', name))).tracks.reduce((most, { notes }) => Math.max(most, notes.length), 0))));
    const { transposed, exact } = (await json(at('odd'), at('even'), '--train', at('even'))).copies ?? {};
    expect(transposed?.rate).toBeLessThan(0.5);
    expect(transposed?.longest?.notes).toBeGreaterThanOrEqual(exact?.longest?.notes ?? NaN);
    expect(transposed?.human.longest?.notes).toBeGreaterThan(3);
    expect((await evaluate(at('odd'), at('even'), '--train', at('even'))).out).toMatch(/\ncopies, transposed: longest \d+ notes \(.*\ncopies, exact: longest .*people's pieces share \d+, median \d+, \d+\.\d %\n$/);
  });

  it('matches the notes of files of one name where it is asked to', async () => {
    mkdirSync(at('again'));
    const [name = ''] = readdirSync(at('odd'));
    const [track] = readSmf(readFileSync(at('odd', name))).tracks as [Track];
    // Half of the notes, 30 ms late.
    const half = track.notes.slice(0, track.notes.length / 2).map((note) => ({ ...note, start: ms(note.start + 30) }));
    writeFileSync(at('again', name), writeSmf({ bpm: 120, tracks: [{ name: '', channel: channel(1), notes: half, controls: [] }] }));
    const { notes } = await json(at('again'), at('odd'), '--match', '50');
    expect(notes).toMatchObject({ pieces: 1, tolerance: 50, precision: 1, recall: half.length / track.notes.length });
    expect((await json(at('again'), at('odd'), '--match', '10')).notes?.precision).toBeLessThan(0.5);
    expect((await evaluate(at('again'), at('even'), '--match', '50')).out).toMatch(/\nno file of A has the name of one of B: no note is matched\n$/);
    expect(await json(at('again'), at('odd'))).not.toHaveProperty('notes');
  });

  it('refuses folders that are not there or hold no music', async () => {
    await expect(evaluate(at('odd'), at('gone'))).rejects.toMatchObject({ code: 'folder.place' });
    await expect(evaluate(at('odd'), at('none'))).rejects.toMatchObject({ code: 'folder.empty' });
    await expect(evaluate(at('gone'), at('odd'))).rejects.toMatchObject({ code: 'model.name' });
    expect(existsSync(at('gone'))).toBe(false);
  });
});

const lieder = dataSet('lieder');
const quartets = dataSet('quartets');
describe.skipIf(!lieder || !quartets)(lieder && quartets ? 'over the data sets' : 'over the data sets (skipped: ../shared/data is not here)', () => {
  it('string quartets overlap string quartets more than songs do', async () => {
    const [same, others] = [await json(quartets as string, quartets as string, '--pieces', '24'), await json(lieder as string, quartets as string, '--pieces', '24')];
    expect(same.summary?.ratio).toBeGreaterThan(0.95);
    expect(others.summary?.ratio).toBeLessThan(0.85);
  });
});
