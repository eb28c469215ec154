import { readlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { FromThread } from './wiring.ts';

/** The last milliseconds of a wait for a deadline are spun: a sleeping thread wakes some tenths of one late. */
export const SPIN = 0.3;
/** Milliseconds that a thread's code is made warm for, at most, before it says that it is ready. */
export const WARM_FOR = 120;

export const post = (message: FromThread): void => parentPort?.postMessage(message);

/** The kernel's number of this thread, for its priority; null where there is none to be had. */
export const threadId = (): number | null => {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop());
  } catch {
    return null;
  }
};

/** Runs a thread's body: what it throws reaches main in the words of an error with a code. */
export const runThread = (body: () => Promise<void>): void => {
  body().catch((thrown: unknown) => {
    const { code, what, value, advice } = thrown instanceof AntiphonError ? thrown : unforeseen(thrown);
    post({ kind: 'failed', code, what, value, advice });
  });
};

const unforeseen = (thrown: unknown): AntiphonError =>
  new AntiphonError('thread', 'A thread of the performance stopped', (thrown instanceof Error && thrown.stack) || messageOf(thrown), 'Start again; if it stays, run `antiphon doctor`.');

/** Sleeps until the bell rings or time is up, with the event loop running. */
export const sleep = async (word: Int32Array, heard: number, timeout: number): Promise<void> => {
  const waiting = Atomics.waitAsync(word, 0, heard, timeout);
  if (waiting.async) await waiting.value;
};

/** The event loop is looked at so often, in milliseconds, and busy from this share of the time on. */
const LOOP_EVERY = 500;
const BUSY = 0.5;

/** Says whether this thread's event loop hardly comes to rest, until what is returned is called. */
export const watchLoop = (tell: (busy: boolean) => void): (() => void) => {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    tell(performance.eventLoopUtilization(now, before).utilization > BUSY);
    before = now;
  }, LOOP_EVERY).unref();
  return () => clearInterval(timer);
};
