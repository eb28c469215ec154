import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messagesOf, rehearseCommand } from '../../src/cli/rehearse.ts';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { writeSmf } from '../../src/music/smf-write.ts';
import { PHRASE, phraseFile } from './phrase.ts';
import { run } from './run.ts';
import { saveTiny, tinyFolder } from './tiny-models.ts';

const home = process.cwd();
const note = (key: number, start: number, duration: number, on = 1) => ({ start: ms(start), duration: ms(duration), pitch: pitch(key), velocity: velocity(80), channel: channel(on), tick: 0, ticks: 0 });
const control = (time: number, value: number) => ({ time: ms(time), controller: 64, value, channel: channel(1) });

describe('a file as a keyboard would send it', () => {
  const sent = (...args: Parameters<typeof messagesOf>): string[] => messagesOf(...args).map(({ time, status, a, b }) => `${time} ${status.toString(16)} ${a} ${b}`);

  it('lets go of keys before others are struck, and lifts a pedal before it is put down again', () => {
    const track = { name: '', program: null, notes: [note(60, 0, 500), note(62, 500, 100)], controls: [control(0, 127), control(500, 127), control(500, 0)] };
    expect(sent([track])).toEqual(['0 90 60 80', '0 b0 64 127', '500 b0 64 0', '500 80 60 0', '500 90 62 80', '500 b0 64 127', '600 80 62 0']);
  });

  it('lets go of a key that is struck again while it is down, each channel for itself', () => {
    const track = (notes: ReturnType<typeof note>[]) => ({ name: '', program: null, notes, controls: [] });
    expect(sent([track([note(60, 0, 500), note(60, 300, 500)]), track([note(60, 100, 100, 2)])])).toEqual(['0 90 60 80', '100 91 60 80', '200 81 60 0', '300 80 60 0', '300 90 60 80', '800 80 60 0']);
  });
});

describe('rehearse', () => {
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
  const rehearse = (...words: string[]) => run(rehearseCommand, 'rehearse', ...words);

  it('writes the player as in the file, each role on a track of its own, and says what happened', async () => {
    const { out } = await rehearse('in.mid', '-o', 'out.mid', '--seed', '3');
    expect(out).toMatch(/^9 notes in, \d+ back \(\d+ respond, 9 harmonise\); .*harmonies 9.*; out\.mid\n$/);
    const { tracks, tempos, metres } = readSmf(readFileSync('out.mid'));
    expect(tracks.map(({ name }) => name)).toEqual(['Player', 'Antiphon respond', 'Antiphon harmonise']);
    expect(tempos[0]?.bpm).toBeCloseTo(100, 3);
    expect(metres[0]).toMatchObject({ numerator: 3, denominator: 4 });
    const [player, respond, harmonise] = tracks;
    expect(player?.notes.map(({ pitch: key, start, duration, velocity: force }) => [key, Math.round(start), Math.round(duration), force])).toEqual(PHRASE.map((each) => [...each]));
    expect(player?.controls.map(({ controller, value }) => [controller, value])).toEqual([[64, 127], [64, 0]]);
    expect(player?.program).toBe(4);
    expect(respond?.notes.length).toBeGreaterThan(0);
    expect(new Set(respond?.notes.map((each) => each.channel))).toEqual(new Set([2]));
    expect(harmonise?.notes).toHaveLength(9);
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    for (const [name, seed] of [['a', '3'], ['b', '3'], ['c', '4']] as const) await rehearse('in.mid', '-o', `${name}.mid`, '--seed', seed, '--patch', 'call-and-response');
    expect(readFileSync('a.mid').equals(readFileSync('b.mid'))).toBe(true);
    expect(readFileSync('a.mid').equals(readFileSync('c.mid'))).toBe(false);
  });

  it('plays one track in when asked, drums too, by name or number', async () => {
    expect((await rehearse('in.mid', '-o', 'drums.mid', '--track', 'drums')).out).toMatch(/^1 notes in/);
    expect((await rehearse('in.mid', '-o', 'drums.mid', '--track', '2')).out).toMatch(/^1 notes in/);
    await expect(rehearse('in.mid', '-o', 'none.mid', '--track', 'flute')).rejects.toMatchObject({ code: 'song.track', advice: 'There are: 1 "Piano" (9 notes), 2 "Drums" (1 notes).' });
    expect(existsSync('none.mid')).toBe(false);
  });

  it('ends what sounds at the end of the tail', async () => {
    await rehearse('in.mid', '-o', 'tail.mid', '--patch', 'continuo', '--tail', '2');
    expect(readSmf(readFileSync('tail.mid')).duration).toBeLessThanOrEqual(7200 + 2000 + 2);
  });

  it('plays drums, chords and bass on the clock, each on its channel', async () => {
    saveTiny('.', 'drums');
    saveTiny('.', 'accompaniment');
    const { out } = await rehearse('in.mid', '-o', 'combo.mid', '--patch', 'combo', '--tail', '10');
    expect(out).toMatch(/^9 notes in, \d+ back \(\d+ accompany, \d+ bass, \d+ drum\);/);
    const { tracks } = readSmf(readFileSync('combo.mid'));
    expect(tracks.slice(1).map(({ name, notes }) => [name, ...new Set(notes.map((each) => each.channel))])).toEqual([['Antiphon accompany', 5], ['Antiphon bass', 6], ['Antiphon drum', 10]]);
    expect(tracks.every(({ notes }) => notes.length > 3)).toBe(true);
  });

  it('plays on without a drummer whose model is not there, and says so in a line', async () => {
    writeFileSync('alone.json', JSON.stringify({ name: 'alone', about: 'a test', inputs: [{ port: '*' }], outputs: [{ port: '*' }], roles: [{ kind: 'drum', model: 'no-such-drums' }, { kind: 'harmonise', model: 'performance' }] }));
    const { out, told } = await rehearse('in.mid', '-o', 'alone.mid', '--patch', 'alone.json');
    expect(told).toBe('there is no model no-such-drums: the role drum does not play\n');
    expect(out).toMatch(/^9 notes in, 9 back \(9 harmonise\);/);
  });

  it('plays with a model that a player trained, another than that of its name', async () => {
    saveTiny('.', 'performance', 'mine', 6);
    const patch = (name: string, respond: string, harmonise: string): void =>
      writeFileSync(`${name}.json`, JSON.stringify({ name, about: 'a test', inputs: [{ port: '*' }], outputs: [{ port: '*' }], roles: [{ kind: 'respond', model: respond }, { kind: 'harmonise', model: harmonise }] }));
    const played = async (name: string): Promise<{ respond: string; harmonise: string }> => {
      await rehearse('in.mid', '-o', `${name}.mid`, '--patch', `${name}.json`, '--seed', '3');
      const [, respond, harmonise] = readSmf(readFileSync(`${name}.mid`)).tracks.map(({ notes }) => notes.map(({ pitch: key }) => key).join(' '));
      return { respond: respond as string, harmonise: harmonise as string };
    };
    patch('both', 'performance', 'performance');
    patch('mixed', 'performance', 'mine');
    patch('swapped', 'mine', 'performance');
    const [both, mixed, swapped] = [await played('both'), await played('mixed'), await played('swapped')];
    expect([mixed.harmonise === both.harmonise, swapped.respond === both.respond]).toEqual([false, false]);
    // Up to the first answer all that sounds is the harmony.
    expect(swapped.harmonise.split(' ').slice(0, 6)).toEqual(both.harmonise.split(' ').slice(0, 6));
  });

  it.each([
    ['a file that is not there', 'gone.mid', () => {}, 'file.read'],
    ['a folder', 'folder.mid', () => mkdirSync('folder.mid'), 'file.read'],
    ['an empty file', 'empty.mid', () => writeFileSync('empty.mid', ''), 'smf.read'],
    ['what is no MIDI', 'text.mid', () => writeFileSync('text.mid', 'In the beginning was a text file, and it had no notes.'), 'smf.read'],
    ['a file without notes', 'still.mid', () => writeFileSync('still.mid', writeSmf({ bpm: 120, tracks: [{ name: 'Silence', channel: channel(1), notes: [], controls: [control(0, 127)] }] })), 'song.empty'],
    ['a file of drums alone', 'drums.mid', () => writeFileSync('drums.mid', writeSmf({ bpm: 120, tracks: [{ name: 'Kit', channel: channel(10), notes: [note(36, 0, 100, 10)], controls: [] }] })), 'song.empty'],
  ])('refuses %s and writes nothing', async (_, file, make, code) => {
    make();
    await expect(rehearse(file, '-o', 'never.mid')).rejects.toMatchObject({ code });
    expect(existsSync('never.mid')).toBe(false);
  });

  it('says where it cannot write, and needs to be told where', async () => {
    await expect(rehearse('in.mid', '-o', 'no/such/folder/out.mid')).rejects.toMatchObject({ code: 'file.write', value: 'no/such/folder/out.mid' });
    expect(await rehearse('in.mid')).toMatchObject({ code: 1, told: expect.stringContaining('--out') as string });
    await expect(rehearse('in.mid', '-o', 'x.mid', '--patch', 'duett')).rejects.toMatchObject({ code: 'patch.name' });
  });
});
