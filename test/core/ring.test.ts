import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { Bell, RECORD, Ring, ringMemory } from '../../src/core/ring.ts';

describe('Ring', () => {
  it('gives records back whole and in order, round its end', () => {
    const ring = new Ring(ringMemory(4));
    const record = new Float64Array(RECORD);
    for (let n = 0; n < 11; n++) {
      expect(ring.push(n, 1, 2, 3, 4, 5, 6, n + 0.5)).toBe(true);
      expect(ring.pop(record)).toBe(true);
      expect([...record]).toEqual([n, 1, 2, 3, 4, 5, 6, n + 0.5]);
    }
    expect(ring.pop(record)).toBe(false);
  });

  it('refuses what does not fit, counts it for both sides, and keeps the oldest', () => {
    const memory = ringMemory(4);
    const ring = new Ring(memory);
    expect([1, 2, 3, 4, 5, 6].map((n) => ring.push(n))).toEqual([true, true, true, true, false, false]);
    const other = new Ring(memory);
    expect(other.dropped).toBe(2);
    const record = new Float64Array(RECORD);
    const out: number[] = [];
    while (other.pop(record)) out.push(record[0] as number);
    expect(out).toEqual([1, 2, 3, 4]);
  });

  it('goes on when its counters pass 2^31', () => {
    const memory = ringMemory(4);
    new Int32Array(memory, 0, 2).fill(0x7fffffff);
    const ring = new Ring(memory);
    const record = new Float64Array(RECORD);
    for (let n = 0; n < 8; n++) {
      expect([ring.push(n), ring.push(n), ring.push(n), ring.push(n), ring.push(n)]).toEqual([true, true, true, true, false]);
      for (let i = 0; i < 4; i++) expect([ring.pop(record), record[0]]).toEqual([true, n]);
    }
  });

  it('carries 200,000 records to another thread, none lost, torn or out of order', async () => {
    const count = 200_000;
    const source = buildSync({ entryPoints: [new URL('../../src/core/ring.ts', import.meta.url).pathname], bundle: true, format: 'cjs', write: false }).outputFiles[0]?.text;
    const memory = ringMemory(64);
    const bell = new Bell();
    const worker = new Worker(
      `${source}
       {
       const { workerData, parentPort } = require('node:worker_threads');
       const { Ring, Bell, RECORD } = module.exports;
       const ring = new Ring(workerData.memory), bell = new Bell(workerData.bell), record = new Float64Array(RECORD);
       let next = 0, wrong = 0;
       while (next < workerData.count) {
         const heard = bell.heard;
         if (!ring.pop(record)) { bell.wait(heard, 1000); continue; }
         for (let i = 0; i < RECORD; i++) if (record[i] !== next * RECORD + i) wrong++;
         next++;
       }
       parentPort.postMessage({ next, wrong });
       }`,
      { eval: true, workerData: { memory, bell: bell.memory, count } },
    );
    const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const ring = new Ring(memory);
    for (let n = 0; n < count; ) {
      const at = n * RECORD;
      if (ring.push(at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 6, at + 7)) n++;
      else await new Promise(setImmediate);
      bell.ring();
    }
    expect(await answer).toEqual({ next: count, wrong: 0 });
    await worker.terminate();
  }, 30_000);
});

describe('Bell', () => {
  it('does not sleep when it was rung after `heard` was read', () => {
    const bell = new Bell();
    const { heard } = bell;
    bell.ring();
    expect(Atomics.wait(bell.word, 0, heard, 10_000)).toBe('not-equal');
  });
});
