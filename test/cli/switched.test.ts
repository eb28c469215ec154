import { rmSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { Switched } from '../../src/cli/switched.ts';
import { openEngine } from '../../src/engine/choose.ts';
import { RemotePredictor } from '../../src/engine/remote.ts';
import type { Model } from '../../src/model/checkpoint.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { openState } from '../../src/model/predictor.ts';
import { bundled } from '../engine/entry.ts';
import { SHAPE, WEIGHTS } from '../engine/equality.ts';

const entry = bundled('src/engine/child.ts');
afterAll(() => rmSync(entry));
const model = { card: { shape: SHAPE } as Model['card'], weights: WEIGHTS };

it('plays every event on when the process of its engine is killed, and says so once', async () => {
  const remote = await RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry });
  const lost: unknown[] = [];
  const switched = new Switched(model, remote, (why) => lost.push(why));
  await switched.prepare();
  const whole = await openEngine('wasm', SHAPE, WEIGHTS);
  const [state, wanted] = [openState(SHAPE), openState(SHAPE)];
  for (let n = 0; n < 20; n++) {
    const event = [n % 5, n % 3, n % 2];
    const fed = switched.submit([{ kind: 'feed', state, event }]);
    // In the middle of a step.
    if (n === 10) process.kill(remote.pid as number, 'SIGKILL');
    await fed;
    await whole.submit([{ kind: 'feed', state: wanted, event }]);
  }
  expect(state).toEqual(wanted);
  expect(lost).toHaveLength(1);
  expect(lost[0]).toMatchObject({ code: 'engine.lost' });
  switched.close();
});

it('goes back to the engine it had when the better one is lost', async () => {
  const first = new PlainPredictor(SHAPE, WEIGHTS);
  const lost: unknown[] = [];
  const switched = new Switched(model, first, (why) => lost.push(why));
  switched.change({ shape: SHAPE, submit: () => Promise.reject(new Error('gone')), close: () => {} });
  const state = openState(SHAPE);
  await switched.submit([{ kind: 'feed', state, event: [1, 2, 1] }]);
  await switched.submit([{ kind: 'feed', state, event: [1, 2, 1] }]);
  expect(lost).toHaveLength(1);
  switched.close();
});
