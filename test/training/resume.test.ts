import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { findTensorFlow } from '../../src/engine/tensorflow.ts';

const skipped = findTensorFlow() === undefined && !process.env['CI'];
const home = mkdtempSync(join(tmpdir(), 'antiphon-resume-'));
afterAll(() => rmSync(home, { recursive: true }));

/** Trains in a process of its own, on one thread: with several, sums come out in another order each time. */
const run = (folder: string, ...more: string[]): NodeJS.Signals | number | null => {
  const { status, signal, stderr } = spawnSync(process.execPath, [join(home, 'run.mjs'), join(home, folder), ...more], { env: { ...process.env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' }, encoding: 'utf8' });
  if (status !== 0 && signal === null) throw new Error(stderr);
  return signal ?? status;
};

describe.skipIf(skipped)(`a run on TensorFlow${skipped ? ' (skipped: TensorFlow is not set up; run `antiphon setup tensorflow`)' : ''}`, () => {
  it('killed between two checkpoints and begun again, ends in the same weights as one that was let be', { timeout: 240_000 }, () => {
    buildSync({ entryPoints: [join(import.meta.dirname, 'resume-run.ts')], outfile: join(home, 'run.mjs'), bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' });
    expect(run('whole')).toBe(0);
    expect(run('killed', '5')).toBe('SIGKILL'); // in the third step, before the first checkpoint
    expect(run('killed', '24')).toBe('SIGKILL'); // after it, in the twelfth step: whether to stop is asked twice a step
    expect(run('killed')).toBe(0);
    for (const file of ['best.bin', 'last-24.bin']) expect(readFileSync(join(home, 'killed', file)).equals(readFileSync(join(home, 'whole', file))), file).toBe(true);
  });
});
