import { expect, it } from 'vitest';
import { Bond } from '../../src/live/bond.ts';
import { openState } from '../../src/model/predictor.ts';
import { logProbability } from '../../src/model/sampling.ts';
import { MELODY } from '../../src/music/melody.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { randomModel } from './scripted.ts';

const HEARD = [MELODY.start, MELODY.on + 60, MELODY.hold, MELODY.on + 64, MELODY.hold];
const ANSWER = [MELODY.on + 67, MELODY.hold, MELODY.off, MELODY.on + 60];

it('is the mean over events of what an answer gains in nats by what was heard', async () => {
  const model = randomModel('melody', 5, encodingOf('melody', 'melody-1').parts);
  /** Nats of the answer after others. */
  const logOf = async (before: readonly number[]): Promise<number> => {
    const state = openState(model.shape);
    for (const symbol of before) await model.submit([{ kind: 'feed', state, event: [symbol] }]);
    let sum = 0;
    for (const symbol of ANSWER) {
      const [logits] = await model.submit([{ kind: 'query', state, part: 0, given: [-1] }]);
      sum += logProbability(logits as Float32Array, symbol);
      await model.submit([{ kind: 'feed', state, event: [symbol] }]);
    }
    return sum;
  };
  const state = openState(model.shape);
  for (const symbol of HEARD) await model.submit([{ kind: 'feed', state, event: [symbol] }]);
  const bond = new Bond(model, [MELODY.start]);
  expect(bond.strength).toBe(0);
  for (const symbol of ANSWER) {
    await bond.ask({ kind: 'query', state, part: 0, given: [-1] });
    await model.submit([{ kind: 'feed', state, event: [symbol] }]);
    await bond.feed([symbol]);
  }
  const gain = ((await logOf(HEARD)) - (await logOf([MELODY.start]))) / ANSWER.length;
  expect(Math.abs(gain)).toBeGreaterThan(0.001);
  expect(bond.strength).toBeCloseTo(gain, 5);
});

it('counts nothing that came without being asked', async () => {
  const model = randomModel('melody', 5, encodingOf('melody', 'melody-1').parts);
  const state = openState(model.shape);
  await model.submit([{ kind: 'feed', state, event: [MELODY.start] }]);
  const bond = new Bond(model, [MELODY.start]);
  await model.submit([{ kind: 'feed', state, event: [MELODY.on + 60] }]);
  await bond.ask({ kind: 'query', state, part: 0, given: [-1] });
  await bond.feed([MELODY.hold]);
  const { strength } = bond;
  await bond.feed([MELODY.hold]);
  expect(Math.abs(strength)).toBeGreaterThan(0.001);
  expect(bond.strength).toBeCloseTo(strength / 2, 12);
});
