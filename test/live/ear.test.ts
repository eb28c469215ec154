import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { Ear } from '../../src/live/ear.ts';
import { openState } from '../../src/model/predictor.ts';
import { MANNERS, OPEN } from '../../src/music/conditions.ts';
import { ENCODINGS, encodingOf } from '../../src/music/encodings.ts';
import { WHAT } from '../../src/music/performance.ts';
import { randomModel, Scripted } from './scripted.ts';

const on = (time: number, key: number) => ({ time: ms(time), what: WHAT.on + key, value: 80 });
const off = (time: number, key: number) => ({ time: ms(time), what: WHAT.off + key, value: 0 });

/** An ear over a model that only remembers, and what it was fed without the start. */
const listening = async (window = 100): Promise<{ ear: Ear; model: Scripted; fed: () => number[][] }> => {
  const model = new Scripted('performance', () => ({}));
  const ear = new Ear(model, window);
  await ear.open();
  return { ear, model, fed: () => model.before(ear.state).filter(([what]) => what !== WHAT.start).map((event) => event.slice(0, 3)) };
};

const feedAll = async (ear: Ear): Promise<void> => {
  while (ear.behind > 0) await ear.feed();
};

describe('the ear', () => {
  it('hears events with the time since the one before', async () => {
    const { ear, fed } = await listening();
    for (const gesture of [on(1000, 60), on(1010, 64), off(1260, 60), { time: ms(1300), what: WHAT.pedalDown, value: 0 }]) ear.hear(gesture);
    expect(ear.behind).toBe(4);
    await feedAll(ear);
    expect(fed()).toEqual([[60, 0, 20], [64, 1, 20], [188, 25, 32], [256, 4, 32]]);
    expect([ear.now, ear.grammar.sounding, ear.grammar.pedal]).toEqual([1300, 1, true]);
  });

  it('tells what is wished as it then is with each event, to a model that knows it', async () => {
    const { ear, model } = await listening();
    const wished = { manner: MANNERS.indexOf('recital'), busyness: 0, register: 2 };
    ear.hear(on(0, 60));
    ear.heed(wished);
    ear.hear(on(100, 62));
    wished.busyness = 5;
    ear.hear(on(200, 64));
    await feedAll(ear);
    expect(model.before(ear.state).map((event) => event.slice(3))).toEqual([[0, 0, 0], [0, 0, 0], [3, 0, 2], [3, 5, 2]]);

    const before = new Scripted('performance', () => ({}), encodingOf('performance', 'performance-1').parts);
    const other = new Ear(before, 100);
    await other.open();
    other.heed(wished);
    other.hear(on(0, 60));
    await feedAll(other);
    expect(before.batches.flat().map((request) => request.kind === 'feed' && request.event)).toEqual([[WHAT.start, 0, 32], [60, 0, 20]]);
  });

  it('hears a key that two hold once down and once up', async () => {
    const { ear, fed } = await listening();
    for (const gesture of [on(0, 60), on(100, 60), off(200, 60), on(300, 62), off(400, 60), off(500, 62)]) ear.hear(gesture);
    await feedAll(ear);
    expect(fed().map(([what]) => what)).toEqual([60, 62, 188, 190]);
    expect(ear.grammar.sounding).toBe(0);
  });

  it('hears nothing impossible: keys up that are not down, a pedal twice', async () => {
    const { ear, fed } = await listening();
    const pedal = { time: ms(0), what: WHAT.pedalDown, value: 0 };
    for (const gesture of [off(0, 60), pedal, pedal, on(0, 61), off(5, 61), off(6, 61)]) ear.hear(gesture);
    await feedAll(ear);
    expect(fed().map(([what]) => what)).toEqual([256, 61, 189]);
  });

  it('takes one step of the model for each event, and for each step of the second state', async () => {
    const { ear, model } = await listening(3);
    for (let i = 0; i < 20; i++) {
      ear.hear(i % 2 === 0 ? on(i * 10, 60) : off(i * 10, 60));
      for (const act of [() => ear.feed(), () => ear.prime()]) {
        model.batches.length = 0;
        await act();
        expect(model.batches.flat().length).toBeLessThanOrEqual(1);
      }
    }
  });

  it('passes over the oldest where the model cannot keep up', async () => {
    const { ear } = await listening();
    for (let i = 0; i < 1200; i++) ear.hear(i % 2 === 0 ? on(i, 60) : off(i, 60));
    expect([ear.behind, ear.skipped, ear.grammar.sounding]).toEqual([512, 688, 0]);
  });

  it('hands over to a state that has heard the last events only, as a fresh one would be', async () => {
    const WINDOW = 12;
    const model = randomModel('performance', 1);
    const ear = new Ear(model, WINDOW);
    await ear.open();
    const coin = coins(keyOf(1));
    const events: number[][] = [];
    let handed = 0;
    let heard = 0;
    for (let i = 0; i < 150; i++) {
      const gesture = i % 2 === 0 ? on(i * 100, 60 + (i % 12)) : off(i * 100, 60 + ((i - 1) % 12));
      ear.hear(gesture);
      events.push([gesture.what, i === 0 ? 0 : 10, i % 2 === 0 ? 20 : 32, ...OPEN]);
      await feedAll(ear);
      heard++;
      // Idle steps come when they come.
      for (let idle = coin() < 0.6 ? 4 : 0; idle > 0; idle--) {
        const before = Float32Array.from(ear.state.memory);
        await ear.prime();
        if (before.every((value, at) => value === ear.state.memory[at])) continue;
        handed++;
        // What it has heard is told by the only fresh state that equals it.
        let found = 0;
        for (let last = WINDOW; last <= heard && found === 0; last++) {
          const fresh = openState(model.shape);
          for (const event of [[...ENCODINGS.performance.start], ...events.slice(-last)]) await model.submit([{ kind: 'feed', state: fresh, event }]);
          if (fresh.memory.every((value, at) => value === ear.state.memory[at]) && fresh.heads.every((value, at) => value === ear.state.heads[at])) found = last;
        }
        expect(found).toBeGreaterThanOrEqual(WINDOW);
        expect(found).toBeLessThanOrEqual(3 * WINDOW);
      }
    }
    expect(handed).toBeGreaterThan(5);
  });
});
