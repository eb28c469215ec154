import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { DaemonState } from '../../src/live/command.ts';
import { obstacleToTensorFlow } from '../../src/engine/tensorflow.ts';
import { Client, startDaemon, type Running } from './daemon.ts';

let daemon: Running | undefined;
afterEach(() => daemon?.discard());

const obstacle = obstacleToTensorFlow();
const skip = obstacle !== undefined && process.env['CI'] === undefined;
const unless = skip ? `(skipped: ${obstacle})` : '';

const counters = async (running: Running): Promise<DaemonState['counters']> => ((await (await fetch(`http://127.0.0.1:${running.http}/state.json`)).json()) as DaemonState).counters;

/** Strikes a key and lets it go once its harmony has come. */
const strike = async (client: Client, pitch: number): Promise<void> => {
  await client.harmonised(pitch);
  await client.play(pitch, 0);
};

/** Processes that any thread of `pid` began, by the kernel's word. */
const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));

it('plays on after other engines have been tried in the background', async () => {
  daemon = await startDaemon(['harmony', '--engine', 'auto']);
  const client = await Client.open(daemon.http);
  // Trying them out takes a second or two, and none tells when it is over.
  for (let n = 0; n < 20; n++) {
    await strike(client, 60 + (n % 12));
    await pause(300);
  }
  const before = (await counters(daemon))['fromModel'] as number;
  await strike(client, 72);
  await expect.poll(async () => (await counters(daemon as Running))['fromModel']).toBeGreaterThan(before);
  expect(daemon.printed()).not.toContain('model.back');
  client.close();
});

it.skipIf(skip)(`harmonises every note when a native engine is killed in the middle of them ${unless}`, async () => {
  daemon = await startDaemon(['harmony', '--engine', 'tensorflow']);
  const client = await Client.open(daemon.http);
  await strike(client, 60);
  const children = childrenOf(daemon.child.pid as number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine/child'));
  expect(children.length).toBeGreaterThan(0);
  let silent = 0;
  for (let n = 0; n < 30; n++) {
    const harmony = Promise.race([client.note('harmonise'), pause(1000)]);
    await client.play(60 + (n % 12), 80);
    // In the middle of it.
    if (n === 10) for (const pid of children) process.kill(pid, 'SIGKILL');
    if (!(await harmony)) silent++;
    await client.play(60 + (n % 12), 0);
  }
  // A machine with no time for the stage drops what would be late, and says so.
  expect(silent).toBeLessThanOrEqual((await counters(daemon))['dropped'] as number);
  await expect.poll(() => client.sounding()).toEqual([]);
  const before = (await counters(daemon))['fromModel'] as number;
  await strike(client, 64);
  await expect.poll(async () => (await counters(daemon as Running))['fromModel']).toBeGreaterThan(before);
  // One line for each model that was played with, and so for each process.
  const lines = daemon.printed().match(/.*\[engine\.lost\]/g) ?? [];
  expect(lines.length).toBe((await counters(daemon))['enginesLost']);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(children.length);
  expect(lines[0]).toContain('The process of the tensorflow engine ended');
  client.close();
});
