import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cutInTwo, EXPORT_SECONDS, exportSplit } from '../../src/cli/export-split.ts';
import { evaluateCommand } from '../../src/cli/evaluate.ts';
import type { GeneratedEvaluation } from '../../src/cli/evaluate-generated.ts';
import { prepareCommand } from '../../src/cli/prepare.ts';
import { loadModel, saveModel } from '../../src/cli/models.ts';
import { ENCODINGS, type AnyEncodingName } from '../../src/music/encodings.ts';
import { decodeMelody, MELODY } from '../../src/music/melody.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { splitOf } from '../../src/training/split.ts';
import { fixture } from '../fixtures/at.ts';
import { pieceOf, randomPiece } from '../training/pieces.ts';
import { run } from './run.ts';
import { saveTiny } from './tiny-models.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-export-'));
const SEED = 5; // with it, all three sides of the split of 25 tunes have some
beforeAll(() => {
  vi.stubEnv('ANTIPHON_STORE', join(home, 'store'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const folk = () => readCorpus('melody', [fixture('folk')]).pieces;

describe('a split as MIDI', () => {
  it('cuts a piece where it has begun for four bars, and loses nothing', () => {
    const symbols = Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? MELODY.on + 60 + (i % 7) : MELODY.hold));
    const cut = cutInTwo('melody', pieceOf('a', symbols));
    const [begun, rest] = [cut?.begun[0]?.notes ?? [], cut?.rest[0]?.notes ?? []];
    expect(begun.map(({ start, pitch }) => [start / 125, pitch])).toEqual(decodeMelody(symbols.slice(0, 64)).map(({ step, pitch }) => [step, pitch]));
    expect(rest.map(({ start, pitch }) => [start / 125, pitch])).toEqual(decodeMelody(symbols.slice(64)).map(({ step, pitch }) => [step, pitch]));
  });

  it('cuts off what is long, and leaves out what is short', () => {
    const long = cutInTwo('melody', pieceOf('a', Array.from({ length: 2000 }, () => MELODY.on + 60)));
    expect(long?.rest[0]?.notes).toHaveLength(8 * EXPORT_SECONDS.most);
    expect(cutInTwo('melody', pieceOf('a', Array.from({ length: 100 }, () => MELODY.on + 60)))).toBeNull();
  });

  it.each(Object.keys(ENCODINGS) as AnyEncodingName[])('writes every encoding: %s', (name) => {
    const split = { train: [randomPiece(name, 400, 1)], tune: [randomPiece(name, 3000, 2)], report: [randomPiece(name, 3000, 3)] };
    expect(exportSplit(name, split, join(home, name))).toEqual({ 'tune/begun': 1, 'tune/rest': 1, 'report/begun': 1, 'report/rest': 1, train: 1 });
    for (const place of ['tune/begun', 'report/rest', 'train']) {
      const [file] = readdirSync(join(home, name, place)) as [string];
      expect(file).toMatch(/^00001-test-random-\d\.mid$/);
      expect(readSmf(readFileSync(join(home, name, place, file))).tracks.some(({ notes }) => notes.length > 0)).toBe(true);
    }
  });

  it('is what `prepare --export` writes: pieces apart under names of their own', async () => {
    const { told } = await run(prepareCommand, 'prepare', fixture('folk'), '--encoding', 'melody', '--seed', String(SEED), '--export', join(home, 'sides'));
    const { train, tune, report } = splitOf(folk(), SEED);
    const long = [tune, report].map((side) => side.filter((piece) => cutInTwo('melody', piece)).length);
    expect(['tune', 'report'].map((side) => readdirSync(join(home, 'sides', side, 'begun')).length)).toEqual(long);
    expect(readdirSync(join(home, 'sides', 'report', 'begun'))).toEqual(readdirSync(join(home, 'sides', 'report', 'rest')));
    expect(readdirSync(join(home, 'sides', 'train'))).toHaveLength(train.length);
    expect(told).toContain(`${train.length} files in ${join(home, 'sides', 'train')}`);
  });

  it('is what `evaluate --generated` compares a model with', async () => {
    saveTiny(home, 'melody');
    const model = join(home, 'models', 'melody');
    const { card, weights } = loadModel(model);
    saveModel(model, { ...card, training: { folders: ['folk'], seed: SEED } }, weights);
    const words = ['evaluate', model, '--generated', join(home, 'made'), '--count', '3', '--engine', 'cpu', '--json'];
    const { out } = await run(evaluateCommand, ...words, '--data', fixture('.'));
    const evaluation = JSON.parse(out) as GeneratedEvaluation;
    expect(evaluation.tried.length).toBeGreaterThan(3);
    expect(evaluation.tried).toContainEqual(evaluation.chosen);
    expect(evaluation.report.a.pieces).toBe(readdirSync(join(home, 'made', 'report', 'made')).length);
    expect(evaluation.report.copies?.training.pieces).toBe(readdirSync(join(home, 'made', 'train')).length);
    await expect(run(evaluateCommand, ...words, '--data', join(home, 'nowhere'))).rejects.toMatchObject({ code: 'evaluate.tune' });
  });
});
