import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataSetIn } from '../../src/cli/data-set.ts';
import { cardOf } from '../../src/cli/models.ts';
import { songOf } from '../../src/cli/song.ts';
import { trainAgain } from '../../src/cli/train-again.ts';
import { trainModel, type Workshop } from '../../src/cli/train-model.ts';
import { addTrainOptions, type TrainOptions } from '../../src/cli/train-options.ts';
import { coins } from '../../src/core/rng.ts';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { loadTrainingCpu } from '../training/cpu.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-again-'));
const data = join(home, 'data');
const models = join(home, 'models');
let tf: Tf;
let printed = '';

/** A tune by chance in C, each with an opening of its own. */
const tune = (key: number): Uint8Array => {
  const coin = coins(key);
  return songOf(Array.from({ length: 24 }, (_, i) => ({ role: 0, start: ms(i * 250), duration: ms(240), pitch: pitch(60 + Math.floor(coin() * 13)), velocity: velocity(80), channel: channel(1) })));
};

beforeAll(async () => {
  process.env['ANTIPHON_STORE'] = join(home, 'store');
  tf = await loadTrainingCpu();
  mkdirSync(join(data, 'tunes'), { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(join(data, 'tunes', `${i}.mid`), tune(i));
});
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
});
afterAll(() => rmSync(home, { recursive: true }));

const workshop = (stop = (): boolean => false): Workshop => ({ engine: () => ({ tf, raw: null }), stop });
const words = ['--encoding', 'melody', '--layers', '8', '--embedding', '8', '--head', '8', '--length', '8', '--rows', '3', '--every', '3', '--dropout', '0.2', '--floor-symbols', '300'];
const optionsOf = (...more: string[]): TrainOptions => addTrainOptions(new Command().exitOverride()).parse([...words, '--licence', 'tunes by chance', ...more], { from: 'user' }).opts<TrainOptions>();
const make = (name: string, hash: string, ...more: string[]): ReturnType<typeof trainModel> =>
  trainModel({ name, encoding: encodingOf('melody', hash), folders: [join(data, 'tunes')], options: optionsOf(...more), place: join(models, name), run: join(home, 'runs', name) }, workshop());
const nothingSaid = (_option: string): boolean => false;
const again = (model: string, name: string, stop?: () => boolean, said = nothingSaid, folders = [data]): Promise<void> =>
  trainAgain(folders, join(models, model), { ...optionsOf(), name, run: join(home, 'runs', name) }, said, workshop(stop), models);
const weightsOf = (name: string): Buffer => readFileSync(join(models, name, 'weights.bin'));

describe('a model trained again', () => {
  it('is the same to the last bit, what it began with included, though that was of an earlier encoding', { timeout: 180_000 }, async () => {
    await make('first', 'melody-1', '--steps', '6', '--rate', '2');
    await make('second', 'melody-2', '--steps', '5', '--rate', '1', '--forget', '0.9', '--begin', join(models, 'first'));
    await make('unforgetful', 'melody-2', '--steps', '5', '--rate', '1', '--begin', join(models, 'first'));
    // Each training moves the weights by more than half precision rounds away, and so does what is forgotten.
    expect(['first', 'unforgetful'].map((other) => weightsOf(other).equals(weightsOf('second')))).toEqual([false, false]);
    renameSync(join(models, 'first'), join(home, 'first')); // a base is not shipped
    await again('second', 'third');
    expect(weightsOf('third').equals(weightsOf('second'))).toBe(true);
    const [second, third] = [cardOf(join(models, 'second')), cardOf(join(models, 'third'))];
    expect(third.training).toMatchObject({ command: second.training['command'], licences: ['tunes by chance'], forgetting: 0.9, base: { name: 'first', encodingHash: 'melody-1' } });
    expect(second.training['command']).toMatch(/^antiphon train tunes --encoding melody .*--forget 0.9 .*--begin first$/);
    const figure = (second.report['nllPerEvent'] as number).toFixed(4);
    expect(printed).toBe(`second: ${figure} nats an event on its report split; made again: ${figure}\n`);
  });

  it('stopped in the second training and begun again, goes on from there and ends the same', { timeout: 180_000 }, async () => {
    const first = join(home, 'runs', 'stopped', 'before-1', 'first', 'model.json');
    await again('second', 'stopped', () => existsSync(first));
    expect(existsSync(first)).toBe(true);
    expect(() => weightsOf('stopped')).toThrow(/ENOENT/);
    await again('second', 'stopped');
    expect(weightsOf('stopped').equals(weightsOf('second'))).toBe(true);
  });

  it('finds its data sets in the folder given, in a folder there, or as that itself', () => {
    expect([data, home, join(data, 'tunes')].map((folder) => dataSetIn(folder, 'tunes'))).toEqual(Array.from({ length: 3 }, () => join(data, 'tunes')));
    expect(dataSetIn(home, 'some/path/to/data')).toBe(data);
    expect([dataSetIn(models, 'tunes'), dataSetIn(join(home, 'nowhere'), 'tunes')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['what the card decides', () => again('second', 'x', undefined, (option) => option === 'layers'), /What the card decides already: "--layers"/],
    ['the name of the model itself', () => again('second', 'second'), /needs a name of its own: "second"/],
    ['folders without its data sets', () => again('second', 'x', undefined, nothingSaid, [models]), /learnt from a data set that is not in .*: "tunes"/],
  ])('refuses %s', async (_, begin, why) => {
    await expect(begin()).rejects.toThrow(why);
  });
});
