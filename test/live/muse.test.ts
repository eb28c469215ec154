import { describe, expect, it } from 'vitest';
import { ms, pitch } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES } from '../../src/live/params.ts';
import { heardOf, notesOf, randomModel, Scripted } from './scripted.ts';

const harmony = (plan: number, key: number, voices = 1): Ask => ({ kind: 'harmony', plan, role: 3, pitch: pitch(key), voices, time: ms(0) });
const grow = (plan: number, from: number, until: number, rest: Partial<Extract<Ask, { kind: 'grow' }>> = {}): Ask => ({ kind: 'grow', plan, role: 1, from: ms(from), until: ms(until), density: 4, velocity: 80, open: false, ...rest });
const on = (time: number, key: number): Ask => ({ kind: 'hear', time: ms(time), what: key, value: 80, player: true });
const param = (role: number, name: (typeof PARAM_NAMES)[number], value: number): Ask => ({ kind: 'param', role, param: PARAM_NAMES.indexOf(name), value });

/** Of harmony a third under what was struck last, of plans whatever a flat model gives. */
const thirds = (): Scripted =>
  new Scripted('performance', (part, given, before, outputs) => {
    const last = before.findLast(([what]) => (what as number) < 128)?.[0] ?? 60;
    if (part === 0 && given[1] === 0) return { [last - 4]: 5, [last - 9]: 3 };
    return part === 1 ? { 10: 0, 20: 0 } : Object.fromEntries(Array.from({ length: outputs }, (_, i) => [i, 0]));
  });

const museOver = async (performance: Scripted, melody: Scripted | null = null): Promise<{ muse: Muse; said: Completion[]; run: () => Promise<void> }> => {
  const said: Completion[] = [];
  const muse = new Muse({ performance, melody }, 1, (completion) => said.push(completion));
  await muse.open();
  performance.batches.length = 0;
  return { muse, said, run: async () => { while (await muse.step()); } };
};

describe('the muse', () => {
  it('harmonises what was just struck: one step to hear it, one to answer', async () => {
    const model = thirds();
    const { muse, said } = await museOver(model);
    muse.ask(on(0, 64));
    muse.ask(harmony(1, 64, 2));
    await muse.step();
    expect(said).toEqual([]);
    await muse.step();
    expect(said).toEqual([{ kind: 'harmony', plan: 1, index: 0, pitch: 60, last: false }, { kind: 'harmony', plan: 1, index: 1, pitch: 55, last: true }]);
    expect(model.batches.length).toBe(2);
  });

  it('says that there is no harmony where nothing fits', async () => {
    const { muse, said, run } = await museOver(thirds());
    muse.ask(param(3, 'low', 64));
    muse.ask(on(0, 64));
    muse.ask(harmony(1, 64));
    await run();
    expect(said).toEqual([{ kind: 'end', plan: 1, until: 0 }]);
  });

  it('lets harmony go before plans, at any step of theirs', async () => {
    const model = thirds();
    const { muse, said } = await museOver(model);
    muse.ask(grow(1, 1000, 3000));
    for (let step = 0; step < 40; step++) {
      await muse.step();
      muse.ask(on(step * 10, 64));
      muse.ask({ kind: 'hear', time: ms(step * 10), what: 128 + 64, value: 0, player: true });
      muse.ask(harmony(100 + step, 64));
      const before = model.batches.length;
      while (said.at(-1)?.plan !== 100 + step) await muse.step();
      // The strike is fed, harmony is asked.
      expect(model.batches.length - before).toBeLessThanOrEqual(3);
      while (muse.busy && model.batches.length - before < 3) await muse.step();
    }
  });

  it('grows a plan, says its end, and no more of it once it is cancelled', async () => {
    const { muse, said, run } = await museOver(thirds());
    muse.ask(grow(1, 1000, 2000));
    await run();
    expect(said.at(-1)).toEqual({ kind: 'end', plan: 1, until: 2000 });
    for (const { start, end } of notesOf(said)) expect([start >= 1000, end <= 2020]).toEqual([true, true]);
    said.length = 0;
    muse.ask(grow(2, 3000, 9000));
    while (said.length < 3) await muse.step();
    muse.ask({ kind: 'cancel', plan: 2 });
    await run();
    expect([said.length, muse.busy]).toEqual([3, false]);
    muse.ask(grow(3, 3000, 9000));
    muse.ask({ kind: 'cancel', plan: 3 });
    muse.ask({ kind: 'cancel', plan: 99 });
    await run();
    expect(said.length).toBe(3);
  });

  it('takes an open plan up where it was', async () => {
    const { muse, said, run } = await museOver(thirds());
    muse.ask(grow(1, 1000, 2000, { open: true }));
    await run();
    const first = notesOf(said).length;
    muse.ask({ kind: 'extend', plan: 1, until: ms(3000) });
    await run();
    const notes = notesOf(said);
    expect(notes.length).toBeGreaterThan(first);
    expect(notes[first]?.start).toBeGreaterThan(1990 - 500);
    expect(said.filter(({ kind }) => kind === 'end')).toEqual([{ kind: 'end', plan: 1, until: 2000 }, { kind: 'end', plan: 1, until: 3000 }]);
    muse.ask({ kind: 'cancel', plan: 1 });
    muse.ask({ kind: 'extend', plan: 1, until: ms(4000) });
    expect(muse.busy).toBe(false);
  });

  it('plays on the grid where the role has the melody model and there is a pulse', async () => {
    const melody = new Scripted('melody', () => ({ 0: 0, 62: 0, 66: 0 }));
    const { muse, said, run } = await museOver(thirds(), melody);
    const asks: Ask[] = [{ kind: 'role', role: 1, melody: true }, grow(1, 1000, 3000)];
    for (const ask of asks) muse.ask(ask);
    await run();
    expect(melody.batches.length).toBe(0);
    for (const ask of heardOf([[0, 200, 60], [250, 200, 62]])) muse.ask(ask);
    muse.ask({ kind: 'pulse', bpm: 120, phase: ms(0) });
    muse.ask(grow(2, 1000, 3000));
    await run();
    for (const note of said) if (note.kind === 'note' && note.plan === 2) expect(note.time % 125).toBe(0);
    // It was told the line: C and D of the player's.
    const fed = melody.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event[0]] : []));
    expect(fed.slice(0, 5)).toEqual([130, 62, 0, 64, 0]);
    muse.ask({ kind: 'role', role: 1, melody: false });
    melody.batches.length = 0;
    muse.ask(grow(3, 5000, 6000));
    await run();
    expect(melody.batches.length).toBe(0);
  });

  it('keeps the parameters of each role apart', async () => {
    const { muse, said, run } = await museOver(thirds());
    muse.ask(param(2, 'low', 90));
    muse.ask(param(2, 'high', 95));
    muse.ask(grow(1, 0, 2000));
    muse.ask(grow(2, 0, 2000, { role: 2 }));
    await run();
    const pitches = (plan: number): number[] => said.flatMap((each) => (each.kind === 'note' && each.plan === plan ? [each.pitch] : []));
    expect(Math.min(...pitches(2))).toBeGreaterThanOrEqual(90);
    expect(Math.min(...pitches(1))).toBeLessThan(90);
  });

  it('says the same for the same asks, however they lie between its steps', async () => {
    const asks: Ask[] = [...heardOf([[0, 200, 60], [250, 200, 64], [500, 200, 67]]), grow(1, 1000, 2500), grow(2, 1000, 2500, { role: 2 })];
    const sayings: Completion[][] = [];
    for (const between of [0, 2, 5]) {
      const said: Completion[] = [];
      const muse = new Muse({ performance: randomModel('performance', 4), melody: null }, 9, (completion) => said.push(completion));
      await muse.open();
      for (const ask of asks) {
        muse.ask(ask);
        if (ask.kind === 'hear') for (let i = 0; i < between; i++) await muse.step();
      }
      while (await muse.step());
      sayings.push(said);
    }
    expect(sayings[1]).toEqual(sayings[0]);
    expect(sayings[2]).toEqual(sayings[0]);
  });
});
