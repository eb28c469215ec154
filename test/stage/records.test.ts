import { describe, expect, it } from 'vitest';
import { beats, bpm, ms, pitch, velocity } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { IN, OUT, pushAsk, pushCompletion, readAsk, readCompletion, type Push } from '../../src/stage/records.ts';
import { record } from './playing.ts';

/** Through a record, as it is written and read. */
const through = (write: (push: Push) => boolean): Float64Array => {
  let written = record();
  expect(write((...numbers) => ((written = record(...(numbers as number[]))), true))).toBe(true);
  return written;
};

const ASKS: readonly Ask[] = [
  { kind: 'hear', time: ms(1234.5), what: 257, value: 0, player: true },
  { kind: 'hear', time: ms(0), what: 60, value: 127, player: false },
  { kind: 'harmony', plan: 7, role: 3, pitch: pitch(64), voices: 3, time: ms(1234.5), foreseen: 9 },
  { kind: 'generation', generation: 12 },
  { kind: 'grow', plan: 4e9, role: 1, from: ms(10.25), until: ms(99.75), density: 3.3, velocity: 71.5, open: true },
  { kind: 'grow', plan: 1, role: 2, from: ms(0), until: ms(1), density: 1, velocity: 1, open: false },
  { kind: 'extend', plan: 3, until: ms(17) },
  { kind: 'cancel', plan: 3 },
  { kind: 'param', role: 1, param: 18, value: 0.5 },
  { kind: 'role', role: 1, model: 4 },
  { kind: 'role', role: 2, model: -1 },
  { kind: 'grid', role: 6, bpm: bpm(97.5), time: ms(1234.5), beat: beats(17.25) },
  { kind: 'pulse', bpm: 0, phase: ms(3.5) },
];

const COMPLETIONS: readonly Completion[] = [
  { kind: 'note', plan: 9, index: 0, pitch: pitch(127), velocity: velocity(1), time: ms(12.125) },
  { kind: 'note', plan: 9, index: 1, pitch: pitch(36), velocity: velocity(80), time: ms(12.125), bass: true },
  { kind: 'off', plan: 9, index: 12, time: ms(13) },
  { kind: 'harmony', plan: 9, index: 2, pitch: pitch(0), last: true },
  { kind: 'harmony', plan: 9, index: 1, pitch: pitch(5), last: false },
  { kind: 'end', plan: 9, until: ms(400) },
  { kind: 'guess', plan: 0, role: 3, weights: 2 ** 48 - 1 },
];

describe('records', () => {
  it('carry every ask there and back', () => {
    for (const ask of ASKS) expect(readAsk(through((push) => pushAsk(push, ask)))).toEqual(ask);
  });

  it('carry every completion there and back', () => {
    for (const completion of COMPLETIONS) expect(readCompletion(through((push) => pushCompletion(push, completion)))).toEqual(completion);
  });

  it('of other kinds are no completion', () => {
    const others = Object.values(IN).filter((code) => ![IN.note, IN.off, IN.harmony, IN.end, IN.guess].includes(code as never));
    for (const code of [...others, ...Object.values(OUT)]) expect(readCompletion(record(code, 1, 2, 3))).toBe(null);
  });

  it('say when the ring is full', () => {
    for (const ask of ASKS) expect(pushAsk(() => false, ask)).toBe(false);
    for (const completion of COMPLETIONS) expect(pushCompletion(() => false, completion)).toBe(false);
  });
});
