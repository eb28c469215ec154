import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { SoakReport } from '../../src/cli/soak.ts';
import { pause } from './daemon.ts';

const program = new URL('../../dist/cli/main.js', import.meta.url).pathname;

it('plays for twenty seconds: memory does not grow, nothing is left sounding, every note is answered', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'soak', '--minutes', '0.33', '--unloaded', '--json'], { cwd: mkdtempSync(join(tmpdir(), 'antiphon-soak-test-')) });
  const report = JSON.parse(stdout) as SoakReport;
  expect(report.orphans).toBe(0);
  expect(report.memory.most).toBeLessThanOrEqual(400);
  expect(report.memory.late).toBeLessThanOrEqual(report.memory.early + 40);
  expect(report.notes.played).toBeGreaterThan(40);
  // A key struck again before its harmony came is harmonised once.
  expect(report.counters['harmonies']).toBeGreaterThan(report.notes.played * 0.95);
  expect(report.counters['answers']).toBeGreaterThan(2);
  expect(report.counters['ringDrops']).toBe(0);
  expect(report.bareLateness.count).toBeGreaterThan(500);
  if (process.platform === 'linux') expect(report.stolenMs).toBeGreaterThanOrEqual(0);
});

it.skipIf(process.platform !== 'linux')('ends what it started where it is ended itself', { timeout: 60_000 }, async () => {
  const soak = spawn(process.execPath, [program, 'soak', '--minutes', '1', '--unloaded'], { cwd: mkdtempSync(join(tmpdir(), 'antiphon-soak-test-')), stdio: 'ignore' });
  const children = (): string[] => readFileSync(`/proc/${soak.pid}/task/${soak.pid}/children`, 'utf8').split(' ').filter(Boolean);
  // The daemon, and once it plays the thread beside it.
  while (children().length < 2) await pause(50);
  const started = children();
  soak.kill('SIGTERM');
  expect(await once(soak, 'exit')).toEqual([143, null]);
  while (started.some((pid) => existsSync(`/proc/${pid}`))) await pause(50);
  expect(started.length).toBeGreaterThanOrEqual(2);
});
