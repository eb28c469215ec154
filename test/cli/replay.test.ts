import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMuseModels } from '../../src/cli/muse-models.ts';
import { loadPatch } from '../../src/cli/patches.ts';
import { lineOf, Takes, type LogHeader } from '../../src/cli/recording.ts';
import { messagesOf } from '../../src/cli/rehearse.ts';
import { readLog, replayCommand } from '../../src/cli/replay.ts';
import { ms } from '../../src/core/units.ts';
import { castOf } from '../../src/live/cast.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { IN, OUT } from '../../src/stage/records.ts';
import { rehearse } from '../../src/stage/rehearsal.ts';
import { Stage } from '../../src/stage/stage.ts';
import { phraseFile } from './phrase.ts';
import { run } from './run.ts';
import { tinyFolder } from './tiny-models.ts';

const home = process.cwd();
let folder: string;
/** A session's log, line by line, as the daemon writes it. */
let log: string[];
let files = 0;

beforeAll(async () => {
  folder = tinyFolder();
  process.chdir(folder);
  const patch = loadPatch('duet');
  const { models } = await loadMuseModels('wasm', castOf([patch]));
  const tracks = readSmf(phraseFile()).tracks.slice(0, 1);
  const rehearsed = await rehearse(patch, models, messagesOf(tracks), 3, ms(5000));
  const header: LogHeader = { format: 'antiphon-log-1', seed: 3, engine: 'wasm', models: {}, cast: castOf([patch]), patches: [patch], start: 0 };
  log = [JSON.stringify(header)];
  const tell = (...record: number[]): boolean => log.push(lineOf(Array.from({ length: 8 }, (_, i) => record[i] ?? 0))) > 0;
  const stage = new Stage([patch], { send: () => {}, ask: () => {}, tell: tell as never }, ms(0));
  for (const record of [...rehearsed.log, [IN.panic, 0, 0, 0, 0, 0, 0, rehearsed.end]]) {
    log.push(lineOf(record));
    stage.take(Float64Array.from(record), ms(record[7] as number));
  }
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const codeOf = (line: string): number => (JSON.parse(line) as number[])[0] as number;
const isOut = (line: string): boolean => codeOf(line) >= 32;
/** Replays a log of these lines; the last has its newline unless `end` says otherwise. */
const replayed = async (lines: readonly string[], end = '\n', ...words: string[]) => {
  const file = `log${files++}.jsonl`;
  writeFileSync(file, lines.join('\n') + end);
  return run(replayCommand, 'replay', file, ...words);
};

describe('a line of the log', () => {
  it('holds every number bit for bit', () => {
    const values = [0.1 + 0.2, -0, Infinity, -Infinity, NaN, 1e-320, 2 ** 53, 12345.678901234567];
    const back = JSON.parse(lineOf(values)) as (number | null)[];
    expect(back.map((value) => value ?? NaN)).toEqual(values);
    expect(Object.is(back[1], -0)).toBe(true);
  });
});

describe('replay', () => {
  it('gives the same notes, and their MIDI file', async () => {
    const { out, told, code } = await replayed(log, '\n', '-o', 'session.mid');
    expect(out).toMatch(/^\d+ notes \(\d+ of Antiphon\), identical\n$/);
    expect({ told, code }).toEqual({ told: '', code: 0 });
    const { tracks } = readSmf(readFileSync('session.mid'));
    expect(tracks.map(({ name }) => name)).toEqual(['Player', 'Antiphon respond', 'Antiphon harmonise']);
    expect(tracks[0]?.controls).toHaveLength(2);
    expect(out).toContain(`${tracks.reduce((sum, { notes }) => sum + notes.length, 0)} notes`);
  });

  it('finds a number that differs in its last bit', async () => {
    const at = log.findLastIndex((line, i) => i > 0 && codeOf(line) === OUT.sounded);
    const record = JSON.parse(log[at] as string) as number[];
    record[6] = (record[6] as number) * (1 + Number.EPSILON);
    const { out, code } = await replayed(log.with(at, lineOf(record)), '\n', '-o', 'never.mid');
    expect(out).toBe(`line ${at + 1}: expected ${lineOf(record)}, found ${log[at]}\n`);
    expect(code).toBe(1);
    expect(existsSync('never.mid')).toBe(false);
  });

  it('finds a note too few and a note too many', async () => {
    const at = log.findIndex((line, i) => i > 0 && isOut(line) && !isOut(log[i + 1] as string));
    expect((await replayed(log.toSpliced(at, 1))).out).toBe(`line ${at + 1}: expected nothing before the next event, found ${log[at]}\n`);
    expect((await replayed(log.toSpliced(at, 0, log[at] as string))).out).toBe(`line ${at + 2}: expected ${log[at]}, found nothing\n`);
  });

  it('plays a log that a crash cut off as far as it is whole, and says so', async () => {
    const at = log.findLastIndex((line, i) => i > 0 && codeOf(line) === OUT.sounded);
    const cut = await replayed([...log.slice(0, at + 1), (log[at + 1] as string).slice(0, 5)], '', '-o', 'cut.mid');
    expect(cut.told).toMatch(new RegExp(`cut off in line ${at + 2};`));
    expect(cut).toMatchObject({ code: 0, out: expect.stringMatching(/identical\n$/) as string });
    // A note that never ended lasts to the last record.
    const sounded = log.slice(1, at + 1).filter((line) => codeOf(line) === OUT.sounded).length;
    const written = readSmf(readFileSync('cut.mid')).tracks.filter(({ name }) => name !== 'Player').reduce((sum, { notes }) => sum + notes.length, 0);
    expect(written).toBe(sounded);
    const between = log.findIndex((line, i) => i > 0 && !isOut(line) && isOut(log[i + 1] as string));
    expect(await replayed(log.slice(0, between + 1))).toMatchObject({ code: 0, told: expect.stringMatching(/cut off after its last line, before \d+ records/) as string });
    expect(await replayed([(log[0] as string)])).toMatchObject({ out: '0 notes (0 of Antiphon), identical\n' });
  });

  it.each([
    ['is no list', '{"a":1}', 'Line 3 of the log is no list of numbers: "{\\"a\\":1}".'],
    ['was cut and then written on', '[10,0,0', 'Line 3 of the log is no list of numbers: "[10,0,0".'],
    ['has too few numbers', '[10,0,0]', 'Line 3 of the log should hold 8 numbers and holds: 3.'],
    ['holds text', '[10,0,0,"x",0,0,0,1]', 'Line 3 of the log holds what is no number: "x".'],
    ['has an unknown code', '[99,0,0,0,0,0,0,1]', 'Line 3 of the log has a code unknown here: 99.'],
    ['is empty', '', 'Line 3 of the log is no list of numbers: "".'],
    ['chooses a patch that is not there', '[11,7,0,0,0,0,0,0]', 'Line 3 of the log chooses a patch of which the header has 1, number: 7.'],
  ])('says which line %s', async (_, line, message) => {
    await expect(replayed([log[0] as string, '[10,0,0,0,0,0,0,0]', line, '[10,0,0,0,0,0,0,2]'])).rejects.toMatchObject({ code: 'log.line', message: expect.stringContaining(message) as string });
  });

  it('refuses time that runs backwards, which a stage may not see', () => {
    expect(() => readLog([log[0], '[10,0,0,0,0,0,0,5]', '[10,0,0,0,0,0,0,4]', ''].join('\n'))).toThrow('Line 3 of the log goes back in time, to: 4.');
  });

  it.each(['', '\n', 'Dear diary', '{"format":"antiphon-log-2"}\n', '{"format":"antiphon-log-1","patches":[],"start":0}\n', '{"format":"antiphon-log-1","patches":[null],"start":0}\n', '[1,2,3]\n', 'null\n'])('refuses a header like %j', (text) => {
    expect(() => readLog(text)).toThrow(expect.objectContaining({ code: 'log.header' }) as Error);
  });

  it('names a file that is not there', async () => {
    await expect(run(replayCommand, 'replay', 'gone.jsonl')).rejects.toMatchObject({ code: 'file.read', value: 'gone.jsonl' });
  });
});

describe('takes', () => {
  it('begin with the first event, and end what a crash left sounding with the last record', () => {
    const takes = new Takes();
    for (const record of [[IN.wake, 0, 0, 0, 0, 0, 0, 1000], [IN.midi, 0x90, 60, 80, 5000, 16, 0, 5000], [OUT.sounded, 7, 3, 57, 40, 3, 5000, 5001], [IN.midi, 0x80, 60, 0, 5400, 16, 0, 5400], [IN.wake, 0, 0, 0, 0, 0, 0, 6001]]) takes.take(record);
    expect([takes.size, takes.answers]).toEqual([2, 1]);
    const notes = readSmf(takes.midi()).tracks.map((track) => track.notes.map(({ pitch, start, duration }) => [pitch, Math.round(start), Math.round(duration)]));
    expect(notes).toEqual([[[60, 0, 400]], [[57, 1, 1000]]]);
  });

  it('keep the same key of two inputs apart, and let one that is struck twice go first', () => {
    const takes = new Takes();
    for (const record of [[IN.midi, 0x90, 60, 80, 0, 0, 0, 0], [IN.midi, 0x90, 60, 70, 0, 1, 0, 100], [IN.midi, 0x90, 60, 60, 0, 0, 0, 200], [IN.midi, 0x80, 60, 0, 0, 0, 0, 300], [IN.midi, 0x90, 60, 0, 0, 1, 0, 400]]) takes.take(record);
    expect(readSmf(takes.midi()).tracks[0]?.notes.map(({ velocity }) => velocity)).toEqual([80, 70, 60]);
  });
});
