import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCommand } from '../../src/cli/generate.ts';
import { saveModel } from '../../src/cli/models.ts';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import { drumOf } from '../../src/music/drums.ts';
import type { Shape } from '../../src/model/shape.ts';
import { ENCODINGS, encodingOf, type AnyEncodingName } from '../../src/music/encodings.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { writeSmf } from '../../src/music/smf-write.ts';
import { phraseFile } from './phrase.ts';
import { run } from './run.ts';
import { saveTiny, tinyFolder } from './tiny-models.ts';

const EVERY = Object.keys(ENCODINGS) as AnyEncodingName[];
const home = process.cwd();
let folder: string;
beforeAll(() => {
  folder = tinyFolder();
  for (const name of ['harmony', 'drums', 'accompaniment', 'note-chord'] as const) saveTiny(folder, name);
  process.chdir(folder);
  writeFileSync('in.mid', phraseFile());
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const generate = async (model: AnyEncodingName, out: string, ...words: string[]) => {
  await run(generateCommand, 'generate', ...words, '--model', model, '-o', out);
  return readSmf(readFileSync(out));
};

describe('generate, in every encoding', () => {
  it.each(EVERY)('gives the same bytes for the same seed, from nothing and from a file: %s', async (model) => {
    for (const prompt of [[], ['in.mid']]) {
      const bytes = async (...words: string[]): Promise<string> => {
        const song = await generate(model, 'again.mid', ...prompt, '--seconds', '8', ...words);
        expect(song.faults).toEqual([]);
        expect(song.tracks.some(({ name, notes }) => name.startsWith(`Antiphon ${model}`) && notes.length > 0)).toBe(true);
        return readFileSync('again.mid').toString('hex');
      };
      const first = await bytes();
      expect(await bytes()).toBe(first);
      expect(await bytes('--seed', '2')).not.toBe(first);
    }
  });

  it('writes four voices on tracks of their own, in the key asked for', async () => {
    const c = await generate('harmony', 'c.mid', '--seconds', '8', '--key', 'C');
    const d = await generate('harmony', 'd.mid', '--seconds', '8', '--key', 'Bm');
    await generate('harmony', 'a.mid', '--seconds', '8', '--key', 'Am');
    expect(c.tracks.map(({ name }) => name)).toEqual(['soprano', 'alto', 'tenor', 'bass'].map((voice) => `Antiphon harmony: ${voice}`));
    expect(new Set(c.tracks.map(({ notes }) => notes[0]?.channel)).size).toBe(4);
    expect(readFileSync('a.mid').equals(readFileSync('c.mid'))).toBe(true); // a key and its relative are one
    expect((d.tracks[0]?.notes[0]?.pitch ?? 0) - (c.tracks[0]?.notes[0]?.pitch ?? 0)).toBe(2);
    expect(c.tracks.every(({ notes }) => notes.every(({ tick, ticks }) => tick % 120 === 0 && ticks % 120 === 0 && tick + ticks <= 64 * 120))).toBe(true);
    expect(c.tracks.flatMap(({ notes }) => notes).length).toBeGreaterThan(8);
    await expect(generate('harmony', 'x.mid', '--key', 'H')).rejects.toMatchObject({ code: 'generate.key' });
  });

  it('goes on with voices where they end', async () => {
    const { tracks } = await generate('harmony', 'longer.mid', 'c.mid', '--seconds', '4');
    const added = tracks.filter(({ name }) => name.startsWith('Antiphon')).flatMap(({ notes }) => notes);
    const given = tracks.filter(({ name }) => name.startsWith('Given')).flatMap(({ notes }) => notes);
    const end = Math.max(...given.map(({ tick, ticks }) => tick + ticks));
    expect(Math.min(...added.map(({ tick }) => tick))).toBe(end);
    expect(Math.max(...added.map(({ tick, ticks }) => tick + ticks))).toBeLessThanOrEqual(end + 32 * 120);
  });

  it.each([['melody', 'folk'], ['performance', 'recital']] as const)('tells %s what is wished, where it knows it', async (model, style) => {
    const written = async (...words: string[]): Promise<string> => {
      await generate(model, 'wished.mid', 'in.mid', '--seconds', '8', ...words);
      return readFileSync('wished.mid').toString('hex');
    };
    const plain = await written();
    for (const words of [['--style', style], ['--density', '5'], ['--register', '1']]) expect([words, (await written(...words)) === plain]).toEqual([words, false]);
    expect(await written('--style', 'any')).toBe(plain);
    expect(await written('--density', '5', '--heed', '0')).toBe(plain);
    expect(await written('--density', '5', '--heed', '1')).not.toBe(await written('--density', '5', '--heed', '4'));
    await expect(written('--style', 'polka')).rejects.toMatchObject({ code: 'generate.style' });
    expect((await run(generateCommand, 'generate', '--model', model, '-o', 'x.mid', '--register', '6')).code).toBe(1);

    // A model that was trained before writes as it did, and says that it knows no wishes.
    const { hash, parts } = encodingOf(model, `${model}-1`);
    const shape: Shape = { kind: 'lstm', parts, embedding: 8, layers: [12, 8], head: 8 };
    saveModel(`models/${model}-before`, { name: `${model}-before`, encoding: model, encodingHash: hash, shape, training: {}, report: {} }, sampleWeights(shape, 5, 0.5));
    await run(generateCommand, 'generate', 'in.mid', '--seconds', '8', '--model', `${model}-before`, '-o', 'before.mid');
    expect(readSmf(readFileSync('before.mid')).tracks.at(-1)?.notes.length).toBeGreaterThan(0);
    await expect(run(generateCommand, 'generate', '--model', `${model}-before`, '-o', 'x.mid', '--density', '2')).rejects.toMatchObject({ code: 'generate.wish' });
  });

  it('drums on channel 10, each class once a step, in a style that there is', async () => {
    const groove = await generate('drums', 'groove.mid', '--seconds', '8', '--style', 'funk');
    const notes = groove.tracks[0]?.notes ?? [];
    expect(notes.length).toBeGreaterThan(10);
    expect(notes.every(({ channel: on, pitch: key }) => on === 10 && drumOf(key) !== undefined)).toBe(true);
    expect(new Set(notes.map(({ velocity: force }) => force)).size).toBeGreaterThan(3);
    await generate('drums', 'fill.mid', '--seconds', '8', '--style', 'funk', '--fill');
    expect(readFileSync('fill.mid').equals(readFileSync('groove.mid'))).toBe(false);
    await expect(generate('drums', 'x.mid', '--style', 'polka')).rejects.toMatchObject({ code: 'generate.style' });
  });

  it('drums on from the bar after the drums of a file', async () => {
    const { tracks } = await generate('drums', 'on.mid', 'in.mid', '--seconds', '4');
    expect(tracks.map(({ name }) => name)).toEqual(['Given', 'Antiphon drums']);
    // One stroke in 3/4: the next bar begins at the third quarter.
    expect(Math.min(...(tracks[1]?.notes ?? []).map(({ tick }) => tick))).toBeGreaterThanOrEqual(3 * 480 - 60);
  });

  it('plays chords and bass under a melody, as long as that lasts', async () => {
    const note = (key: number, start: number) => ({ start: ms(start), duration: ms(480), pitch: pitch(key), velocity: velocity(80), channel: channel(1) });
    const tune = (keys: readonly number[]): Uint8Array => writeSmf({ bpm: 120, tracks: [{ name: 'Melody', channel: channel(1), controls: [], notes: Array.from({ length: 16 }, (_, i) => note(keys[i % keys.length] as number, 500 * i)) }] });
    writeFileSync('tune.mid', tune([60, 62, 64, 65]));
    const backed = await generate('accompaniment', 'backed.mid', 'tune.mid', '--seconds', '1');
    expect(backed.tracks.map(({ name }) => name)).toEqual(['Given', 'Antiphon accompaniment: chords', 'Antiphon accompaniment: bass']);
    const ends = backed.tracks.slice(1).flatMap(({ notes }) => notes.map(({ tick, ticks }) => tick + ticks));
    expect(Math.max(...ends)).toBeLessThanOrEqual(16 * 480);
    expect(Math.max(...ends)).toBeGreaterThan(12 * 480);
    // It hears the tune: under another it plays something else.
    writeFileSync('tune.mid', tune([80, 90, 60, 50]));
    const other = await generate('accompaniment', 'other.mid', 'tune.mid', '--seconds', '1');
    expect(other.tracks[2]?.notes.map(({ pitch: key }) => key)).not.toEqual(backed.tracks[2]?.notes.map(({ pitch: key }) => key));
    await expect(generate('accompaniment', 'x.mid', 'tune.mid', '--style', 'polka')).rejects.toMatchObject({ code: 'generate.style' });
  });

  it('writes notes and chords on the grid, a chord upwards, after what was given', async () => {
    const { tracks } = await generate('note-chord', 'chords.mid', 'in.mid', '--seconds', '18');
    const added = tracks.at(-1)?.notes ?? [];
    expect(added.length).toBeGreaterThan(3);
    // The phrase ends at 7.2 s: the 48th 16th at 100 beats a minute.
    expect(added.every(({ tick, ticks }) => tick % 120 === 0 && tick >= 48 * 120 && tick + ticks <= (48 + 120) * 120)).toBe(true);
  });

  it('writes many into a folder, by seeds of their own', async () => {
    await run(generateCommand, 'generate', '--model', 'melody', '--seconds', '3', '--count', '11', '-o', 'many');
    expect(readdirSync('many')).toEqual(Array.from({ length: 11 }, (_, i) => `${String(i + 1).padStart(2, '0')}.mid`));
    const bytes = readdirSync('many').map((name) => readFileSync(`many/${name}`).toString('hex'));
    expect(new Set(bytes).size).toBe(11);
    await run(generateCommand, 'generate', '--model', 'melody', '--seconds', '3', '--count', '2', '-o', 'again');
    expect(readdirSync('again').map((name) => readFileSync(`again/${name}`).toString('hex'))).toEqual(bytes.slice(0, 2));
  });

  it('goes on from every file of a folder, alone and as long as others', async () => {
    for (const place of ['begun', 'rest']) mkdirSync(place);
    for (const name of ['a', 'b', 'c']) writeFileSync(`begun/${name}.mid`, phraseFile());
    await generate('melody', 'rest/a.mid', '--seconds', '6');
    await generate('melody', 'rest/b.mid', '--seconds', '2');
    await generate('melody', 'rest/c.mid', '--seconds', '2');
    const { told } = await run(generateCommand, 'generate', 'begun', '--like', 'rest', '--alone', '--model', 'melody', '-o', 'made');
    expect(told).toMatch(/^3 files, \d+ notes added; made\n$/);
    const songs = ['a', 'b', 'c'].map((name) => readSmf(readFileSync(`made/${name}.mid`)));
    expect(songs.map(({ tracks }) => tracks.map(({ name }) => name))).toEqual([['Antiphon melody'], ['Antiphon melody'], ['Antiphon melody']]);
    expect(songs[0]?.duration).toBeGreaterThan(3500);
    expect(songs[1]?.duration).toBeLessThan(3000);
    expect(readFileSync('made/b.mid').equals(readFileSync('made/c.mid'))).toBe(false);
    await run(generateCommand, 'generate', 'begun', '--count', '1', '--seconds', '1', '--model', 'melody', '-o', 'few');
    expect(readdirSync('few')).toHaveLength(1);
    expect(existsSync('few/begun')).toBe(false);
  });
});
