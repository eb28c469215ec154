import { describe, expect, it } from 'vitest';
import { ms, pitch, type Ms } from '../../src/core/units.ts';
import type { Completion } from '../../src/live/ask.ts';
import { Drafts, type Draft } from '../../src/live/drafts.ts';
import { initialParams } from '../../src/live/params.ts';

const NOTES = 5;
const note = (index: number, key: number): Completion => ({ kind: 'note', plan: 4, index, pitch: pitch(key), velocity: 80, time: ms(1000 + index) });

/** A draft of five notes, a step each, all of its own key; its bond is known at its end. */
const made = (bonds: readonly number[], drafts: (Draft & { compared: boolean })[] = []) => (number: number): Draft => {
  let steps = 0;
  const draft = {
    plan: 4,
    role: 1,
    until: ms(2000),
    compared: true,
    get bond(): number {
      return steps === NOTES ? (bonds[number] as number) : NaN;
    },
    alone: () => void (draft.compared = false),
    step: async (_: unknown, say: (word: Completion) => void) => {
      if (steps === NOTES) return false;
      say(note(steps++, 60 + number));
      return true;
    },
    finish: (say: (word: Completion) => void) => say({ kind: 'off', plan: 4, index: NOTES - 1, time: ms(2000) }),
  };
  drafts[number] = draft;
  return draft;
};

/** What is said, the step it was said at, and the keys of it; `took` is the time a step takes. */
const run = async (bonds: readonly number[], took: number | null) => {
  let now = 0;
  const drafts: (Draft & { compared: boolean })[] = [];
  const plan = new Drafts(made(bonds, drafts), took === null ? null : () => ms(now) as Ms, ms(1000));
  const said: { word: Completion; at: number }[] = [];
  const leisure: boolean[] = [];
  let more = true;
  while (more) {
    leisure.push(plan.leisurely);
    more = await plan.step(initialParams(), (word) => said.push({ word, at: now }));
    now += took ?? 1;
  }
  plan.finish((word) => said.push({ word, at: now }));
  return { plan, drafts, said, leisure, keys: new Set(said.flatMap(({ word }) => (word.kind === 'note' ? [word.pitch] : []))) };
};

describe('drafts of an answer', () => {
  it('are six where there is time: the one most tied to what was heard is said, all of it at once', async () => {
    const { plan, drafts, said, keys } = await run([0.1, 0.5, -1, 0.9, 0.9, 0.2, 7], null);
    expect([plan.plan, plan.role, plan.until]).toEqual([4, 1, 2000]);
    expect([drafts.length, [...keys]]).toEqual([6, [63]]);
    expect(said.map(({ word }) => word.kind)).toEqual(['note', 'note', 'note', 'note', 'note', 'off']);
    expect(new Set(said.slice(0, 5).map(({ at }) => at)).size).toBe(1);
  });

  it('are as many as are finished in two fifths of the time', async () => {
    // Six steps of 25 ms each: two are finished by 400 ms, the third, which would have been better, is not.
    const { drafts, said, keys } = await run([0.1, 0.5, 3, 3, 3, 3], 25);
    expect([drafts.length, [...keys]]).toEqual([3, [61]]);
    expect(said[0]?.at).toBe(400);
  });

  it('are one where the model is slow: what there is of it is said in time, and the rest as it comes', async () => {
    const { drafts, said, keys } = await run([0.1, 0.5, 3, 3, 3, 3], 150);
    expect([drafts.length, [...keys]]).toEqual([1, [60]]);
    expect(said.map(({ at }) => at)).toEqual([450, 450, 450, 600, 750, 1050]);
    expect(drafts[0]?.compared).toBe(false);
  });

  it('can wait for others once one is finished, until it is said', async () => {
    const { leisure } = await run([0, 0, 0, 0, 0, 0], null);
    expect(leisure).toEqual(Array.from({ length: 6 * (NOTES + 1) }, (_, step) => step > NOTES));
    // The step at 400 ms, which says it, goes before what can wait.
    const timed = await run([0, 0, 0, 0, 0, 0], 25);
    expect(timed.leisure).toEqual(Array.from({ length: 17 }, (_, step) => step > NOTES && step < 16));
  });
});
