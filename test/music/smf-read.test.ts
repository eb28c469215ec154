import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import { readSmf, type Song } from '../../src/music/smf-read.ts';

const chunk = (id: string, data: readonly number[], length = data.length): number[] => [
  ...[...id].map((c) => c.charCodeAt(0)), (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255, ...data,
];
const header = (format: number, tracks: number, division: readonly [number, number] = [0, 96]): number[] =>
  chunk('MThd', [0, format, 0, tracks, ...division]);
const END = [0, 0xff, 0x2f, 0];
const read = (...parts: readonly (readonly number[])[]): Song => readSmf(Uint8Array.from(parts.flat()));
/** [start, duration, pitch, velocity, channel] of every note of a track. */
const notesOf = (song: Song, track = 0): number[][] =>
  (song.tracks[track]?.notes ?? []).map((n) => [n.start, n.duration, n.pitch, n.velocity, n.channel]);
const faulty = (bytes: readonly number[]): AntiphonError => {
  try {
    readSmf(Uint8Array.from(bytes));
  } catch (thrown) {
    if (thrown instanceof AntiphonError) return thrown;
    throw thrown;
  }
  throw new Error('was read');
};

/** C4 for a quarter at velocity 80 on channel 1, by running status and velocity 0. */
const NOTE = [0, 0x90, 60, 80, 96, 60, 0];

describe('reading a MIDI file', () => {
  it('reads a note ended by velocity 0 under running status', () => {
    const song = read(header(0, 1), chunk('MTrk', [...NOTE, ...END]));
    expect(song).toEqual({
      ppq: 96,
      tracks: [{ name: '', program: null, controls: [], notes: [{ start: 0, duration: 500, pitch: 60, velocity: 80, channel: 1, tick: 0, ticks: 96 }] }],
      tempos: [{ tick: 0, time: 0, bpm: 120 }],
      metres: [{ tick: 0, numerator: 4, denominator: 4 }],
      duration: 500,
      faults: [],
    });
  });

  it('plays at 120 until a first tempo that comes later', () => {
    const tempo60 = [96, 0xff, 0x51, 3, 0x0f, 0x42, 0x40];
    const song = read(header(1, 2), chunk('MTrk', [...tempo60, ...END]), chunk('MTrk', [...NOTE, ...NOTE, ...END]));
    expect(song.tempos).toEqual([{ tick: 0, time: 0, bpm: 120 }, { tick: 96, time: 500, bpm: 60 }]);
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1], [500, 1000, 60, 80, 1]]);
  });

  it('counts SMPTE time in frames, whatever the tempo says', () => {
    const tempo60 = [0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40];
    const song = read(header(0, 1, [0xe7, 40]), chunk('MTrk', [...tempo60, ...NOTE, ...END])); // 25 frames of 40 ticks: 1 ms a tick
    expect(notesOf(song)).toEqual([[0, 96, 60, 80, 1]]);
    expect(song.ppq).toBe(500);
  });

  it('splits a track by channel, with its program and controls', () => {
    const track = [0, 0xff, 3, 2, 0x48, 0x69, 0, 0xc1, 33, 0, 0x91, 40, 70, 0, 0x90, 60, 80, 48, 0xb0, 64, 127, 48, 0x80, 60, 0, 0, 0x81, 40, 0, ...END];
    const song = read(header(0, 1), chunk('MTrk', track));
    expect(song.tracks.map((t) => [t.name, t.program])).toEqual([['Hi', null], ['Hi', 33]]);
    expect(notesOf(song, 0)).toEqual([[0, 500, 60, 80, 1]]);
    expect(notesOf(song, 1)).toEqual([[0, 500, 40, 70, 2]]);
    expect(song.tracks[0]?.controls).toEqual([{ time: 250, controller: 64, value: 127, channel: 1 }]);
  });

  it('ends the older of two notes on one key first', () => {
    const song = read(header(0, 1), chunk('MTrk', [0, 0x90, 60, 80, 48, 60, 81, 48, 60, 0, 96, 60, 0, ...END]));
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1], [250, 750, 60, 81, 1]]);
  });

  it('ends notes without an off at the end of the track', () => {
    const song = read(header(0, 1), chunk('MTrk', [0, 0x90, 60, 80, 96, 0xff, 0x2f, 0]));
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1]]);
    expect(song.faults).toEqual(['track 1: 1 notes had no end, ended with the track']);
  });

  it('unwraps RIFF, and passes over chunks it does not know', () => {
    const smf = [...header(0, 1), ...chunk('XFIH', [1, 2, 3]), ...chunk('MTrk', [...NOTE, ...END])];
    const song = read([0x52, 0x49, 0x46, 0x46, 99, 0, 0, 0, 0x52, 0x4d, 0x49, 0x44, 0x64, 0x61, 0x74, 0x61, smf.length, 0, 0, 0], smf);
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1]]);
    expect(song.faults).toEqual([]);
  });

  it('keeps what stands before the cut of a truncated file', () => {
    const song = read(header(0, 1), chunk('MTrk', [...NOTE, 0, 0x90], 100));
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1]]);
    expect(song.faults).toEqual(['track 1: 91 bytes are missing', 'track 1: cut at byte 7, an event is not whole']);
  });

  it('finds the next track where a length is wrong', () => {
    const track = [...NOTE, ...END];
    expect(read(header(1, 2), chunk('MTrk', track, 5000), chunk('MTrk', track)).tracks).toHaveLength(2);
    expect(read(header(1, 2), chunk('MTrk', track), [0, 0, 0, 0, 0, 0], chunk('MTrk', track)).faults).toEqual(['6 bytes between chunks']);
  });

  it('passes over oddities midi-file throws at', () => {
    const wrongKey = [0, 0xff, 0x59, 1, 0];
    const longText = [0, 0xff, 1, 0x8f, 0xff, 0x7f, ...Array.from({ length: 262_143 }, () => 65)];
    const song = read(header(0, 1), chunk('MTrk', [...wrongKey, ...longText, ...NOTE, ...END]));
    expect(notesOf(song)).toEqual([[0, 500, 60, 80, 1]]);
    expect(song.faults).toEqual(['track 1: meta event 89 of 1 bytes passed over']);
  });

  it('reads a file of a header only', () => {
    const song = read(header(1, 0));
    expect([song.tracks, song.duration, song.faults]).toEqual([[], 0, []]);
  });

  it.each([
    ['nothing', [], 'smf.read'],
    ['text', [...'hello, this is no music'].map((c) => c.charCodeAt(0)), 'smf.read'],
    ['half a header', header(0, 1).slice(0, 11), 'smf.read'],
    ['text that says MThd', [...'an MThd header has fourteen bytes'].map((c) => c.charCodeAt(0)), 'smf.read'],
  ])('refuses %s', (_, bytes, code) => {
    const error = faulty(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Not a MIDI file that can be read, .+: "\d+ bytes"\. Give a Standard MIDI File/);
  });

  it('reads or refuses a file cut at any byte, and with any byte changed', () => {
    const whole = [...header(1, 2), ...chunk('MTrk', [0, 0xff, 0x51, 3, 7, 0xa1, 0x20, ...END]), ...chunk('MTrk', [0, 0xff, 3, 1, 65, ...NOTE, 0, 0xf0, 2, 1, 0xf7, ...END])];
    for (let at = 0; at < whole.length; at++) {
      attempt(Uint8Array.from(whole.slice(0, at)));
      for (const value of [0, 0x7f, 0x80, 0xc0, 0xf1, 0xff]) attempt(Uint8Array.from(whole.with(at, value)));
    }
  });
});

const attempt = (bytes: Uint8Array): Song | AntiphonError => {
  try {
    const song = readSmf(bytes);
    for (const note of song.tracks.flatMap((track) => track.notes)) {
      if (!(note.start >= 0 && note.duration >= 0 && note.pitch <= 127 && note.velocity >= 1 && note.velocity <= 127)) throw new Error(`impossible note ${JSON.stringify(note)}`);
    }
    if (!Number.isFinite(song.duration)) throw new Error('no duration');
    return song;
  } catch (thrown) {
    if (thrown instanceof AntiphonError && thrown.code === 'smf.read') return thrown;
    throw thrown;
  }
};

const TORTURE = fileURLToPath(new URL('../../../shared/data/midi-torture', import.meta.url));

describe.skipIf(!existsSync(TORTURE))('awkward files of others (needs ../shared/data/midi-torture)', () => {
  it('gives music or an error for each', { timeout: 60_000 }, () => {
    const refused: string[] = [];
    let songs = 0;
    for (const entry of readdirSync(TORTURE, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const result = attempt(readFileSync(`${entry.parentPath}/${entry.name}`));
      if (!(result instanceof AntiphonError)) songs++;
      else if (/\.(mid|kar|rmi)$/.test(entry.name)) refused.push(entry.name);
    }
    expect(songs).toBeGreaterThanOrEqual(264);
    expect(refused.sort()).toEqual(['MIDIBadHeaderChunk.mid', 'test-empty-file.mid', 'test-not-a-midi-file.mid']);
  });
});
