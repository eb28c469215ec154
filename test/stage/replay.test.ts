import { expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { rehearse, type PlayerMessage } from '../../src/stage/rehearsal.ts';
import { Stage } from '../../src/stage/stage.ts';
import { modelsOf, randomModel } from '../live/scripted.ts';
import { patchOf, shipped } from './playing.ts';

/** Phrases with rests between them, chords and pedal among the notes. */
const playing = (seed: number): PlayerMessage[] => {
  const coin = coins(keyOf(seed, 0x9e));
  const messages: PlayerMessage[] = [];
  let time = 100;
  for (let phrase = 0; phrase < 4; phrase++) {
    for (let note = 0; note < 6; note++) {
      const key = 48 + Math.floor(coin() * 36);
      const length = 80 + coin() * 300;
      messages.push({ time: ms(time), status: 0x90, a: key, b: 40 + Math.floor(coin() * 80) }, { time: ms(time + length), status: 0x80, a: key, b: 64 });
      if (coin() < 0.1) messages.push({ time: ms(time + 1), status: 0xb0, a: 64, b: 127 }, { time: ms(time + 400), status: 0xb0, a: 64, b: 0 });
      time += coin() < 0.2 ? 3 : 120 + coin() * 250;
    }
    time += 600 + coin() * 2500;
  }
  return messages.sort((a, b) => a.time - b.time);
};

const PATCHES = [...['duet', 'call-and-response', 'harmony', 'continuo', 'combo', 'drummer'].map(shipped), patchOf(['respond', 'continue', 'harmonise'], { voices: 3 }, { clock: { source: 'internal', bpm: 97 } })];
const models = modelsOf({ performance: randomModel('performance', 2), melody: randomModel('melody', 3), drums: randomModel('drums', 4), accompaniment: randomModel('accompaniment', 5), harmony: randomModel('harmony', 6) });

it('plays the same from the log of a rehearsal, record for record', { timeout: 60_000 }, async () => {
  let told = 0;
  for (const [i, patch] of PATCHES.entries()) {
    const rehearsed = await rehearse(patch, models, playing(i), i, ms(6000));
    const again: number[][] = [];
    const stage = new Stage([patch], { send: () => {}, ask: () => {}, tell: (...numbers) => again.push(numbers as number[]) > 0 }, ms(0));
    for (const record of rehearsed.log) stage.take(Float64Array.from(record), ms(record.at(-1) as number));
    stage.close(rehearsed.end);
    expect(again).toEqual(rehearsed.told);
    expect(stage.counters).toEqual(rehearsed.stage.counters);
    told += again.length;
  }
  expect(told).toBeGreaterThan(200);
});

it('plays the same from the same messages and seed, and something else from another', { timeout: 60_000 }, async () => {
  const notes = async (seed: number): Promise<string> => JSON.stringify((await rehearse(shipped('duet'), models, playing(1), seed, ms(6000))).notes);
  const first = await notes(1);
  expect(await notes(1)).toBe(first);
  expect(await notes(2)).not.toBe(first);
});

it("gives the player's notes as they were played, those that never ended too", async () => {
  const messages: PlayerMessage[] = [[0, 0x90, 60, 80], [100, 0x91, 60, 70], [200, 0x90, 60, 0], [300, 0x81, 60, 0], [350, 0x90, 60, 90], [400, 0x90, 60, 95], [450, 0x90, 72, 60]].map(([time, status, a, b]) => ({ time: ms(time as number), status, a, b }) as PlayerMessage);
  const { notes, end } = await rehearse(patchOf([]), models, messages, 1, ms(1000));
  expect(end).toBe(1450);
  expect(notes.map(({ start, duration, pitch, velocity, channel, role }) => [start, duration, pitch, velocity, channel, role])).toEqual([
    [0, 200, 60, 80, 1, 0],
    [100, 200, 60, 70, 2, 0],
    [350, 50, 60, 90, 1, 0],
    [400, 1050, 60, 95, 1, 0],
    [450, 1000, 72, 60, 1, 0],
  ]);
});
