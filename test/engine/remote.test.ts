import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { engineOf } from '../../src/engine/engines.ts';
import { RemotePredictor } from '../../src/engine/remote.ts';
import { SAMPLE, sampleWeights } from '../../src/engine/sample.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { openState, type ModelState } from '../../src/model/predictor.ts';
import { bundled } from './entry.ts';
import { equalsPlain, SHAPE, WEIGHTS } from './equality.ts';

const entry = bundled('src/engine/child.ts');
const remote = bundled('src/engine/remote.ts');
afterAll(() => [entry, remote].forEach((file) => rmSync(file)));

const LOAD = 60_000;
const tensorflow = engineOf('tensorflow').available();
// Where the pipeline runs, a missing engine is a failure and not a gap.
const skipped = tensorflow !== true && !process.env['CI'];

describe('RemotePredictor', () => {
  it('says what the plain predictor says, over a process', { timeout: LOAD }, async () => {
    const predictor = await RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry });
    await equalsPlain(predictor, 2e-3);
    predictor.close();
  });

  it.skipIf(skipped)(`says what the plain predictor says, on tensorflow${skipped ? ` (skipped: ${tensorflow})` : ''}`, { timeout: LOAD }, async () => {
    const predictor = await RemotePredictor.open('tensorflow', SHAPE, WEIGHTS, { entry });
    await equalsPlain(predictor, 1e-5);
    predictor.close();
  });

  it('keeps the order of batches on one state that are sent without waiting', { timeout: LOAD }, async () => {
    const predictor = await RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry });
    const [one, other] = [openState(SHAPE), openState(SHAPE)];
    const events = Array.from({ length: 20 }, (_, i) => [i, i % 11, i % 7]);
    await Promise.all(events.map((event) => predictor.submit([{ kind: 'feed', state: one, event }])));
    for (const event of events) await predictor.submit([{ kind: 'feed', state: other, event }]);
    expect(one).toEqual(other);
    predictor.close();
  });

  it('rejects what is under way and what comes after when its process is killed, and says so once', { timeout: LOAD }, async () => {
    const losses: unknown[] = [];
    const predictor = await RemotePredictor.open('wasm', SAMPLE, sampleWeights(SAMPLE, 1), { entry, onLost: (lost) => losses.push(lost) });
    const state = openState(SAMPLE);
    const feed = { kind: 'feed', state, event: [1, 2, 3] } as const;
    await predictor.submit([feed]);
    const kept = state.memory.slice();
    const underway = Array.from({ length: 50 }, () => predictor.submit([feed]));
    process.kill(predictor.pid as number, 'SIGKILL');
    const ends = await Promise.allSettled(underway);
    expect(ends.slice(-1)[0]).toMatchObject({ status: 'rejected', reason: { code: 'engine.lost', value: 'SIGKILL' } });
    await expect(predictor.submit([feed])).rejects.toMatchObject({ code: 'engine.lost' });
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatchObject({ code: 'engine.lost', message: expect.stringContaining('The process of the wasm engine ended: "SIGKILL"') as string });
    if (ends.every(({ status }) => status === 'rejected')) expect(state.memory).toEqual(kept);
  });

  it('rejects what is under way when it is closed, without a word of loss', { timeout: LOAD }, async () => {
    const losses: unknown[] = [];
    const predictor = await RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry, onLost: (lost) => losses.push(lost) });
    const underway = predictor.submit([{ kind: 'feed', state: openState(SHAPE), event: [1, 2, 3] }]);
    predictor.close();
    await expect(underway).rejects.toMatchObject({ code: 'engine.lost', value: 'wasm' });
    expect(losses).toEqual([]);
  });

  it('says why an engine did not start', { timeout: LOAD }, async () => {
    await expect(RemotePredictor.open('abacus', SHAPE, WEIGHTS, { entry })).rejects.toMatchObject({ code: 'engine.start', value: expect.stringContaining('No such engine: "abacus"') as string });
    await expect(RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry: `${entry}.none` })).rejects.toMatchObject({ code: 'engine.start' });
    await expect(RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry, patience: 1 })).rejects.toMatchObject({ code: 'engine.start', value: 'no answer in 1 ms' });
  });

  it('a step that fails rejects alone, and the next one runs', { timeout: LOAD }, async () => {
    const predictor = await RemotePredictor.open('wasm', SHAPE, WEIGHTS, { entry });
    const state = openState(SHAPE);
    await expect(predictor.submit([{ kind: 'query', state, part: 0, given: null as unknown as number[] }])).rejects.toMatchObject({ code: 'engine.failed' });
    expect(await predictor.submit([{ kind: 'feed', state, event: [1, 2, 3] }])).toEqual([null]);
    predictor.close();
  });

  it('works from a worker thread, where the models live', { timeout: LOAD }, async () => {
    const source = `import { parentPort, workerData } from 'node:worker_threads';
      import { RemotePredictor } from ${JSON.stringify(pathToFileURL(remote).href)};
      const predictor = await RemotePredictor.open('wasm', workerData.shape, workerData.weights, { entry: workerData.entry });
      const heads = workerData.shape.parts.length * workerData.shape.head;
      const state = { memory: new Float32Array(2 * workerData.shape.layers.reduce((a, b) => a + b)), heads: new Float32Array(heads) };
      await predictor.submit([{ kind: 'feed', state, event: [1, 2, 3] }]);
      predictor.close();
      parentPort.postMessage(state);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: { shape: SHAPE, weights: WEIGHTS, entry } });
    const state = await new Promise<ModelState>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const wanted = openState(SHAPE);
    await new PlainPredictor(SHAPE, WEIGHTS).submit([{ kind: 'feed', state: wanted, event: [1, 2, 3] }]);
    state.heads.forEach((value, i) => expect(value).toBeCloseTo(wanted.heads[i] as number, 3));
    await worker.terminate();
  });

  it('leaves no process behind when the one that opened it is killed', { timeout: LOAD }, async () => {
    const source = `const child = require('node:child_process').fork(${JSON.stringify(entry)}, [], { serialization: 'advanced' });
      console.log(child.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)));
    expect(lives(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => lives(pid), { timeout: 20_000 }).toBe(false);
  });
});

/** Whether a process runs; one that has ended and that nobody has asked about does not. */
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
