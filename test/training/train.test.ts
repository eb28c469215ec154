import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { pitch } from '../../src/core/units.ts';
import { ENCODINGS, encodingOf } from '../../src/music/encodings.ts';
import { encodeHarmony, HARMONY_PARTS } from '../../src/music/harmony.ts';
import { MELODY } from '../../src/music/melody.ts';
import { floorsOf } from '../../src/training/floors.ts';
import { judge } from '../../src/training/judge.ts';
import { Network, WHOLE } from '../../src/training/network.ts';
import { columnsOf, type Piece } from '../../src/training/piece.ts';
import type { Split } from '../../src/training/split.ts';
import { told } from '../../src/training/tell.ts';
import { train, type Progress, type TrainResult, type TrainSettings } from '../../src/training/train.ts';
import { loadTrainingCpu } from './cpu.ts';
import { randomPiece, repeating } from './pieces.ts';

const { hold, off, on } = MELODY;
const { melody, performance: played } = ENCODINGS;
const home = mkdtempSync(join(tmpdir(), 'antiphon-train-'));
let tf: Tf;
beforeAll(async () => void (tf = await loadTrainingCpu()));
afterAll(() => rmSync(home, { recursive: true }));

/** Trains under `name`; `stop` is asked with the steps seen in the progress so far. */
const run = async (name: string, split: Split, settings: TrainSettings, encoding = melody, stop: (asked: number) => boolean = () => false): Promise<{ result: TrainResult; lines: Progress[] }> => {
  const lines: Progress[] = [];
  let asked = 0;
  const result = await train({ tf, raw: null }, encoding, split, settings, join(home, name), (line) => lines.push(line), () => stop(asked++));
  return { result, lines };
};

describe('training', () => {
  it('learns a tune that repeats: below the unigram floor', { timeout: 180_000 }, async () => {
    const plain = encodingOf('melody', 'melody-1');
    // As wide as the keyboard, so that it is heard in no key but its own.
    const cycle = [on, hold, on + 127, off];
    const split: Split = { train: Array.from({ length: 6 }, (_, i) => repeating(`train ${i}`, cycle, 60, i)), tune: [repeating('tune', cycle, 64, 2)], report: [repeating('report', cycle, 64, 5)] };
    const settings: TrainSettings = { shape: { kind: 'lstm', parts: plain.parts, embedding: 12, layers: [20], head: 16, skip: true }, steps: 72, length: 16, rows: 6, rate: 0.04, warmUp: 10, dropout: WHOLE, decay: 0, averaged: 0, seed: 1, every: 24, patience: 9 };
    const { result, lines } = await run('learns', split, settings, plain);
    const network = new Network(tf, null, settings.shape, 0);
    network.load(result.weights);
    const { nllPerEvent } = await judge(tf, network, plain, split.report);
    network.dispose();
    const floors = floorsOf(plain, { train: split.train, tune: split.tune, judged: split.report, seed: 1, symbols: 5000 });
    expect(nllPerEvent).toBeLessThan(0.6 * floors.unigram);
    expect(result.steps).toBe(72);
    expect(result.curve.map(({ step }) => step)).toEqual([24, 48, 72]);
    expect(lines.at(-1)?.tune).toBe(result.curve.at(-1)?.tune);
  });

  it('begins as if nothing were told', async () => {
    const split: Split = { train: [repeating('train', [on, hold, off, hold], 60)], tune: [], report: [] };
    const settings: TrainSettings = { shape: { kind: 'lstm', parts: melody.parts, embedding: 6, layers: [8], head: 6 }, steps: 1, length: 8, rows: 2, rate: 0, dropout: WHOLE, decay: 0, averaged: 0, seed: 1, every: 1, patience: 9 };
    const { weights } = (await run('begins', split, settings)).result;
    const zeros = (name: string): boolean => (weights.get(`embed/${name}`) as Float32Array).every((value) => value === 0);
    expect(melody.parts.map(({ name }) => [name, zeros(name)])).toEqual([['symbol', false], ['style', true], ['density', true], ['register', true]]);
  });

  it('heeds what it is told of a piece', { timeout: 180_000 }, async () => {
    // Two beginnings that only style tells apart, as wide as the keyboard.
    const tune = (id: string, goesOn: number, source: string): Piece => ({ ...repeating(id, [on, on + 127, ...Array.from({ length: 6 }, () => goesOn)], 8), source });
    const of = (side: string, count: number): Piece[] => Array.from({ length: count }, (_, i) => tune(`${side} ${i}`, i % 2 === 0 ? hold : off, i % 2 === 0 ? 'folk' : 'pop909'));
    const split: Split = { train: of('train', 8), tune: of('tune', 2), report: of('report', 4) };
    const settings: TrainSettings = { shape: { kind: 'lstm', parts: melody.parts, embedding: 24, layers: [24], head: 24, skip: true }, steps: 120, length: 8, rows: 12, rate: 0.05, warmUp: 10, dropout: WHOLE, decay: 0, averaged: 0, seed: 1, every: 40, patience: 9 };
    const { result } = await run('heeds', split, settings);
    const network = new Network(tf, null, settings.shape, 0);
    network.load(result.weights);
    const nats = async (pieces: readonly Piece[]): Promise<number> => 8 * (await judge(tf, network, melody, pieces)).nllPerEvent;
    const [untold, wished] = [await nats(split.report), await nats(split.report.map((piece) => told('melody', piece)))];
    network.dispose();
    // Not told, the third event is anyone's guess: a bit a piece.
    expect(untold).toBeGreaterThan(0.65);
    expect(wished).toBeLessThan(0.35);
  });

  it('learns four voices that repeat: far below the unigram floor', { timeout: 180_000 }, async () => {
    // Two chords to a bar; the alto moves a step late. As wide as voices go, so that no key but its own is sung.
    const bar = [[[81, 4], [79, 4]], [[64, 5], [62, 3]], [[60, 4], [59, 4]], [[36, 4], [43, 4]]] as const;
    const piece = (id: string, bars: number): Piece => {
      const lines = bar.map((notes) => {
        let at = 0;
        return Array.from({ length: bars }, () => notes).flat().map(([key, steps]) => ({ step: (at += steps) - steps, steps, pitch: pitch(key) }));
      });
      const events = encodeHarmony(lines);
      return { id, source: 'test', family: id, home: -2, parts: columnsOf(HARMONY_PARTS.length, events), notes: events.length };
    };
    const pieces: Split = { train: [3, 4, 5].map((bars) => piece(`train ${bars}`, bars)), tune: [piece('tune', 2)], report: [] };
    const settings: TrainSettings = { shape: { kind: 'lstm', parts: ENCODINGS.harmony.parts, embedding: 16, layers: [20], head: 16 }, steps: 72, length: 8, rows: 4, rate: 0.12, dropout: { input: 0, between: 0, recurrent: 0 }, decay: 0, averaged: 0, seed: 1, every: 24, patience: 9 };
    const { result } = await run('learns voices', pieces, settings, ENCODINGS.harmony);
    const floors = floorsOf(ENCODINGS.harmony, { train: pieces.train, tune: pieces.tune, judged: pieces.tune, seed: 1, symbols: 5000 });
    expect(result.curve.at(-1)?.tune).toBeLessThan(0.6 * floors.unigram);
  });

  const split: Split = { train: Array.from({ length: 4 }, (_, i) => randomPiece('performance', 30 + i, i)), tune: [randomPiece('performance', 40, 9)], report: [] };
  const tiny: TrainSettings = { shape: { kind: 'lstm', parts: played.parts, embedding: 6, layers: [7, 5], head: 6 }, steps: 24, length: 8, rows: 3, rate: 0.01, dropout: { input: 0, between: 0.2, recurrent: 0 }, decay: 0, averaged: 0, seed: 2, every: 8, patience: 9 };

  it('interrupted and resumed, is bit for bit what it is when let be', { timeout: 180_000 }, async () => {
    const { result } = await run('whole', split, tiny, played);
    // Asked twice a step: stopped in the middle of an interval, at a checkpoint, and again between two.
    await run('parts', split, tiny, played, (asked) => asked > 9);
    await run('parts', split, tiny, played, (asked) => asked > 6);
    const { result: last, lines } = await run('parts', split, tiny, played, (asked) => asked > 10);
    expect(lines.at(-1)?.step).toBeLessThan(24);
    const { result: resumed } = await run('parts', split, tiny, played);
    expect(last.steps).toBeLessThan(24);
    expect(resumed.steps).toBe(24);
    expect(resumed.weights).toEqual(result.weights);
    for (const file of ['last-24.bin', 'best.bin']) expect(readFileSync(join(home, 'parts', file)).equals(readFileSync(join(home, 'whole', file))), file).toBe(true);
    expect(resumed.curve.map(({ step, tune }) => [step, tune])).toEqual(result.curve.map(({ step, tune }) => [step, tune]));
  });

  it('draws its curves after each look at the tuning split', () => {
    const page = readFileSync(join(home, 'whole', 'report.html'), 'utf8');
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page.match(/<path d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+L[\d.]+ [\d.]+"/g)).toHaveLength(4); // three looks: train, tune, rate, events a second
    expect(page).toMatch(/<td>step<\/td><td>24<\/td>.*\n.*<td>best step<\/td><td>\d+, \d+\.\d{4} nats/);
    expect(page).toContain('<td>dropout</td>');
    expect(existsSync(join(home, 'whole', 'report.html.new'))).toBe(false);
  });

  it('begun again when it is done, does nothing and gives the same', async () => {
    const { result, lines } = await run('whole', split, tiny, played);
    expect([result.steps, lines]).toEqual([24, []]);
  });

  it('stops when the tuning split has long been no better, and keeps the best', { timeout: 60_000 }, async () => {
    const { result } = await run('patient', split, { ...tiny, rate: 0, steps: 90, every: 4, patience: 3 }, played); // nothing is learnt: the first look is the best
    expect(result.steps).toBe(16);
    expect(result.curve).toHaveLength(4);
  });

  it('refuses to go on with other settings', async () => {
    const again = run('whole', split, { ...tiny, rate: 0.02 }, played);
    await expect(again).rejects.toThrow(AntiphonError);
    await expect(again).rejects.toMatchObject({ code: 'train.resume' });
  });

  it('leaves no tensor behind', async () => {
    const counts: number[] = [];
    for (const steps of [8, 24]) {
      const before = tf.memory().numTensors;
      await run(`leak ${steps}`, split, { ...tiny, steps }, played);
      counts.push(tf.memory().numTensors - before);
    }
    expect(counts[1]).toBe(counts[0]);
  });
});
