import { describe, expect, it } from 'vitest';
import { ms, pitch } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES } from '../../src/live/params.ts';
import { HARMONY } from '../../src/music/harmony.ts';
import { heardOf, modelsOf, notesOf, randomModel, Scripted } from './scripted.ts';

const harmony = (plan: number, key: number, voices = 1): Ask => ({ kind: 'harmony', plan, role: 3, pitch: pitch(key), voices, time: ms(0), foreseen: 0 });
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

const play = (role: number, model: number): Ask => ({ kind: 'role', role, model });

/** All of whose roles play with the first of the models. */
const museOver = async (performance: Scripted, others: Parameters<typeof modelsOf>[0] = {}): Promise<{ muse: Muse; said: Completion[]; guesses: Completion[]; run: () => Promise<void> }> => {
  const said: Completion[] = [];
  const guesses: Completion[] = [];
  const muse = new Muse(modelsOf({ performance, ...others }), 1, (completion) => (completion.kind === 'guess' ? guesses : said).push(completion));
  await muse.open();
  for (const role of [1, 2, 3]) muse.ask(play(role, 0));
  performance.batches.length = 0;
  return { muse, said, guesses, run: async () => { while (await muse.step()); } };
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

  it('tells the model a knob that is turned from the next event on, whoever plays it', async () => {
    const model = thirds();
    const { muse, run } = await museOver(model);
    const wishes = async (...asks: Ask[]): Promise<Set<string>> => {
      model.batches.length = 0;
      for (const ask of asks) muse.ask(ask);
      await run();
      // Beside a state that is told something another is fed the same untold.
      return new Set(model.batches.flatMap(([request]) => (request?.kind === 'feed' ? [String(request.event.slice(3))] : [])));
    };
    expect(await wishes(on(0, 64), param(1, 'register', 4), grow(1, 1000, 2000))).toEqual(new Set(['0,0,0', '0,0,4']));
    expect(await wishes(param(1, 'busyness', 2), on(2100, 65), grow(2, 2200, 3000))).toEqual(new Set(['0,2,4']));
    expect(await wishes(param(1, 'busyness', 0), param(1, 'register', 0), on(3100, 67), grow(3, 3200, 4000))).toEqual(new Set(['0,0,0']));
  });

  it('grows a plan, says its end, and no more of it once it is cancelled', async () => {
    const { muse, said, run } = await museOver(thirds());
    muse.ask(grow(1, 1000, 2000));
    await run();
    expect(said.at(-1)).toEqual({ kind: 'end', plan: 1, until: 2000 });
    for (const { start, end } of notesOf(said)) expect([start >= 1000, end <= 2020]).toEqual([true, true]);
    said.length = 0;
    muse.ask(grow(2, 3000, 9000, { open: true }));
    while (said.length < 3) await muse.step();
    muse.ask({ kind: 'cancel', plan: 2 });
    await run();
    expect([said.length, muse.busy]).toEqual([3, false]);
    muse.ask(grow(3, 3000, 9000));
    muse.ask({ kind: 'cancel', plan: 3 });
    muse.ask({ kind: 'cancel', plan: 99 });
    await run();
    muse.ask(grow(4, 3000, 9000));
    for (let step = 0; step < 100; step++) await muse.step();
    expect(muse.busy).toBe(true);
    muse.ask({ kind: 'cancel', plan: 4 });
    await run();
    expect([said.length, muse.busy]).toEqual([3, false]);
  });

  it('says of an answer all at once the draft that is most tied to what was heard', async () => {
    // Who heard nothing goes up in thirds, who heard a key goes up and down: an answer that goes down is the likelier for it.
    const model = new Scripted('performance', (part, _given, before) => {
      const last = before.findLast(([what]) => (what as number) < 128)?.[0] as number | undefined;
      if (part === 1) return { 20: 0 };
      if (part === 2) return { 20: 0 };
      const down = before.at(-1)?.[0] as number;
      if (down < 128) return { [128 + down]: 0 };
      const told = before.some(([what]) => what === 36);
      return { [(last ?? 60) + 4]: 0, [(last ?? 60) - 1]: told ? 0 : -8 };
    });
    const answered = async (drafts: boolean): Promise<number> => {
      const said: Completion[] = [];
      let now = 0;
      const muse = new Muse(modelsOf({ performance: model }), 3, (completion) => completion.kind !== 'guess' && said.push(completion), null, () => ms(drafts ? now : (now += 10_000)));
      await muse.open();
      for (const ask of heardOf([[0, 200, 36], [300, 200, 72]])) muse.ask(ask);
      muse.ask(play(1, 0));
      muse.ask(grow(1, 1000, 5000));
      while (said.length === 0) await muse.step();
      const at = said.length;
      while (await muse.step());
      if (drafts) expect(at).toBeGreaterThan(10);
      const keys = notesOf(said).map(({ key }) => key);
      return keys.filter((key, i) => key < (keys[i - 1] ?? 0)).length / (keys.length - 1);
    };
    const [chosen, first] = [await answered(true), await answered(false)];
    expect(chosen).toBeGreaterThan(first);
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
    const { muse, said, run } = await museOver(thirds(), { melody });
    const asks: Ask[] = [play(1, 1), grow(1, 1000, 3000)];
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
    muse.ask(play(1, 0));
    melody.batches.length = 0;
    muse.ask(grow(3, 5000, 6000));
    await run();
    expect(melody.batches.length).toBe(0);
  });

  it('plays each role with the model it names, each hearing for itself what sounds', async () => {
    const [first, second] = [thirds(), thirds()];
    const seconds = new Scripted('performance', (_, __, before) => ({ [((before.findLast(([what]) => (what as number) < 128)?.[0] as number) ?? 0) - 7]: 5 }));
    const said: Completion[] = [];
    const muse = new Muse([{ name: 'performance', encoding: 'performance', predictor: first }, { name: 'mine', encoding: 'performance', predictor: seconds }, { name: 'other', encoding: 'performance', predictor: second }], 1, (completion) => completion.kind !== 'guess' && said.push(completion));
    await muse.open();
    for (const ask of [play(1, 0), play(3, 1), on(0, 64), harmony(1, 64)]) muse.ask(ask);
    const fed = (model: Scripted): number[] => model.batches.slice(1).flat().flatMap((request) => (request.kind === 'feed' ? [request.event[0] as number] : []));
    // Harmony waits for its own model's ear, and for no other.
    await muse.step();
    await muse.step();
    expect([said, fed(first), fed(seconds), fed(second)]).toEqual([[{ kind: 'harmony', plan: 1, index: 0, pitch: 57, last: true }], [], [64], []]);
    await muse.step();
    expect([fed(first), muse.busy]).toEqual([[64], false]);
    // What no role plays with hears when nothing else is to be done, so that it knows the past when a patch calls for it.
    while (await muse.step());
    expect(fed(second)).toEqual([64]);
    for (const ask of [play(3, 2), on(500, 72), harmony(2, 72)]) muse.ask(ask);
    while (await muse.step());
    expect(said.at(-1)).toEqual({ kind: 'harmony', plan: 2, index: 0, pitch: 68, last: true });
    expect([fed(first), fed(seconds), fed(second)]).toEqual([[64, 72], [64, 72], [64, 72]]);
  });

  it('harmonises with a choir where the role names a model of harmony, by ear where it names one of performance', async () => {
    const choir = new Scripted('harmony', (part) => ({ [HARMONY.on + ([0, 0, 57, 52, 45][part] as number)]: 9 }));
    const { muse, said, run } = await museOver(thirds(), { harmony: choir });
    for (const ask of [param(3, 'scale', 1), param(3, 'topK', 1), on(0, 64), harmony(1, 64, 2), play(3, 1), on(500, 64), harmony(2, 64, 2)]) muse.ask(ask);
    await run();
    expect(said.flatMap((each) => (each.kind === 'harmony' ? [[each.plan, each.pitch]] : []))).toEqual([[1, 60], [1, 55], [2, 57], [2, 52]]);
  });

  it('lets a choir hear a key that is not to be harmonised any more', async () => {
    const choir = new Scripted('harmony', (part) => ({ [HARMONY.on + ([0, 0, 57, 52, 45][part] as number)]: 9 }));
    const { muse, said, run } = await museOver(thirds(), { harmony: choir });
    for (const ask of [play(3, 1), param(3, 'scale', 1), on(0, 64), harmony(1, 64, 2), { kind: 'cancel', plan: 1 } as const]) muse.ask(ask);
    await run();
    expect(said).toEqual([]);
    // Its voices are imagined, as those are that nobody asked for.
    expect(choir.batches.flat().at(-1)).toMatchObject({ kind: 'feed', event: [0, HARMONY.on + 64, HARMONY.on + 57, HARMONY.on + 52, HARMONY.on + 45, 64, 57, 52, 45, 0] });
  });

  it('says with each harmony what it holds likeliest, for a key that it may be late with', async () => {
    const { muse, guesses, run } = await museOver(thirds());
    for (const ask of [on(0, 64), harmony(1, 64)]) muse.ask(ask);
    await run();
    // A third under what was struck last, and a sixth at an eighth of that.
    const guess = { kind: 'guess', plan: 0, role: 3, weights: 15 + 2 * 16 ** 7 };
    expect(guesses).toEqual([guess]);
    // It was late: asked once more when there is time, of the key that it missed.
    for (const ask of [on(500, 67), harmony(2, 67), { kind: 'cancel', plan: 2 } as const]) muse.ask(ask);
    await run();
    expect(guesses).toEqual([guess, { ...guess, weights: 15 * 16 ** 3 + 2 * 16 ** 10 }]);
  });

  it('guesses that a choir goes on with the chord that stands', async () => {
    const choir = new Scripted('harmony', (part) => ({ [HARMONY.on + ([0, 0, 57, 52, 45][part] as number)]: 9 }));
    const { muse, guesses, run } = await museOver(thirds(), { harmony: choir });
    for (const ask of [play(3, 1), param(3, 'scale', 1), param(3, 'topK', 1), on(0, 64), harmony(1, 64, 2)]) muse.ask(ask);
    await run();
    // E over A over E: an A counts for half as much.
    expect(guesses).toEqual([{ kind: 'guess', plan: 0, role: 3, weights: 15 * 16 ** 4 + 8 * 16 ** 9 }]);
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
    const asks: Ask[] = [play(1, 0), play(2, 0), ...heardOf([[0, 200, 60], [250, 200, 64], [500, 200, 67]]), grow(1, 1000, 2500), grow(2, 1000, 2500, { role: 2 })];
    const sayings: Completion[][] = [];
    for (const between of [0, 2, 5]) {
      const said: Completion[] = [];
      const muse = new Muse(modelsOf({ performance: randomModel('performance', 4) }), 9, (completion) => said.push(completion));
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
