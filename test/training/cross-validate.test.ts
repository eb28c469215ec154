import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { crossValidate, spreadOf, type CrossValidation, type FoldResult } from '../../src/training/cross-validate.ts';
import { foldsOf, splitsOf } from '../../src/training/folds.ts';
import { WHOLE } from '../../src/training/network.ts';
import type { TrainSettings } from '../../src/training/train.ts';
import { loadTrainingCpu } from './cpu.ts';
import { randomPiece } from './pieces.ts';

const { melody } = ENCODINGS;
const home = mkdtempSync(join(tmpdir(), 'antiphon-folds-'));
let tf: Tf;
beforeAll(async () => void (tf = await loadTrainingCpu()));
afterAll(() => rmSync(home, { recursive: true }));

describe('cross-validation', () => {
  const pieces = Array.from({ length: 9 }, (_, i) => randomPiece('melody', 20 + i, i));
  const splits = splitsOf(foldsOf(pieces, 3, 1), 1);
  const settings: TrainSettings = { shape: { kind: 'lstm', parts: melody.parts, embedding: 4, layers: [5], head: 4 }, steps: 4, length: 6, rows: 2, rate: 0.01, dropout: WHOLE, decay: 0, averaged: 0, seed: 1, every: 2, patience: 9 };
  const run = async (name: string, stop: (asked: number) => boolean = () => false): Promise<{ result: CrossValidation | null; steps: number[][]; told: FoldResult[] }> => {
    const steps: number[][] = [];
    const told: FoldResult[] = [];
    let asked = 0;
    const result = await crossValidate({ tf, raw: null }, melody, splits, settings, join(home, name), { progress: (fold, { step }) => steps.push([fold, step]), fold: (each) => told.push(each), stop: () => stop(asked++) });
    return { result, steps, told };
  };

  it('trains a model a fold in a folder of its own, and judges it on what was kept out', { timeout: 120_000 }, async () => {
    const { result, steps, told } = await run('whole');
    expect(steps).toEqual([[1, 2], [1, 4], [2, 2], [2, 4], [3, 2], [3, 4]]);
    expect(told.map(({ fold, pieces: held, events }) => [fold, held, events])).toEqual(splits.map(({ report }, i) => [i + 1, report.length, report.reduce((sum, { parts }) => sum + (parts[0]?.length ?? 0), 0)]));
    expect(result).toEqual(spreadOf(told));
    expect(new Set(told.map(({ nllPerEvent }) => nllPerEvent)).size).toBe(3);
    expect(readdirSync(join(home, 'whole')).sort()).toEqual(['fold-1-of-3', 'fold-2-of-3', 'fold-3-of-3']);
  });

  it('stopped and begun again, is what it is when let be', { timeout: 120_000 }, async () => {
    const { result: whole } = await run('whole');
    const { result: stopped, told } = await run('parts', (asked) => asked > 9);
    expect([stopped, told.length]).toEqual([null, 1]);
    const { result, steps } = await run('parts');
    expect(steps.some(([fold]) => fold === 1)).toBe(false);
    expect(steps.length).toBeGreaterThan(1);
    expect(result).toEqual(whole);
  });

  it('gives the mean over folds, and their standard deviation', () => {
    const fold = (nll: number): FoldResult => ({ fold: 1, pieces: 1, events: 1, steps: 1, nllPerEvent: nll, nllPerNote: 10 * nll });
    const { nllPerEvent, nllPerNote } = spreadOf([fold(1), fold(2), fold(3)]);
    expect([nllPerEvent, nllPerNote]).toEqual([{ mean: 2, deviation: 1 }, { mean: 20, deviation: 10 }]);
  });
});
