import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesAt, readFound } from '../../src/training/corpus.ts';
import { POOL, readInThreads, type PoolSettings } from '../../src/training/read-pool.ts';
import { fixture } from '../fixtures/at.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-pool-'));
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
// Bundled as the build does, where the packages it imports are found: a worker loads no TypeScript.
const built = at(`node_modules/.cache/antiphon/read-thread-${process.pid}.mjs`);
beforeAll(() => void buildSync({ entryPoints: [at('src/training/read-thread.ts')], outfile: built, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' }));
afterAll(() => {
  rmSync(built, { force: true });
  rmSync(home, { recursive: true });
});

const files = filesAt('melody', fixture('folk'));
const pool = (thread: string, more: Partial<PoolSettings> = {}): PoolSettings => ({ ...POOL, thread: pathToFileURL(thread), workers: 2, ...more });
/** A worker that does `deed` when it is given the file of that name, and reads no music. */
const worker = (name: string, deed: string): string => {
  const file = join(home, `${name}.mjs`);
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id, file }) => { if (id === '${files[5]?.id}') { ${deed} } else parentPort.postMessage({ file, pieces: [] }); });`);
  return file;
};

describe('reading in threads', () => {
  it('gives what is read without them, in the same order', async () => {
    const told: number[] = [];
    const read = await readInThreads('melody', files, pool(built), (done) => told.push(done));
    expect(read).toEqual(files.map((found) => readFound('melody', found)));
    expect(told).toEqual(files.map((_, i) => i + 1));
    expect(await readInThreads('melody', [], pool(built), () => {})).toEqual([]);
  });

  it.each([
    ['takes all memory', 'const all = []; for (;;) all.push(Array.from({ length: 1e5 }, Math.sqrt));', /out of its 24 MB of memory/, { heap: 24 }],
    ['throws', "throw new Error('no such chord');", /no such chord/, {}],
    ['ends', 'process.exit(3);', /with code 3/, {}],
    ['never answers', '', /not read in 1.5 seconds/, { patience: 1500 }],
  ] as const)('loses only the file that a worker %s on', async (name, deed, reason, more) => {
    const read = await readInThreads('melody', files, pool(worker(name, deed), more), () => {});
    expect(read).toHaveLength(files.length);
    expect(read.map(({ file }) => file)).toEqual(files.map(({ file }) => file));
    expect(read.flatMap(({ refused }, i) => (refused === undefined ? [] : [[i, refused]]))).toEqual([[5, expect.stringMatching(reason)]]);
  });

  it('stops when it is told to', async () => {
    const stopper = new AbortController();
    const reading = readInThreads('melody', files, pool(built), (done) => done === 3 && stopper.abort(), stopper.signal);
    await expect(reading).rejects.toMatchObject({ code: 'prepare.stopped', value: `3 of ${files.length}` });
    await expect(readInThreads('melody', files, pool(built), () => {}, stopper.signal)).rejects.toMatchObject({ code: 'prepare.stopped' });
  });
});
