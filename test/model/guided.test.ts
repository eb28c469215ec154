import { describe, expect, it } from 'vitest';
import { Guided } from '../../src/model/guided.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { copyState, forkState, openState, type ModelState } from '../../src/model/predictor.ts';
import type { Shape } from '../../src/model/shape.ts';
import { randomWeights, TINY } from './shape.ts';

/** A tiny model that is told two things beside its events. */
const TOLD: Shape = { ...TINY, parts: [...TINY.parts, { name: 'style', inputs: 3, outputs: 0 }, { name: 'density', inputs: 4, outputs: 0 }] };
const plain = new PlainPredictor(TOLD, randomWeights(TOLD, 1));
const guided = new Guided(plain);

const EVENTS = [[4, 0, 0, 0], [1, 2, 2, 0], [3, 1, 2, 3]];
const untold = ([what, time]: readonly number[]): readonly number[] => [what as number, time as number, 0, 0];
const heard = async (predictor: Pick<Guided, 'submit'>, events: readonly (readonly number[])[]): Promise<ModelState> => {
  const state = openState(TOLD);
  for (const event of events) await predictor.submit([{ kind: 'feed', state, event }]);
  return state;
};
const ask = async (predictor: Pick<Guided, 'submit'>, state: ModelState, heed?: number): Promise<number[]> =>
  [...((await predictor.submit([{ kind: 'query', state, part: 1, given: [2, -1], ...(heed === undefined ? {} : { heed }) }]))[0] as Float32Array)];
const close = (values: readonly number[]): number[] => values.map((each) => expect.closeTo(each, 5) as number);

describe('a predictor that heeds what it is told', () => {
  it('goes from what it would say untold past what it would say told, as far as it is asked to', async () => {
    const state = await heard(guided, EVENTS);
    const told = await ask(plain, await heard(plain, EVENTS));
    const other = await ask(plain, await heard(plain, EVENTS.map(untold)));
    expect(told).not.toEqual(close(other));
    for (const heed of [0, 0.5, 2, 4]) expect(await ask(guided, state, heed)).toEqual(close(other.map((each, i) => each + heed * ((told[i] as number) - each))));
    expect(await ask(guided, state)).toEqual(told);
    expect(await ask(guided, state, 1)).toEqual(told);
  });

  it('doubles no state that is told nothing, and forgets the other when no more is told', async () => {
    const state = await heard(guided, EVENTS.map(untold));
    expect(state.untold).toBeUndefined();
    expect(await ask(guided, state, 3)).toEqual(await ask(plain, await heard(plain, EVENTS.map(untold))));
    await guided.submit([{ kind: 'feed', state, event: [2, 2, 1, 0] }]);
    expect(state.untold).toBeDefined();
    await guided.submit([{ kind: 'feed', state, event: [2, 2, 0, 0] }]);
    expect(state.untold).toBeUndefined();
    expect(await ask(guided, state, 3)).toEqual(await ask(plain, await heard(plain, [...EVENTS.map(untold), [2, 2, 1, 0], [2, 2, 0, 0]])));
  });

  it('answers each of a batch for itself, whichever are told', async () => {
    const [told, open] = [await heard(guided, EVENTS), await heard(guided, EVENTS.map(untold))];
    const [before, fresh] = [await ask(guided, told, 2), openState(TOLD)];
    const query = (state: ModelState, heed: number) => ({ kind: 'query' as const, state, part: 1, given: [2, -1], heed });
    const answers = await guided.submit([query(open, 2), { kind: 'feed', state: fresh, event: [4, 0, 1, 1] }, query(told, 2), query(told, 1), query(told, 0)]);
    expect(answers.map((each) => each && [...each])).toEqual([await ask(guided, open), null, before, await ask(guided, told), await ask(guided, open)].map((each) => each && close(each)));
    expect(fresh.untold && [...fresh.untold.memory]).toEqual(close([...(await heard(plain, [[4, 0, 0, 0]])).memory]));
  });

  it('lets forks and copies heed as much, and go their own ways', async () => {
    const state = await heard(guided, EVENTS);
    const before = await ask(guided, state, 3);
    const [fork, copy, other] = [forkState(state), openState(TOLD), openState(TOLD)];
    copyState(state, copy);
    expect([await ask(guided, fork, 3), await ask(guided, copy, 3)]).toEqual([before, before]);
    for (const each of [fork, copy]) await guided.submit([{ kind: 'feed', state: each, event: [0, 0, 1, 1] }]);
    expect([await ask(guided, fork, 3), await ask(guided, state, 3)]).toEqual([await ask(guided, copy, 3), before]);
    copyState(other, copy);
    expect(copy.untold).toBeUndefined();
  });
});
