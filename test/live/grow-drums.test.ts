import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beats, bpm, ms } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { ROLES } from '../../src/live/command.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES, type ParamName } from '../../src/live/params.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { DRUM, DRUM_START, DrumGrammar, drumOf, tempoBin } from '../../src/music/drums.ts';
import { modelsOf, notesOf, randomModel, Scripted, type Script } from './scripted.ts';

const DRUMMER = ROLES.indexOf('drum');
const [WHAT, OFFSET] = [0, 2] as const;
/** Beats of 500 ms from 0. */
const grid: Ask = { kind: 'grid', role: DRUMMER, bpm: bpm(120), time: ms(0), beat: beats(0) };
const grow = (plan: number, from: number, until: number): Ask => ({ kind: 'grow', plan, role: DRUMMER, from: ms(from), until: ms(until), density: 0, velocity: 64, open: true });
const param = (name: ParamName, value: number): Ask => ({ kind: 'param', role: DRUMMER, param: PARAM_NAMES.indexOf(name), value });

const museOver = async (drums: Predictor): Promise<{ muse: Muse; said: Completion[]; run: (...asks: Ask[]) => Promise<void> }> => {
  const said: Completion[] = [];
  const muse = new Muse(modelsOf({ performance: randomModel('performance', 1), drums }), 1, (completion) => said.push(completion));
  await muse.open();
  muse.ask({ kind: 'role', role: DRUMMER, model: 1 });
  return { muse, said, run: async (...asks) => {
    for (const ask of asks) muse.ask(ask);
    while (await muse.step());
  } };
};

/** A kick on each beat, a snare on the second and fourth a 32nd late, at velocity 66. */
const rock: Script = (part, given, before) => {
  const [what, , , place] = before.at(-1) as number[];
  if (part === WHAT) {
    if ((place as number) % 4 !== 0 || what === 1) return { [DRUM.step]: 5 };
    return what === 0 ? ((place as number) % 8 === 4 ? { 1: 5 } : { [DRUM.step]: 5 }) : { 0: 5 };
  }
  return part === OFFSET ? { [given[WHAT] === 1 ? 16 : 8]: 5 } : { 16: 5 };
};

describe('drums grown', () => {
  it('lie on the grid of their bars, with their own timing, and are gone on with', async () => {
    const { said, run } = await museOver(new Scripted('drums', rock));
    await run(grid, grow(1, 500, 2000));
    expect(notesOf(said)).toEqual([[36, 500], [38, 562.5], [36, 1000], [36, 1500], [38, 1562.5]].map(([key, start]) => ({ key, start, end: (start as number) + 90, velocity: 66 })));
    expect(said.at(-1)).toEqual({ kind: 'end', plan: 1, until: 2000 });
    said.length = 0;
    await run({ kind: 'extend', plan: 1, until: ms(3000) });
    expect(said.filter(({ kind }) => kind === 'note').map((each) => (each.kind === 'note' ? [each.index, each.pitch, each.time] : []))).toEqual([[5, 36, 2000], [6, 36, 2500], [7, 38, 2562.5]]);
  });

  it('have their kick on the beat, and all else where it lies to that', async () => {
    // As `rock`, all of it a 64th early.
    const early: Script = (part, given, before, outputs) => (part === OFFSET ? { [given[WHAT] === 1 ? 12 : 4]: 5 } : rock(part, given, before, outputs));
    const { said, run } = await museOver(new Scripted('drums', early));
    await run(grid, grow(1, 500, 2000));
    expect(notesOf(said).map(({ key, start }) => [key, start])).toEqual([[36, 500], [38, 562.5], [36, 1000], [36, 1500], [38, 1562.5]]);
  });

  it('begin with their bar, whose past was silent', async () => {
    const model = new Scripted('drums', rock);
    const { run } = await museOver(model);
    await run(grid, param('fills', 0), grow(1, 500, 750));
    const fed = model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event] : []));
    expect(fed.slice(0, 5)).toEqual([DRUM_START, ...[1, 2, 3, 4].map((place) => [DRUM.step, 32, 17, place, 0, 1, tempoBin(120)])]);
  });

  it('move with the tempo from one extension to the next', async () => {
    const { said, run } = await museOver(new Scripted('drums', rock));
    await run(grid, grow(1, 0, 2000));
    said.length = 0;
    // From beat 3 on, at 1500 ms, a beat lasts a second.
    await run({ kind: 'grid', role: DRUMMER, bpm: bpm(60), time: ms(1500), beat: beats(3) }, { kind: 'extend', plan: 1, until: ms(4500) });
    expect(said.flatMap((each) => (each.kind === 'note' ? [[each.pitch, each.time]] : []))).toEqual([[36, 2500], [36, 3500], [38, 3625]]);
  });

  it('are told style and tempo, and of a fill in the last of so many bars or when it is asked for', async () => {
    const model = new Scripted('drums', rock);
    const { run } = await museOver(model);
    await run(grid, param('style', 17), param('fills', 2), grow(1, 0, 6000));
    const told = (): string[] => model.batches.flat().flatMap((request) => (request.kind === 'feed' && request.event[0] === DRUM.step && request.event[3] === 1 ? [request.event.slice(4).join(' ')] : []));
    expect(told()).toEqual(['17 1 7', '17 2 7', '17 1 7']);
    await run(param('fill', 1), { kind: 'extend', plan: 1, until: ms(10_000) });
    expect(told().slice(3)).toEqual(['17 2 7', '17 2 7']);
  });

  it('are lawful whatever the model, and go no further than was asked for', async () => {
    let struck = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const model = randomModel('drums', seed);
      const fed: (readonly number[])[] = [];
      const { said, run } = await museOver({ shape: model.shape, close: () => {}, submit: (batch) => {
        for (const request of batch) if (request.kind === 'feed') fed.push(request.event);
        return model.submit(batch);
      } });
      await run(grid, param('temperature', 1), grow(1, 500, 4000));
      const notes = notesOf(said);
      struck += notes.length;
      expect(notes.every(({ key, start, end }) => drumOf(key) !== undefined && start >= 500 - 62.5 && start < 4000 && end > start)).toBe(true);
      const grammar = new DrumGrammar();
      for (const [what] of fed.slice(1) as [number][]) {
        expect(grammar.allows(what)).toBe(true);
        grammar.take(what);
      }
      expect(fed.filter(([what]) => (what as number) < DRUM.step).length).toBe(notes.length);
    }
    expect(struck).toBeGreaterThan(100);
  });

  it('say nothing without a model, or before time is known', async () => {
    const { said, run } = await museOver(new Scripted('drums', rock));
    await run(grow(1, 500, 2000));
    const without: Completion[] = [];
    const muse = new Muse(modelsOf({ performance: randomModel('performance', 1) }), 1, (completion) => without.push(completion));
    await muse.open();
    muse.ask({ kind: 'role', role: DRUMMER, model: -1 });
    muse.ask(grid);
    muse.ask(grow(1, 500, 2000));
    while (await muse.step());
    expect([said, without]).toEqual([[], []]);
  });

  it('come the same from the same seed', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(1000), async (seed) => {
      const [one, other] = [await museOver(randomModel('drums', seed)), await museOver(randomModel('drums', seed))];
      for (const each of [one, other]) await each.run(grid, grow(1, 0, 1000));
      expect(one.said.length).toBeGreaterThan(0);
      expect(other.said).toEqual(one.said);
    }), { seed: 1, numRuns: 20 });
  });
});
