import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine, measureStep, openEngine, type Chosen } from '../../src/engine/choose.ts';
import { engineOf, ENGINES } from '../../src/engine/engines.ts';
import { openState, type Predictor } from '../../src/model/predictor.ts';
import { IDLE } from './entry.ts';
import { SHAPE, WEIGHTS } from './equality.ts';

const folder = mkdtempSync(join(tmpdir(), 'antiphon-'));
const idle = join(folder, 'idle.cjs');
writeFileSync(idle, IDLE);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const messageFrom = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'nothing thrown', (thrown: Error) => thrown.message);
const unavailable = (): void => {
  for (const name of ['tensorflow', 'webgpu'] as const) vi.spyOn(engineOf(name), 'available').mockReturnValue('not here');
};

/** What `auto` began with and what it went on with, where `tensorflow` is an idle process and wasm takes `delay` milliseconds, or next to none. */
const raced = async (delay: number): Promise<readonly [Chosen, Chosen]> => {
  vi.spyOn(engineOf('tensorflow'), 'available').mockReturnValue(true);
  vi.spyOn(engineOf('webgpu'), 'available').mockReturnValue('not here');
  const chosen = await chooseEngine('auto', SHAPE, WEIGHTS, { entry: idle });
  // A delay decides the race, on any machine.
  const submit = chosen.predictor.submit.bind(chosen.predictor);
  chosen.predictor.submit = async (batch) => {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    return delay > 0 ? submit(batch) : batch.map(() => null);
  };
  return [chosen, await chosen.contenders()];
};

describe('the table of engines', () => {
  it('has the one that can do most first, and native code in processes of its own', () => {
    expect(ENGINES.map(({ name, process: where }) => [name, where])).toEqual([['tensorflow', 'own'], ['webgpu', 'own'], ['wasm', 'ours'], ['cpu', 'ours']]);
  });
});

describe('openEngine', () => {
  it('names what is available when there is no such engine', async () => {
    unavailable();
    expect(await messageFrom(openEngine('abacus', SHAPE, WEIGHTS))).toBe('No such engine: "abacus". Available here: wasm, cpu; known: auto, tensorflow, webgpu, wasm, cpu.');
  });

  it('says how to get one that is not installed', async () => {
    unavailable();
    expect(await messageFrom(openEngine('tensorflow', SHAPE, WEIGHTS))).toBe('This engine cannot be used here (not here): "tensorflow". Run `antiphon setup tensorflow`. Available here: wasm, cpu.');
    expect(await messageFrom(openEngine('webgpu', SHAPE, WEIGHTS))).toBe('This engine cannot be used here (not here): "webgpu". Run `npm install webgpu @tensorflow/tfjs-backend-webgpu`. Available here: wasm, cpu.');
  });
});

describe('measureStep', () => {
  it('is the median of pairs of feed and query, and leaves nothing behind', async () => {
    const seen: string[] = [];
    const predictor: Predictor = {
      shape: SHAPE,
      submit: async (batch) => {
        seen.push(...batch.map(({ kind }) => kind));
        return batch.map(() => null);
      },
      close: () => {},
    };
    expect(await measureStep(predictor)).toBeGreaterThanOrEqual(0);
    expect(seen.length % 2).toBe(0);
    expect(seen.every((kind, i) => kind === (i % 2 === 0 ? 'feed' : 'query'))).toBe(true);
  });
});

describe('chooseEngine', () => {
  it('opens the one that is named, and looks for no other', async () => {
    const chosen = await chooseEngine('cpu', SHAPE, WEIGHTS);
    expect(chosen.name).toBe('cpu');
    expect(chosen.measured).toEqual([]);
    expect(await chosen.contenders()).toBe(chosen);
    chosen.predictor.close();
  });

  it('auto begins on wasm and stays there when nothing else is to be had, saying why', async () => {
    unavailable();
    const chosen = await chooseEngine('auto', SHAPE, WEIGHTS);
    expect(chosen.name).toBe('wasm');
    const after = await chosen.contenders();
    expect(after.predictor).toBe(chosen.predictor);
    expect(after.measured.map(({ name, why }) => [name, why])).toEqual([['wasm', ''], ['tensorflow', 'not here'], ['webgpu', 'not here']]);
    chosen.predictor.close();
  });

  it('auto records a contender that does not start, and goes on', async () => {
    vi.spyOn(engineOf('tensorflow'), 'available').mockReturnValue(true);
    vi.spyOn(engineOf('webgpu'), 'available').mockReturnValue('not here');
    const chosen = await chooseEngine('auto', SHAPE, WEIGHTS, { entry: `${idle}.none` });
    const after = await chosen.contenders();
    expect(after.predictor).toBe(chosen.predictor);
    expect(after.measured[1]).toMatchObject({ name: 'tensorflow', step: null, why: expect.stringContaining('did not start') as string });
    chosen.predictor.close();
  });

  it('auto moves to a contender that is clearly faster', { timeout: 60_000 }, async () => {
    const [chosen, after] = await raced(10);
    expect(after.name).toBe('tensorflow');
    expect(after.predictor).not.toBe(chosen.predictor);
    expect(after.measured.map(({ name, step }) => [name, step === null])).toEqual([['wasm', false], ['tensorflow', false], ['webgpu', true]]);
    await expect(after.predictor.submit([{ kind: 'feed', state: openState(SHAPE), event: [1, 2, 3] }])).resolves.toEqual([null]);
    after.predictor.close();
    chosen.predictor.close();
  });

  it('auto stays where a contender is no faster', { timeout: 60_000 }, async () => {
    const [chosen, after] = await raced(0);
    expect([after.name, after.predictor]).toEqual(['wasm', chosen.predictor]);
    chosen.predictor.close();
  });
});
