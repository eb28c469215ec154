import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms, pitch, type Pitch } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { ROLES } from '../../src/live/command.ts';
import { Foresight, TOGETHER } from '../../src/live/foresight.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES, type ParamName } from '../../src/live/params.ts';
import { Prompter } from '../../src/stage/prompter.ts';
import { modelsOf, randomModel } from './scripted.ts';

const notes = (...keys: number[]): Pitch[] => keys.map(pitch);
const ROLE = ROLES.indexOf('harmonise');

describe('a sight', () => {
  it('is found for the key after its own, in its time, with parameters of its generation', () => {
    const board = new Foresight();
    const first = board.open({ after: 7, generation: 2, from: ms(100), until: ms(225) });
    const second = board.open({ after: 7, generation: 2, from: ms(225), until: ms(350) });
    expect([ms(99), ms(100), ms(224.9), ms(225), ms(350)].map((time) => board.find(7, 2, time))).toEqual([0, first, first, second, 0]);
    expect([board.find(6, 2, ms(100)), board.find(7, 3, ms(100))]).toEqual([0, 0]);
  });

  it('tells the notes of each key it has come to, up to three, and none where none fits', () => {
    const board = new Foresight();
    const number = board.open({ after: 0, generation: 0, from: ms(0), until: ms(1) });
    board.write(number, 60, notes(57, 0, 127));
    board.write(number, 127, notes(124));
    board.write(number, 0, []);
    expect([60, 127, 0, 61].map((key) => board.read(number, key))).toEqual([[57, 0, 127], [124], [], null]);
  });

  it('is unknown once eight others have been opened, and is written to no more', () => {
    const board = new Foresight();
    const sight = { after: 0, generation: 0, from: ms(0), until: ms(1) };
    const number = board.open(sight);
    board.write(number, 60, notes(57));
    const later = Array.from({ length: 8 }, () => board.open(sight));
    board.write(number, 60, notes(50));
    expect(board.read(number, 60)).toBeNull();
    expect(later.map((each) => board.read(each, 60))).toEqual(later.map(() => null));
    expect(board.read(0, 60)).toBeNull();
  });
});

/** A muse of a small random model with what it says, and a clock for what it foresees where it does. */
const open = async (board: Foresight | null) => {
  const said: Completion[] = [];
  const clock = { now: ms(0) };
  const model = randomModel('harmony', 4);
  let asked = 0;
  const counting = { shape: model.shape, submit: (batch: Parameters<typeof model.submit>[0]) => ((asked += batch.length), model.submit(batch)), close: () => {} };
  const muse = new Muse(modelsOf({ harmony: counting }), 5, (completion) => said.push(completion), board && { board, now: () => clock.now });
  await muse.open();
  muse.ask({ kind: 'role', role: ROLE, model: 0 });
  const param = (name: ParamName, value: number): void => muse.ask(paramOf(name, value));
  const settle = async (now: number): Promise<void> => {
    clock.now = ms(now);
    while (await muse.step());
  };
  return { muse, said, param, settle, asked: () => asked };
};
const keysOf = (said: readonly Completion[], plan: number): number[] => said.flatMap((each) => (each.kind === 'harmony' && each.plan === plan ? [each.pitch] : []));
const paramOf = (name: ParamName, value: number): Extract<Ask, { kind: 'param' }> => ({ kind: 'param', role: ROLE, param: PARAM_NAMES.indexOf(name), value });
const harmony = (plan: number, key: number, voices: number, time: number): Extract<Ask, { kind: 'harmony' }> => ({ kind: 'harmony', plan, role: ROLE, pitch: pitch(key), voices, time: ms(time), foreseen: 0 });

/** A muse that has heard a key, of a model that takes so many milliseconds a key; and how many keys were drawn at once. */
const slowly = async (each: number) => {
  const model = randomModel('harmony', 4);
  const batches: number[] = [];
  let now = 0;
  const submit: typeof model.submit = (batch) => {
    now += each * batch.length;
    batches.push(batch.length);
    return model.submit(batch);
  };
  const board = new Foresight();
  const muse = new Muse(modelsOf({ harmony: { shape: model.shape, submit, close: () => {} } }), 5, () => {}, { board, now: () => ms(now) });
  await muse.open();
  muse.ask({ kind: 'role', role: ROLE, model: 0 });
  muse.ask(harmony(1, 60, 1, 0));
  return { muse, batches, board, pass: (until: number) => void (now = until) };
};

/** A muse with sights, and a prompter that reads them, after a first key at time 0. */
const prompted = async (until: number) => {
  const board = new Foresight();
  const prompter = new Prompter(board);
  const { muse, param, settle } = await open(board);
  param('voices', 1);
  muse.ask(harmony(1, 60, 1, 0));
  prompter.answer(harmony(1, 60, 1, 0));
  await settle(until);
  return prompter;
};

describe('what is foreseen', () => {
  it('is what would have been answered, for single keys, chords, pulses and parameters that change', async () => {
    const board = new Foresight();
    const prompter = new Prompter(board);
    const [ahead, asked] = [await open(board), await open(null)];
    const coin = coins(keyOf(11));
    let voices = 1;
    let time = 0;
    let plan = 0;
    let looked = 0;
    const tell = (name: ParamName, value: number): void => {
      ahead.param(name, value);
      asked.param(name, value);
      prompter.hear(paramOf(name, value));
      const news = prompter.news();
      if (news) ahead.muse.ask(news);
      if (name === 'voices') voices = value;
    };
    tell('voices', 1);
    for (let moment = 0; moment < 120; moment++) {
      time += TOGETHER + 10 + 900 * coin() ** 2;
      if (coin() < 0.1) tell('voices', 1 + Math.floor(coin() * 3));
      if (coin() < 0.1) tell('scale', Math.floor(coin() * 4));
      if (coin() < 0.1) tell('above', coin() < 0.5 ? 1 : 0);
      if (coin() < 0.1) tell('temperature', 0.5 + coin());
      // What harmony does not hang on.
      if (coin() < 0.5) tell('swing', coin());
      // As it is on stage: some time passes between what is told and the next key.
      await ahead.settle(time - 5);
      const keys = Array.from({ length: coin() < 0.3 ? 3 : 1 }, () => 36 + Math.floor(coin() * 50));
      for (const key of keys) {
        const ask = harmony(++plan, key, voices, time);
        const answer = prompter.answer(ask);
        ahead.muse.ask(answer ? { ...ask, foreseen: answer.sight } : ask);
        asked.muse.ask(ask);
        await ahead.settle(time + 1);
        await asked.settle(time + 1);
        const expected = keysOf(asked.said, plan);
        expect(answer?.notes ?? keysOf(ahead.said, plan), `plan ${plan}`).toEqual(expected);
        if (answer) looked++;
        time += 7;
      }
      const pulse: Ask = { kind: 'pulse', bpm: coin() < 0.3 ? 0 : 90 + Math.floor(coin() * 60), phase: ms(time) };
      ahead.muse.ask(pulse);
      asked.muse.ask(pulse);
      await ahead.settle(time);
    }
    expect(plan).toBeGreaterThan(150);
    expect(looked).toBeGreaterThan(0.9 * plan);
  });

  it('is what would have been answered to the very first key, in whatever key it is; the others of a first chord are asked for', async () => {
    for (const scale of [0, 2]) {
      for (const keys of [[52], [64], [61, 66, 70], [108, 54, 60]]) {
        const board = new Foresight();
        const prompter = new Prompter(board);
        const [ahead, asked] = [await open(board), await open(null)];
        for (const each of [ahead, asked]) {
          each.param('voices', 3);
          each.param('scale', scale);
        }
        // Longer than a bar: what was drawn is shown again.
        for (let time = 0; time < 3000; time += 20) await ahead.settle(time);
        for (const [i, key] of keys.entries()) {
          const ask = harmony(i + 1, key, 3, 3000 + i);
          const answer = prompter.answer(ask);
          expect(answer !== null, `key ${i} of ${keys}`).toBe(i === 0);
          ahead.muse.ask(answer ? { ...ask, foreseen: answer.sight } : ask);
          asked.muse.ask(ask);
          await ahead.settle(3000 + i);
          await asked.settle(3000 + i);
          const expected = keysOf(asked.said, i + 1);
          expect(expected.length).toBeGreaterThan(0);
          expect(answer?.notes ?? keysOf(ahead.said, i + 1)).toEqual(expected);
        }
      }
    }
  });

  it('holds for the time it was drawn for, and is drawn again for the next; after a bar nothing new is to be seen', async () => {
    const board = new Foresight();
    const { muse, param, settle, asked } = await open(board);
    param('voices', 2);
    muse.ask(harmony(1, 60, 2, 0));
    await settle(0);
    const counts: number[] = [];
    for (let step = 0; step <= 60; step++) {
      const before = asked();
      await settle(125 * step);
      counts.push(asked() - before);
      expect(board.read(board.find(1, 0, ms(125 * step + 20)), 64), `step ${step}`).not.toBeNull();
      expect(muse.due, `step ${step}`).toBe(125 * (step + 0.5));
    }
    // 88 keys of two voices each, a step ahead.
    expect(counts.slice(1, 10)).toEqual(counts.slice(1, 10).map(() => 176));
    expect(counts.slice(40)).toEqual(counts.slice(40).map(() => 0));
  });

  it('is drawn for fewer keys at once where that takes long, for those within an octave of the last at both steps before others, and for others in a quarter of the time', async () => {
    // Half a millisecond a key: two at once are what a key that is struck meanwhile may wait for.
    const { muse, batches, pass } = await slowly(0.5);
    while (await muse.step());
    const first = batches.indexOf(12);
    expect(first).toBeGreaterThan(0);
    const looked = batches.slice(first + 1);
    // A piece ends where those of the first step do, and those of the second.
    expect(new Set(looked)).toEqual(new Set([1, 2, 3]));
    expect([1, 2].map((step) => looked.some((_, i) => looked.slice(0, i + 1).reduce((sum, keys) => sum + keys, 12) === 25 * step))).toEqual([true, true]);
    // 31.25 ms of a step of 125.
    expect(looked.reduce((sum, keys) => sum + keys, 12)).toBe(63);
    expect(muse.due).toBe(62.5);
    pass(62.5);
    await muse.step();
    expect(muse.due).toBe(187.5);
    expect(batches.length).toBe(first + 2 + looked.length);
  });

  it('is drawn for those within an octave, however long that takes, and then for no others', async () => {
    const { muse, batches } = await slowly(1);
    while (await muse.step());
    const first = batches.indexOf(12);
    expect(batches.slice(first).reduce((sum, keys) => sum + keys)).toBe(50);
  });

  it('is drawn first for keys near those that either hand struck lately', async () => {
    const { muse, board, pass } = await slowly(1);
    while (await muse.step());
    pass(1000);
    muse.ask(harmony(2, 84, 1, 1000));
    while (await muse.step());
    const known = Array.from({ length: 88 }, (_, i) => 21 + i).filter((key) => board.read(board.find(2, 0, ms(1060)), key));
    // Six on each side of the last and of the one before it, less one.
    expect(known).toEqual([...[-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map((each) => 60 + each), ...[-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((each) => 84 + each)]);
  });

  it('is given up until the next key where one key alone takes too long', async () => {
    const { muse, batches, pass } = await slowly(3);
    const settled = async (): Promise<number> => {
      while (await muse.step());
      return batches.splice(0).filter((keys) => keys === 12).length;
    };
    expect(await settled()).toBe(1);
    for (const time of [200, 500, 1000]) {
      pass(time);
      expect(await settled()).toBe(0);
    }
    muse.ask(harmony(2, 62, 1, 1000));
    while (await muse.step());
    // The key's voice, two imagined, what is heard of them, and one try of one key.
    expect(batches).toEqual([1, 1, 1, 1, 1]);
  });

  it('is not believed once a parameter is another', async () => {
    const prompter = await prompted(100);
    expect(prompter.answer(harmony(2, 62, 1, 110))).not.toBeNull();
    // What harmony does not hang on, and another role's.
    prompter.hear(paramOf('swing', 0.5));
    prompter.hear({ ...paramOf('temperature', 0.5), role: ROLE - 1 });
    expect(prompter.answer(harmony(3, 64, 1, 115))).not.toBeNull();
    prompter.hear(paramOf('temperature', 0.5));
    // Of the same chord.
    expect(prompter.answer(harmony(4, 65, 1, 120))).toBeNull();
    expect(prompter.news()).toEqual({ kind: 'generation', generation: 1 });
    expect(prompter.news()).toBeNull();
  });

  it('answers the keys of a chord from one sight, beyond its time too', async () => {
    const prompter = await prompted(1000);
    const sights = [1055, 1060, 1070, 1100].map((time, i) => prompter.answer(harmony(2 + i, 64 + i, 1, time))?.sight);
    expect(sights[0]).toBeGreaterThan(0);
    expect(sights).toEqual(sights.map(() => sights[0]));
    expect(prompter.answer(harmony(9, 60, 1, 1100 + TOGETHER + 1))).toBeNull();
  });
});
