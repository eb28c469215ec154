import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { coins } from '../core/rng.ts';
import { percentiles, type Percentiles } from '../core/statistics.ts';
import { raise } from './priority.ts';
import { NEEDS } from './thread-needs.ts';
import { endWithUs } from './spawned.ts';
import { SPIN, threadId } from './thread.ts';

/** Milliseconds between deadlines: about as many a second as notes of a patch that plays on. */
const APART = { least: 10, more: 20 } as const;

/** Sleeps to deadlines as the stage does, and does nothing else: how late notes are on this machine with nothing to do for them. Prints it as JSON. */
export const sleepToDeadlines = async (seconds: number): Promise<void> => {
  await raise(threadId(), NEEDS.stage.priority);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const coin = coins(3);
  const late: number[] = [];
  const until = performance.now() + seconds * 1000;
  for (let due = performance.now(); due < until; due += APART.least + APART.more * coin()) {
    const left = due - SPIN - performance.now();
    if (left > 0) Atomics.wait(cell, 0, 0, left);
    while (performance.now() < due);
    late.push(performance.now() - due);
  }
  process.stdout.write(`${JSON.stringify(percentiles(late))}\n`);
};

/** The same in a process of its own, so many seconds long or until it is given up. */
export const sleptBeside = async (seconds: number, signal?: AbortSignal): Promise<Percentiles> => {
  const sleeping = promisify(execFile)(process.execPath, [process.argv[1] as string, 'bench', 'sleeper', String(seconds)], { signal });
  endWithUs(sleeping.child);
  return JSON.parse((await sleeping).stdout) as Percentiles;
};
