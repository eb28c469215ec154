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
  const harmony = client.note('harmonise');
  await client.play(pitch, 80);
  await harmony;
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

it.skipIf(skip)(`harmonises on when a native engine is killed ${unless}`, async () => {
  daemon = await startDaemon(['harmony', '--engine', 'tensorflow']);
  const client = await Client.open(daemon.http);
  await strike(client, 60);
  const children = childrenOf(daemon.child.pid as number);
  expect(children.length).toBeGreaterThan(0);
  for (const pid of children) process.kill(pid, 'SIGKILL');
  await strike(client, 62);
  const before = (await counters(daemon))['fromModel'] as number;
  await expect.poll(async () => {
    await strike(client, 64);
    await pause(200);
    return (await counters(daemon as Running))['fromModel'];
  }, { timeout: 15_000 }).toBeGreaterThan(before);
  client.close();
});
