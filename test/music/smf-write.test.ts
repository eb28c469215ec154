import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import type { Note } from '../../src/music/note.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { PPQ, writeSmf, type Written } from '../../src/music/smf-write.ts';

const note = (start: number, duration: number, key: number, force: number, on = 1): Note =>
  ({ start: ms(start), duration: ms(duration), pitch: pitch(key), velocity: velocity(force), channel: channel(on) });
const byPitch = (a: Note, b: Note): number => a.pitch - b.pitch;
const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');

describe('writing a MIDI file', () => {
  it('writes these bytes', () => {
    const bytes = writeSmf({ bpm: 120, timeSignature: [3, 4], tracks: [{ name: 'A', channel: channel(2), program: 4, notes: [note(0, 500, 60, 100)], controls: [] }] });
    expect(hex(bytes)).toBe([
      '4d 54 68 64 00 00 00 06 00 01 00 02 01 e0',
      '4d 54 72 6b 00 00 00 17 00 ff 03 00 00 ff 51 03 07 a1 20 00 ff 58 04 03 02 18 08 00 ff 2f 00',
      '4d 54 72 6b 00 00 00 15 00 ff 03 01 41 00 c1 04 00 91 3c 64 83 60 81 3c 00 00 ff 2f 00',
    ].join(' '));
  });

  it('keeps every velocity and every controller value', () => {
    const notes = Array.from({ length: 127 }, (_, i) => note(i * 100, 50, 60, i + 1));
    const controls = Array.from({ length: 128 }, (_, value) => ({ time: ms(value * 100), controller: 64, value, channel: channel(1) }));
    const song = readSmf(writeSmf({ bpm: 97, tracks: [{ name: '', channel: channel(1), notes, controls }] }));
    expect(song.tracks[0]?.notes.map((n) => n.velocity)).toEqual(notes.map((n) => n.velocity));
    expect(song.tracks[0]?.controls.map((c) => c.value)).toEqual(controls.map((c) => c.value));
  });

  it('keeps names beyond ASCII', () => {
    const song = readSmf(writeSmf({ bpm: 120, tracks: [{ name: 'Spieler für Zwölf 歌', channel: channel(1), notes: [note(0, 1, 60, 1)], controls: [] }] }));
    expect(song.tracks[0]?.name).toBe('Spieler für Zwölf 歌');
  });

  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 127 }), { minLength: 1, maxLength: 12 });
  const force = fc.integer({ min: 1, max: 127 });
  /** Each key once a track, so that which off belongs to which on is not in question. */
  const track = fc.tuple(keys, fc.array(fc.tuple(fc.double({ min: 0, max: 60_000, noNaN: true }), fc.double({ min: 0, max: 9000, noNaN: true }), force), { minLength: 12, maxLength: 12 }))
    .map(([played, rows]) => played.map((key, i) => {
      const [start, duration, struck] = rows[i] ?? [0, 0, 1];
      return note(start, duration, key, struck);
    }));
  const music = fc.record({ bpm: fc.double({ min: 20, max: 300, noNaN: true }), parts: fc.array(track, { minLength: 1, maxLength: 3 }) })
    .map(({ bpm, parts }): Written => ({
      bpm,
      tracks: parts.map((notes, i) => ({ name: `part ${i}`, channel: channel(i + 1), notes, controls: [{ time: ms(i * 10), controller: 64, value: 127, channel: channel(i + 1) }] })),
    }));

  it('reads back what it wrote, within a tick, and writes the same bytes each time', () => {
    fc.assert(fc.property(music, (written) => {
      const bytes = writeSmf(written);
      expect(hex(writeSmf(written))).toBe(hex(bytes));
      const song = readSmf(bytes);
      expect(song.faults).toEqual([]);
      expect(song.tempos[0]?.bpm).toBe(60_000_000 / Math.round(60_000_000 / written.bpm));
      const tick = 60_000 / (song.tempos[0]?.bpm ?? NaN) / PPQ;
      for (const [i, { name, notes }] of written.tracks.entries()) {
        const back = [...(song.tracks[i]?.notes ?? [])].sort(byPitch);
        expect(song.tracks[i]?.name).toBe(name);
        expect(back.map((n) => [n.pitch, n.velocity, n.channel])).toEqual([...notes].sort(byPitch).map((n) => [n.pitch, n.velocity, i + 1]));
        for (const [at, was] of [...notes].sort(byPitch).entries()) {
          expect(Math.abs((back[at]?.start ?? NaN) - was.start)).toBeLessThanOrEqual(tick / 2 + 1e-6);
          expect(Math.abs((back[at]?.duration ?? NaN) - was.duration)).toBeLessThanOrEqual(tick + 1e-6);
        }
      }
    }), { seed: 3, numRuns: 200 });
  });
});
