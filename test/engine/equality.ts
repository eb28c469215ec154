import { expect } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { copyState, forkState, openState, type ModelState, type Predictor, type Request } from '../../src/model/predictor.ts';
import type { Shape } from '../../src/model/shape.ts';

/** Small, and with sides that are all different: a transposed or mixed-up one shows. */
export const SHAPE: Shape = {
  kind: 'lstm',
  parts: [{ name: 'what', inputs: 23, outputs: 21 }, { name: 'time', inputs: 11, outputs: 11 }, { name: 'velocity', inputs: 7, outputs: 6 }],
  embedding: 12,
  layers: [16, 24],
  head: 10,
};
export const WEIGHTS = sampleWeights(SHAPE, 7, 0.6);

const EVENTS = 200;

const farthest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), a.length === b.length ? 0 : Infinity);

/** The law every engine is held to: over random batches of feeds and queries, with forks in between, it says what the plain one says, each number within `close`. */
export const equalsPlain = async (engine: Predictor, close: number, shape = SHAPE): Promise<void> => {
  const plain = new PlainPredictor(shape, shape === SHAPE ? WEIGHTS : sampleWeights(shape, 7, 0.6));
  const coin = coins(keyOf(42));
  const below = (n: number): number => Math.floor(coin() * n);
  const event = (): number[] => shape.parts.map(({ inputs }) => below(inputs));
  const given = (): number[] => shape.parts.map(({ inputs }) => (coin() < 0.4 ? -1 : below(inputs)));
  const pairs: (readonly [ModelState, ModelState])[] = Array.from({ length: 8 }, () => [openState(shape), openState(shape)]);
  let fed = 0;
  for (let round = 0; fed < EVENTS; round++) {
    const chosen = pairs.map((pair) => ({ pair, key: coin() })).sort((a, b) => a.key - b.key).slice(0, 1 + (round % 8));
    const batches: readonly [Request[], Request[]] = [[], []];
    for (const { pair } of chosen) {
      if (coin() < 0.5 && pair[0].memory.some((value) => value !== 0)) {
        const query = { kind: 'query', part: below(shape.parts.length), given: given() } as const;
        pair.forEach((state, side) => batches[side as 0 | 1].push({ ...query, state }));
      } else {
        const feed = { kind: 'feed', event: event() } as const;
        pair.forEach((state, side) => batches[side as 0 | 1].push({ ...feed, state }));
        fed++;
      }
    }
    const before = batches[0].map(({ state }) => forkState(state));
    const [got, wanted] = [await engine.submit(batches[0]), await plain.submit(batches[1])];
    expect(got.map((answer) => answer?.length ?? null)).toEqual(wanted.map((answer) => answer?.length ?? null));
    batches[0].forEach((request, i) => {
      const answer = got[i] as Float32Array | null;
      if (answer) expect(farthest(answer, wanted[i] as Float32Array), `logits, round ${round}`).toBeLessThan(close);
      if (request.kind === 'query') expect(request.state, 'a state that was queried').toEqual(before[i]);
      else expect(request.state, 'a state that was fed').not.toEqual(before[i]);
      expect(farthest(request.state.memory, (batches[1][i] as Request).state.memory), `memory, round ${round}`).toBeLessThan(close);
      expect(farthest(request.state.heads, (batches[1][i] as Request).state.heads), `heads, round ${round}`).toBeLessThan(close);
    });
    // A fork goes on from where its original is; now and then a state becomes the fork of another.
    const [from, to] = [below(8), below(8)];
    if (from !== to) [0, 1].forEach((side) => copyState((pairs[from] as [ModelState, ModelState])[side as 0 | 1], (pairs[to] as [ModelState, ModelState])[side as 0 | 1]));
  }
};
