import { describe, expect, it } from 'vitest';
import { softmax } from '../../src/model/cache.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { copyState, forkState, openState, type ModelState } from '../../src/model/predictor.ts';
import { Remembering, topOf } from '../../src/model/remembering.ts';
import { randomWeights, TINY } from './shape.ts';

const plain = new PlainPredictor(TINY, randomWeights(TINY, 1));
const remembering = new Remembering(plain);
const feed = async (state: ModelState, ...events: readonly (readonly number[])[]): Promise<void> => {
  for (const event of events) await remembering.submit([{ kind: 'feed', state, event }]);
};
const ask = async (state: ModelState, weight: number, given: readonly number[] = [-1, -1]): Promise<Float32Array> =>
  (await remembering.submit([{ kind: 'query', state, part: 0, given, cache: { weight, sharpness: 1 } }]))[0] as Float32Array;
const START = [4, 0];

describe('a predictor that remembers', () => {
  it('answers with the logarithms of the mixture', async () => {
    const state = openState(TINY, 8);
    await feed(state, START, [1, 0], [1, 2]);
    const [logits] = (await plain.submit([{ kind: 'query', state, part: 0, given: [-1, -1] }])) as [Float32Array];
    // Whatever it is like, what followed was 1; no event before it was as the last one is, for that only stayed as it was.
    const counts = 0.3 * 0.1;
    const wanted = softmax(logits).map((share, symbol) => (1 - counts) * share + (symbol === 1 ? counts : 0));
    expect([...(await ask(state, 0.3))].map(Math.exp)).toEqual([...wanted].map((share) => expect.closeTo(share, 6) as number));
  });

  it('is the predictor it is made of with no weight, no cache or nothing heard', async () => {
    const [state, bare] = [openState(TINY, 8), openState(TINY)];
    for (const each of [state, bare]) await feed(each, START);
    const [logits] = (await plain.submit([{ kind: 'query', state: bare, part: 0, given: [-1, -1] }])) as [Float32Array];
    expect([...softmax(await ask(state, 0.5))].map((share, i) => share - (softmax(logits)[i] as number))).toEqual([0, 0, 0, 0].map(() => expect.closeTo(0, 6) as number));
    await feed(state, [1, 1]);
    await feed(bare, [1, 1]);
    expect(await ask(state, 0)).toEqual(await ask(bare, 0.5));
  });

  it('lets forks go their own ways', async () => {
    const state = openState(TINY, 8);
    await feed(state, START, [1, 0], [2, 2]);
    const before = await ask(state, 0.5);
    const fork = forkState(state);
    await feed(fork, [3, 1], [3, 1]);
    expect(await ask(state, 0.5)).toEqual(before);
    expect(await ask(fork, 0.5)).not.toEqual(before);
    copyState(state, fork);
    expect(await ask(fork, 0.5)).toEqual(before);
  });

  it("finds the stack's output in the state", async () => {
    const state = openState(TINY, 8);
    await feed(state, START);
    expect([...topOf(TINY, state)]).toEqual([...state.memory.subarray(8, 11)]); // after h and c of four units come h and c of three
  });
});
