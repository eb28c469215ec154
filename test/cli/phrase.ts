import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { writeSmf } from '../../src/music/smf-write.ts';

/** Key, start, length in milliseconds, velocity: a phrase under one pedal, and a second after a rest. */
export const PHRASE = [
  [60, 0, 270, 74], [64, 300, 240, 70], [67, 600, 260, 80], [72, 900, 520, 90], [71, 1500, 230, 76], [69, 1800, 500, 72],
  [60, 6000, 300, 60], [62, 6300, 300, 64], [64, 6600, 600, 70],
] as const;

const notes = PHRASE.map(([key, start, length, force]) => ({ start: ms(start), duration: ms(length), pitch: pitch(key), velocity: velocity(force), channel: channel(1) }));

/** A file of that phrase with its pedal, and a drum track beside it. */
export const phraseFile = (): Uint8Array =>
  writeSmf({
    bpm: 100,
    timeSignature: [3, 4],
    tracks: [
      { name: 'Piano', channel: channel(1), program: 4, notes, controls: [{ time: ms(900), controller: 64, value: 127, channel: channel(1) }, { time: ms(2300), controller: 64, value: 0, channel: channel(1) }] },
      { name: 'Drums', channel: channel(10), notes: [{ start: ms(0), duration: ms(100), pitch: pitch(36), velocity: velocity(100), channel: channel(10) }], controls: [] },
    ],
  });
