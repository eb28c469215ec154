import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { evaluateCommand, type Evaluation } from '../../src/cli/evaluate.ts';
import { loadModel, saveModel } from '../../src/cli/models.ts';
import { ENCODINGS, encodingOf, type AnyEncodingName } from '../../src/music/encodings.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventsOf } from '../../src/training/piece.ts';
import { splitOf } from '../../src/training/split.ts';
import { fixture } from '../fixtures/at.ts';
import { randomWeights } from '../model/shape.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-evaluate-'));
const model = (name: AnyEncodingName): string => join(home, name);
const SEED = 5; // with it, all three sides of the split of 25 tunes have some

beforeAll(() => {
  vi.stubEnv('ANTIPHON_TENSORFLOW', join(home, 'none')); // the embedded engine: a second process would only cost time
  vi.stubEnv('ANTIPHON_STORE', join(home, 'store'));
  for (const name of ['melody', 'performance', 'harmony'] as const) {
    const { parts, hash } = ENCODINGS[name];
    const shape = { kind: 'lstm', parts, embedding: 6, layers: [8], head: 6 } as const;
    saveModel(model(name), { name: `tiny-${name}`, encoding: name, encodingHash: hash, shape, training: { folders: ['folk'], seed: SEED }, report: {} }, randomWeights(shape, 1));
  }
  mkdirSync(join(home, 'mixed', 'deep'), { recursive: true });
  writeFileSync(join(home, 'mixed', 'broken.mid'), 'no music');
  writeFileSync(join(home, 'mixed', 'deep', 'sheets.json'), JSON.stringify({ One: { notes: [[0, 1, 60], [1, 0.5, 62]] }, Two: { notes: [[0, 2, 64]] } }));
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const evaluate = async (...options: string[]): Promise<{ out: string; said: string }> => {
  const text = { out: '', said: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => Boolean((text.out += String(chunk))));
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => Boolean((text.said += String(chunk))));
  const program = new Command();
  evaluateCommand(program);
  await program.parseAsync(['evaluate', ...options], { from: 'user' });
  vi.restoreAllMocks();
  return text;
};
const json = async (...options: string[]): Promise<Evaluation> => JSON.parse((await evaluate(...options, '--json')).out) as Evaluation;

describe('antiphon evaluate', () => {
  it('judges a folder beside the floors, in one object', async () => {
    const evaluation = await json(model('melody'), fixture('lieder'), '--data', fixture('.'), '--floor-symbols', '30000');
    expect(Object.keys(evaluation)).toEqual(['model', 'pieces', 'refused', 'notes', 'events', 'nllPerEvent', 'nllPerNote', 'nllPerStep', 'parts', 'told', 'floors']);
    const { pieces } = readCorpus('melody', [fixture('lieder')]);
    expect(evaluation).toMatchObject({ model: 'tiny-melody', pieces: 2, refused: 0, events: eventsOf(pieces), notes: pieces.reduce((sum, { notes }) => sum + notes, 0) });
    expect(evaluation.nllPerStep).toBe(evaluation.nllPerEvent);
    expect(evaluation.nllPerNote * evaluation.notes).toBeCloseTo(evaluation.nllPerEvent * evaluation.events, 6);
    expect(evaluation.parts).toEqual({ symbol: evaluation.nllPerEvent });
    expect(evaluation.floors).toMatchObject({ unigram: expect.any(Number) as number, bigram: expect.any(Number) as number, markov: { order: expect.any(Number) as number, nllPerEvent: expect.any(Number) as number } });
    expect(evaluation.nllPerEvent).toBeGreaterThan(evaluation.floors?.unigram ?? NaN); // it was never trained
  });

  it('judges one file, with its parts, and no step where there is no grid', async () => {
    const evaluation = await json(model('performance'), fixture('lieder/lc6202167.mid'), '--no-floors');
    expect([evaluation.pieces, evaluation.floors, 'nllPerStep' in evaluation]).toEqual([1, null, false]);
    expect(Object.keys(evaluation.parts)).toEqual(['what', 'time', 'velocity']);
    expect(Object.values(evaluation.parts).reduce((sum, nats) => sum + nats, 0)).toBeCloseTo(evaluation.nllPerEvent, 9);
  });

  it('judges untold, and told beside; a model of an earlier encoding is not told', async () => {
    const place = fixture('folk');
    const { told, ...plain } = await json(model('melody'), place, '--no-floors');
    expect(told?.nllPerEvent).not.toBeCloseTo(plain.nllPerEvent, 4);
    expect((told?.nllPerNote ?? 0) / plain.nllPerNote).toBeCloseTo((told?.nllPerEvent ?? 0) / plain.nllPerEvent, 9);
    // The same weights, but for what is told: where that is open it adds what the rows of 0 hold.
    const { card, weights } = loadModel(model('melody'));
    const before = encodingOf('melody', 'melody-1');
    const shape = { ...card.shape, parts: before.parts };
    const folded = new Map(weights);
    const [symbols, ...wishes] = card.shape.parts.map(({ name }) => weights.get(`embed/${name}`) as Float32Array);
    folded.set('embed/symbol', (symbols as Float32Array).map((value, i) => wishes.reduce((sum, rows) => sum + (rows[i % shape.embedding] as number), value)));
    const earlier = join(home, 'earlier');
    saveModel(earlier, { ...card, name: 'earlier', encodingHash: before.hash, shape }, folded);
    const judged = await json(earlier, place, '--no-floors');
    expect('told' in judged).toBe(false);
    expect(judged.nllPerEvent).toBeCloseTo(plain.nllPerEvent, 2);
  });

  it('judges what a benchmark\'s own split does not train on, a note being a voice and step', async () => {
    const steps = (key: number, length: number) => Array.from({ length }, () => [key, key - 5, -1, 48]);
    const place = join(home, 'voices.json');
    writeFileSync(place, JSON.stringify({ train: [steps(70, 9)], valid: [steps(71, 5), steps(72, 6)] }));
    const { out, said } = await evaluate(model('harmony'), place, '--no-floors', '--json');
    const evaluation = JSON.parse(out) as Evaluation;
    // A frame for the chord and one for its end, whatever their lengths.
    expect(evaluation).toMatchObject({ pieces: 2, notes: 4 * 11, events: 4 });
    expect(evaluation.nllPerNote).toBeCloseTo((evaluation.nllPerEvent * 4) / 44, 12);
    expect(Object.keys(evaluation.parts)).toEqual(['wait', 'soprano', 'alto', 'tenor', 'bass']);
    expect(said).toBe('judging 2 pieces; the 1 others are what this data set trains on\n');
  });

  it('judges those pieces apart whose soprano its own training side does not have', async () => {
    const steps = (keys: readonly number[]) => keys.flatMap((key) => Array.from({ length: 4 }, () => [key, 60, 55, 48]));
    const place = join(home, 'sopranos.json');
    writeFileSync(place, JSON.stringify({ train: [steps([70, 72, 74])], valid: [steps([71, 73, 75]), steps([71, 73, 74])] }));
    const both = await json(model('harmony'), place, '--no-floors');
    writeFileSync(place, JSON.stringify([steps([71, 73, 74])]));
    const alone = await json(model('harmony'), place, '--no-floors');
    expect([both.pieces, both.unseenSoprano?.pieces, 'unseenSoprano' in alone]).toEqual([2, 1, false]);
    expect(both.unseenSoprano?.nllPerNote).toBeCloseTo(alone.nllPerNote, 6);
    expect(both.nllPerNote).not.toBeCloseTo(alone.nllPerNote, 6);
  });

  it('judges its own report split where no place is given', async () => {
    const split = splitOf(readCorpus('melody', [fixture('folk')]).pieces, loadModel(model('melody')).card.training['seed'] as number);
    expect(await json(model('melody'), '--data', fixture('.'), '--floor-symbols', '10000')).toMatchObject({ pieces: split.report.length, events: eventsOf(split.report) });
  });

  it('counts what it leaves out, names it, and reads lead sheets', async () => {
    const { out, said } = await evaluate(model('melody'), join(home, 'mixed'), '--no-floors', '--json');
    expect(JSON.parse(out)).toMatchObject({ pieces: 2, refused: 1, notes: 3, events: 14 });
    expect(said).toContain(`left out ${join(home, 'mixed', 'broken.mid')}: Not a MIDI file`);
  });

  it('says why there are no floors, and how to have them', async () => {
    const { out, said } = await evaluate(model('melody'), fixture('lieder'), '--data', join(home, 'nowhere'), '--json');
    expect((JSON.parse(out) as Evaluation).floors).toBeNull();
    expect(said.trim().split('\n')).toEqual([expect.stringMatching(/^no floors: folk not found in .*nowhere\. Give the folder .* --data or \$ANTIPHON_DATA\.$/)]);
  });

  it('gives no floors where it is judged on all it was trained on', async () => {
    const { out, said } = await evaluate(model('melody'), fixture('folk'), '--data', fixture('.'), '--json');
    expect((JSON.parse(out) as Evaluation).floors).toBeNull();
    expect(said).toMatch(/^\d+ of the 25 pieces were in its training.*\nno floors: Without the judged pieces none is left/);
  });

  it('judges with the cache too, its settings chosen on the tuning split, and floors that learn', async () => {
    const words = [model('melody'), '--data', fixture('.'), '--floor-symbols', '10000'];
    const evaluation = await json(...words, '--cache');
    const split = splitOf(readCorpus('melody', [fixture('folk')]).pieces, SEED);
    const { cache, floors } = evaluation;
    expect(cache).toMatchObject({ window: 512, chosenOn: { pieces: split.tune.length, events: eventsOf(split.tune) }, nllPerStep: cache?.nllPerEvent });
    expect(cache?.nllPerEvent).toBeLessThan(0.9 * evaluation.nllPerEvent); // it was never trained
    const late = split.report.reduce((sum, { parts }) => sum + Math.max(0, (parts[0]?.length ?? 0) - 256), 0);
    expect(late > 0 ? cache?.late : { counted: late }).toMatchObject({ counted: late });
    if (cache?.late) expect(cache.late.gain).toBeCloseTo(1 - cache.late.with / cache.late.without, 12);
    expect(floors?.online?.nllPerEvent).toBeLessThan(floors?.markov.nllPerEvent ?? NaN);
    const plain = await json(...words);
    expect([evaluation.nllPerEvent, floors?.bigram, 'cache' in plain]).toEqual([plain.nllPerEvent, plain.floors?.bigram, false]);
    expect((await evaluate(...words, '--cache')).out).toMatch(/with the cache, weight 0\.\d+, sharpness [\d.]+ +\d\.\d{4}\n[^]*floor: the same, learning each piece +\d/);
  });

  it('says where there can be no cache', async () => {
    await expect(evaluate(model('harmony'), fixture('lieder'), '--cache')).rejects.toMatchObject({ code: 'evaluate.cache' });
    await expect(evaluate(model('melody'), fixture('lieder'), '--cache', '--data', join(home, 'nowhere'))).rejects.toMatchObject({ code: 'evaluate.tune' });
  });

  it('prints a table to people', async () => {
    const { out } = await evaluate(model('melody'), fixture('lieder'), '--data', fixture('.'), '--floor-symbols', '10000');
    expect(out).toMatch(/^tiny-melody: 2 pieces, \d+ notes, \d+ events\n {2}nats an event +\d\.\d{4}\n {4}symbol +\d\.\d{4}\n {2}nats a note .*\n {2}nats a step .*\n {2}nats an event, told style, density and register +\d\.\d{4}\n {2}floor: unigram .*\n {2}floor: bigram .*\n {2}floor: Markov, order \d, one stream +\d\.\d{4}\n$/);
  });

  it.each([['a place that is not there', 'evaluate.test.nowhere', 'corpus.place'], ['a file that is no music', 'mixed/broken.mid', 'evaluate.empty']])('refuses %s', async (_, place, code) => {
    await expect(evaluate(model('melody'), join(home, place), '--no-floors')).rejects.toMatchObject({ code });
  });
});
