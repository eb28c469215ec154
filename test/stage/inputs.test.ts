import { expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { readPatch } from '../../src/live/patch.ts';
import { IN } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';

const patch = readPatch(
  JSON.stringify({ name: 'two', about: 'two inputs', inputs: [{ port: 'keys' }, { port: 'pads', channels: [10], thru: true }], outputs: [{ port: '*' }], roles: [] }),
  'two.json',
);

/** What is sent for one message of a port that row `row` chose. */
const sentFor = (row: number, ...messages: readonly (readonly [number, number, number])[]): number[][] => {
  const sent: number[][] = [];
  const stage = new Stage([patch], { send: (...bytes) => void sent.push(bytes as number[]), ask: () => {}, tell: () => true }, ms(0));
  messages.forEach(([status, a, b], i) => stage.take(Float64Array.of(IN.midi, status, a, b, i, 3, row, 0), ms(i)));
  return sent;
};

it('sends on what a row with thru lets in, every channel message unchanged', () => {
  const played = [[0x99, 36, 100], [0xa9, 36, 40], [0xb9, 1, 64], [0xc9, 5, 0], [0xd9, 30, 0], [0xe9, 0, 96], [0x89, 36, 17]] as const;
  expect(sentFor(1, ...played)).toEqual(played);
});

it('keeps out other channels of that row, and sends nothing on for a row without thru', () => {
  expect(sentFor(1, [0x90, 60, 100], [0x80, 60, 0])).toEqual([]);
  expect(sentFor(0, [0x99, 36, 100], [0x89, 36, 0])).toEqual([]);
});

it('counts bars by MIDI clock where the patch says so', () => {
  const clocked = readPatch(JSON.stringify({ name: 'clocked', about: 'on the cable', inputs: [{ port: '*' }], outputs: [], clock: { source: 'midi' }, roles: [] }), 'clocked.json');
  const stage = new Stage([clocked], { send: () => {}, ask: () => {}, tell: () => true }, ms(0));
  const take = (status: number, time: number): void => stage.take(Float64Array.of(IN.clock, status, time, 0, 0, 0, 0, 0), ms(time));
  take(0xfa, 90);
  for (let tick = 0; tick < 48; tick++) take(0xf8, 100 + tick * 25);
  expect(stage.session.bpm).toBeCloseTo(100, 6);
});
