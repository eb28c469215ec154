import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCommand } from '../../src/cli/generate.ts';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { writeSmf } from '../../src/music/smf-write.ts';
import { PHRASE, phraseFile } from './phrase.ts';
import { run } from './run.ts';
import { saveTiny, tinyFolder } from './tiny-models.ts';

const home = process.cwd();
let folder: string;
beforeAll(() => {
  folder = tinyFolder();
  process.chdir(folder);
  writeFileSync('in.mid', phraseFile());
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const generate = async (out: string, ...words: string[]) => {
  const ran = await run(generateCommand, 'generate', ...words, '-o', out);
  return { ...ran, song: readSmf(readFileSync(out)) };
};

describe('generate', () => {
  it('writes from nothing for as long as asked', async () => {
    const { song, told } = await generate('new.mid', '--seconds', '12');
    expect(told).toMatch(/^0 notes given, \d+ added; new\.mid\n$/);
    expect(song.tracks.map(({ name }) => name)).toEqual(['Antiphon performance']);
    expect(song.tracks[0]?.notes.length).toBeGreaterThan(3);
    expect(song.duration).toBeLessThanOrEqual(12_001);
    expect(song.faults).toEqual([]);
  });

  it('goes on where a file ends: both on tracks of their own, at its tempo', async () => {
    const { song } = await generate('longer.mid', 'in.mid', '--seconds', '5');
    const [given, added] = song.tracks;
    expect(song.tracks.map(({ name }) => name)).toEqual(['Given', 'Antiphon performance']);
    expect(given?.notes.map(({ pitch: key, start }) => [key, Math.round(start)])).toEqual(PHRASE.map(([key, start]) => [key, start]));
    expect(added?.notes.every(({ start, duration }) => start >= 7199 && start + duration <= 12_202)).toBe(true);
    expect(song.tempos[0]?.bpm).toBeCloseTo(100, 3);
  });

  it('lets a pedal go that the file leaves down', async () => {
    const note = { start: ms(0), duration: ms(500), pitch: pitch(60), velocity: velocity(80), channel: channel(1) };
    writeFileSync('pedal.mid', writeSmf({ bpm: 120, tracks: [{ name: '', channel: channel(1), notes: [note], controls: [{ time: ms(100), controller: 64, value: 127, channel: channel(1) }] }] }));
    const { song } = await generate('lifted.mid', 'pedal.mid', '--seconds', '2');
    expect(song.tracks[0]?.controls.map(({ time, value }) => [Math.round(time), value])).toEqual([[100, 127], [500, 0]]);
  });

  it('gives the same bytes for the same seed, and others for another seed or temperature', async () => {
    for (const model of ['performance', 'melody']) {
      const bytes = async (...words: string[]) => {
        await generate('again.mid', 'in.mid', '--model', model, '--seconds', '4', ...words);
        return readFileSync('again.mid').toString('hex');
      };
      const first = await bytes('--seed', '1');
      expect(await bytes('--seed', '1')).toBe(first);
      expect(await bytes('--seed', '2')).not.toBe(first);
      expect(await bytes('--seed', '1', '--temperature', '0.3')).not.toBe(first);
      expect(await bytes('--seed', '1', '--top-p', '0.2')).not.toBe(first);
    }
  });

  it('draws on what was given with a memory, and on no more than the model without', async () => {
    // A figure of four notes, six times; what goes on with it goes on from each note as it did.
    const figure = [60, 64, 67, 71];
    const notes = Array.from({ length: 24 }, (_, i) => ({ start: ms(i * 250), duration: ms(250), pitch: pitch(figure[i % 4] as number), velocity: velocity(80), channel: channel(1) }));
    writeFileSync('figure.mid', writeSmf({ bpm: 120, tracks: [{ name: 'Melody', channel: channel(1), notes, controls: [] }] }));
    const followed = async (...words: string[]): Promise<number> => {
      const { song } = await generate('remembered.mid', 'figure.mid', '--model', 'melody', '--seconds', '10', '--seed', '3', ...words);
      const keys = song.tracks[1]?.notes.map((note) => note.pitch as number) ?? [];
      return keys.filter((key, i) => i > 0 && figure.includes(key) && figure[(figure.indexOf(keys[i - 1] as number) + 1) % 4] === key).length;
    };
    const without = await followed();
    expect(await followed('--sharpness', '8')).toBe(without);
    expect(without).toBeLessThan(5);
    expect(await followed('--memory', '0.9')).toBeGreaterThan(without + 5);
    saveTiny(folder, 'drums');
    await expect(generate('never.mid', '--model', 'drums', '--memory', '0.5')).rejects.toThrow(/Nothing is remembered beyond the model itself in: "drums".*melody and performance/);
  });

  it('keeps melodies to the 16th grid of the tempo', async () => {
    const { song } = await generate('tune.mid', '--model', 'melody', '--seconds', '8', '--bpm', '90');
    const notes = song.tracks[0]?.notes ?? [];
    expect(notes.length).toBeGreaterThan(2);
    expect(song.tempos[0]?.bpm).toBeCloseTo(90, 3);
    expect(notes.every(({ tick, ticks }) => tick % 120 === 0 && ticks % 120 === 0)).toBe(true);
    expect(notes.every(({ start }, i) => i === 0 || start > (notes[i - 1]?.start ?? 0))).toBe(true);
  });

  it('goes on from the line of a file on its own grid', async () => {
    const { song } = await generate('line.mid', 'in.mid', '--model', 'melody', '--seconds', '4');
    const [given, added] = song.tracks;
    expect(given?.notes).toHaveLength(PHRASE.length);
    // The phrase ends at 7.2 s: the 48th 16th at 100 beats a minute.
    expect(added?.notes[0]?.tick).toBeGreaterThanOrEqual(48 * 120);
    expect(added?.notes.every(({ tick }) => tick % 120 === 0)).toBe(true);
  });

  it('says what is wrong and writes nothing', async () => {
    await expect(generate('never.mid', '--model', 'perfromance')).rejects.toMatchObject({ code: 'model.name' });
    await expect(generate('never.mid', 'gone.mid')).rejects.toMatchObject({ code: 'file.read' });
    for (const words of [['--seconds', '0'], ['--temperature', 'hot'], ['--top-p', '2'], ['--bpm', '-1']]) {
      expect(await run(generateCommand, 'generate', ...words, '-o', 'never.mid')).toMatchObject({ code: 1, told: expect.stringContaining(words[0] as string) as string });
    }
    expect(existsSync('never.mid')).toBe(false);
  });
});
