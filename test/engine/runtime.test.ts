import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/choose.ts';
import { Runtime } from '../../src/engine/runtime.ts';
import { loadCpu, loadWasm } from '../../src/engine/tensorflow-js.ts';
import { openState } from '../../src/model/predictor.ts';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { tensors, type Cells } from '../../src/engine/tensors.ts';
import { equalsPlain, SHAPE, WEIGHTS } from './equality.ts';

describe.each([['WebAssembly', loadWasm], ['plain JavaScript', loadCpu]] as const)('Runtime on TensorFlow.js in %s', (_, load) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await load();
  });

  it.each<Cells>(['here', 'engine'])('says what the plain predictor says over 200 events, cells %s', async (cells) => {
    const runtime = await Runtime.open(tensors(tf, cells), SHAPE, WEIGHTS);
    await equalsPlain(runtime, 1e-5);
    runtime.close();
  });

  it.each<Cells>(['here', 'engine'])('keeps nothing, cells %s', async (cells) => {
    const before = tf.memory().numTensors;
    const runtime = await Runtime.open(tensors(tf, cells), SHAPE, WEIGHTS);
    const state = openState(SHAPE);
    const open = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) await runtime.submit([{ kind: 'feed', state, event: [i, 0, 0] }, { kind: 'query', state: openState(SHAPE), part: 1, given: [i, -1, -1] }]);
    expect(tf.memory().numTensors).toBe(open);
    runtime.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('answers an empty batch with nothing', async () => {
    const runtime = await Runtime.open(tensors(tf, 'here'), SHAPE, WEIGHTS);
    expect(await runtime.submit([])).toEqual([]);
    runtime.close();
  });
});

describe('weights', () => {
  it('that do not fit the shape are refused', async () => {
    const weights = new Map(WEIGHTS).set('lstm1/bias', new Float32Array(3));
    await expect(openEngine('wasm', SHAPE, weights)).rejects.toMatchObject({ code: 'model.weights', value: 3 });
  });
});
