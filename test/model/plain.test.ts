import { describe, expect, it } from 'vitest';
import { PlainPredictor } from '../../src/model/plain.ts';
import { copyState, forkState, openState } from '../../src/model/predictor.ts';
import { weightShapes, sizeOf, type Shape, type Weights } from '../../src/model/shape.ts';
import { randomWeights, TINY } from './shape.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('the plain model', () => {
  it('is an LSTM as its papers have it: one unit, by hand', async () => {
    const shape: Shape = { kind: 'lstm', parts: [{ name: 'x', inputs: 2, outputs: 2 }], embedding: 1, layers: [1], head: 1 };
    const weights: Weights = new Map(Object.entries({
      'embed/x': [0.5, -1],
      'lstm0/kernel': [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], // rows x, h; columns i, c, f, o
      'lstm0/bias': [0.01, 0.02, 1, 0.04],
      'head/x/kernel': [2],
      'head/x/bias': [0.1],
      'head/x/out': [1, -1],
      'head/x/outBias': [0, 0.25],
    }).map(([name, values]) => [name, Float32Array.from(values)]));
    const predictor = new PlainPredictor(shape, weights);
    const state = openState(shape);
    let [h, c] = [0, 0];
    for (const symbol of [0, 1, 1]) {
      await predictor.submit([{ kind: 'feed', state, event: [symbol] }]);
      const x = symbol === 0 ? 0.5 : -1;
      c = sigmoid(0.3 * x + 0.7 * h + 1) * c + sigmoid(0.1 * x + 0.5 * h + 0.01) * Math.tanh(0.2 * x + 0.6 * h + 0.02);
      h = sigmoid(0.4 * x + 0.8 * h + 0.04) * Math.tanh(c);
    }
    const hidden = Math.tanh(2 * h + 0.1);
    const [logits] = await predictor.submit([{ kind: 'query', state, part: 0, given: [-1] }]);
    expect([...(logits as Float32Array)]).toEqual([expect.closeTo(hidden, 6), expect.closeTo(0.25 - hidden, 6)]);
  });

  it('hears zero weights as even chances', async () => {
    const predictor = new PlainPredictor(TINY, new Map(weightShapes(TINY).map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))])));
    const state = openState(TINY);
    expect(await predictor.submit([{ kind: 'feed', state, event: [4, 0] }])).toEqual([null]);
    expect(await predictor.submit([{ kind: 'query', state, part: 1, given: [2, -1] }])).toEqual([new Float32Array(3)]);
  });

  it('does not move a state that is asked, and forks it', async () => {
    const predictor = new PlainPredictor(TINY, randomWeights(TINY, 2));
    const state = openState(TINY);
    await predictor.submit([{ kind: 'feed', state, event: [4, 0] }]);
    const before = forkState(state);
    const ask = async (of: typeof state): Promise<unknown> => predictor.submit([{ kind: 'query', state: of, part: 0, given: [-1, 1] }, { kind: 'query', state: of, part: 1, given: [3, -1] }]);
    const first = await ask(state);
    expect(state).toEqual(before);
    const fork = forkState(state);
    await predictor.submit([{ kind: 'feed', state: fork, event: [1, 2] }]);
    expect(fork).not.toEqual(state);
    expect(await ask(fork)).not.toEqual(first);
    expect(await ask(state)).toEqual(first);
    copyState(state, fork);
    expect(await ask(fork)).toEqual(first);
  });

  it('lets each head know the parts it is told, and not its own', async () => {
    const predictor = new PlainPredictor(TINY, randomWeights(TINY, 3));
    const state = openState(TINY);
    await predictor.submit([{ kind: 'feed', state, event: [4, 0] }]);
    const ask = async (given: number[]): Promise<unknown> => (await predictor.submit([{ kind: 'query', state, part: 0, given }]))[0];
    const told = await Promise.all([[-1, -1], [-1, 0], [-1, 1], [-1, 2]].map(ask));
    expect(new Set(told.map((logits) => String(logits))).size).toBe(4);
    expect(await ask([2, 1])).toEqual(told[2]);
  });
});
