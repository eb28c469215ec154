import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { loadModel, modelHash, saveModel } from '../../src/cli/models.ts';
import { songOf } from '../../src/cli/song.ts';
import { addTrainOptions, type TrainOptions } from '../../src/cli/train-options.ts';
import { personalOptions, tunePersonal, type Tuning } from '../../src/cli/train-personal.ts';
import { coins } from '../../src/core/rng.ts';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import type { Shape } from '../../src/model/shape.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { piecesIn } from '../../src/training/read-file.ts';
import { loadTrainingCpu } from '../training/cpu.ts';
import { tinyFolder } from './tiny-models.ts';

const home = tinyFolder();
const base = join(home, 'models', 'melody');
const mine = mkdtempSync(join(tmpdir(), 'antiphon-mine-'));
let tf: Tf;

/** A recorded session: a tune by chance in C, and an answer an octave below that is Antiphon's own. */
const session = (key: number): Uint8Array => {
  const coin = coins(key);
  const scale = [60, 62, 64, 65, 67, 69, 71, 72];
  const notes = Array.from({ length: 30 }, (_, i) => ({ role: 0, start: ms(i * 250), duration: ms(240), pitch: pitch(scale[Math.floor(coin() * scale.length)] as number), velocity: velocity(80), channel: channel(1) }));
  return songOf([...notes, ...notes.map((note) => ({ ...note, role: 1, start: ms(note.start + 8000), pitch: pitch(note.pitch - 12) }))]);
};

beforeAll(async () => {
  process.env['ANTIPHON_STORE'] = join(home, 'store');
  tf = await loadTrainingCpu();
  for (let i = 0; i < 6; i++) {
    mkdirSync(join(mine, `session ${i}`));
    writeFileSync(join(mine, `session ${i}`, 'session.mid'), session(i));
    writeFileSync(join(mine, `session ${i}`, 'session.jsonl'), '{}\n');
  }
});
beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true));
afterAll(() => [home, mine].forEach((folder) => rmSync(folder, { recursive: true })));

/** What the command line says, as `train` hears it. */
const options = (...words: string[]): TrainOptions => {
  const command = addTrainOptions(new Command().exitOverride()).parse(words, { from: 'user' });
  return personalOptions(command.opts<TrainOptions>(), (name) => command.getOptionValueSource(name) === 'cli');
};
const tuning = (stop = (): boolean => false): Tuning => ({ engine: { tf, raw: null }, open: async (shape, weights) => new PlainPredictor(shape, weights), stop, models: join(home, 'models') });
const tune = (words: readonly string[], from = base, stop?: () => boolean): ReturnType<typeof tunePersonal> => tunePersonal([mine], from, options('--length', '16', '--rows', '3', '--every', '8', ...words), tuning(stop));

it('learns from recorded sessions, keeps files aside and says what it came to', { timeout: 180_000 }, async () => {
  const report = await tune(['--name', 'mine', '--run', join(home, 'run'), '--steps', '32', '--rate', '0.02', '--licence', 'my own playing']);
  expect(report).toMatchObject({ pieces: 1 });
  const { before, after, copies } = report as unknown as { before: { nllPerEvent: number }; after: { nllPerEvent: number }; copies: { generatedNotes: number; longest: { exact: number; transposed: number } } };
  expect(after.nllPerEvent).toBeLessThan(before.nllPerEvent - 0.5);
  expect(copies.generatedNotes).toBeGreaterThan(0);
  expect(copies.longest.transposed).toBeGreaterThanOrEqual(copies.longest.exact);
  const { card } = loadModel(join(home, 'models', 'mine'));
  expect(card).toMatchObject({ name: 'mine', encoding: 'melody', shape: loadModel(base).card.shape, training: { base: { name: 'melody', hash: modelHash(base) }, licences: ['my own playing'], pieces: 4 } });
});

it('tunes a model of an earlier encoding, which stays one', { timeout: 180_000 }, async () => {
  const { hash, parts } = encodingOf('melody', 'melody-1');
  const shape: Shape = { kind: 'lstm', parts, embedding: 8, layers: [12, 8], head: 8 };
  const earlier = join(home, 'models', 'earlier');
  saveModel(earlier, { name: 'earlier', encoding: 'melody', encodingHash: hash, shape, training: {}, report: {} }, sampleWeights(shape, 5, 0.5));
  const report = (await tune(['--name', 'still', '--run', join(home, 'still'), '--steps', '16', '--rate', '0.02'], earlier)) as Record<'before' | 'after', { nllPerEvent: number }>;
  expect(report.after.nllPerEvent).toBeLessThan(report.before.nllPerEvent);
  expect(loadModel(join(home, 'models', 'still')).card).toMatchObject({ encodingHash: hash, shape });
});

it('interrupted and begun again, ends in the same weights', { timeout: 180_000 }, async () => {
  const words = ['--name', 'again', '--run', join(home, 'again'), '--steps', '32', '--rate', '0.02'];
  let asked = 0;
  expect(await tune(words, base, () => asked++ > 20)).toBeNull();
  await tune(words);
  expect(readFileSync(join(home, 'models', 'again', 'weights.bin')).equals(readFileSync(join(home, 'models', 'mine', 'weights.bin')))).toBe(true);
});

it('keeps the base model where nothing is better', { timeout: 180_000 }, async () => {
  const report = await tune(['--name', 'same', '--run', join(home, 'same'), '--steps', '16', '--rate', '0']);
  expect(report).toMatchObject({ bestStep: 0, before: (report as Record<string, unknown>)['after'] });
  expect(readFileSync(join(home, 'models', 'same', 'weights.bin')).equals(readFileSync(join(base, 'weights.bin')))).toBe(true);
});

it('takes the player’s track of a session, not the answers', () => {
  const file = join(mine, 'session 0', 'session.mid');
  expect(piecesIn('performance', { file, id: 'session', source: 'mine' })[0]).toMatchObject({ notes: 30 });
});

it.each([
  ['an option that the base model decides', () => tune(['--layers', '8']), 'train.from'],
  ['folds', () => tune(['--folds', '3']), 'train.from'],
  ['a base model that is not there', () => tune([], 'no-such-model'), 'model.name'],
  ['the name of the base model', () => tune(['--name', 'melody']), 'train.name'],
  ['a name that is a path', () => tune(['--name', '../mine']), 'train.name'],
  ['too few files', () => tunePersonal([join(mine, 'session 0')], base, options(), tuning()), 'personal.pieces'],
  ['a run on other files in its folder', () => tunePersonal([mine, join(mine, 'session 0')], base, options('--length', '16', '--rows', '3', '--every', '8', '--name', 'mine', '--run', join(home, 'run'), '--steps', '32', '--rate', '0.02'), tuning()), 'train.resume'],
  ['another run in its folder', () => tune(['--name', 'mine', '--run', join(home, 'run'), '--steps', '33']), 'train.resume'],
])('refuses %s', async (_, begin, code) => {
  await expect((async () => begin())()).rejects.toMatchObject({ code });
});
