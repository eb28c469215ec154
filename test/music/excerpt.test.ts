import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { excerptOf } from '../../src/music/excerpt.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { writeSmf } from '../../src/music/smf-write.ts';

const note = (start: number, duration: number, key: number) => ({ start: ms(start), duration: ms(duration), pitch: pitch(key), velocity: velocity(80), channel: channel(1) });
const pedal = (time: number, value: number) => ({ time: ms(time), controller: 64, value, channel: channel(1) });
const heard = (notes: ReturnType<typeof note>[], controls: ReturnType<typeof pedal>[] = [], on = 1, seconds = 3) =>
  excerptOf(readSmf(writeSmf({ bpm: 120, tracks: [{ name: '', channel: channel(on), notes, controls }] })), seconds).map(([start, length, key, force]) => [Number(start.toFixed(2)), Number(length.toFixed(2)), key, force]);

describe('an excerpt', () => {
  it('begins with the first note and is cut at its end', () => {
    expect(heard([note(2000, 500, 60), note(4500, 2000, 64), note(5000, 500, 67)])).toEqual([[0, 0.5, 60, 80], [2.5, 0.5, 64, 80]]);
  });
  it('holds what the pedal holds', () => {
    expect(heard([note(0, 500, 60), note(1000, 250, 62), note(2000, 500, 64)], [pedal(250, 127), pedal(1500, 0), pedal(2100, 127)])).toEqual([[0, 1.5, 60, 80], [1, 0.5, 62, 80], [2, 0.5, 64, 80]]);
  });
  it('has no drums', () => expect(heard([note(0, 500, 36)], [], 10)).toEqual([]));
});
