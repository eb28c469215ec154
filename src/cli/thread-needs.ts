import type { ResourceLimits } from 'node:worker_threads';
import type { Priority } from './priority.ts';

export type ThreadName = 'stage' | 'input' | 'model';

interface Needs {
  readonly priority: Priority;
  readonly limits: ResourceLimits;
  /** What is said when it has failed and been started again, and when it has failed once too often; null where nothing can go on without it. */
  readonly revival: { readonly back: string; readonly lost: string } | null;
}

/** A thread that fails is started again this often. */
export const MOST_REVIVALS = 5;

/** What each thread of a performance needs of the system, of its collector, and when it fails. */
export const NEEDS: Readonly<Record<ThreadName, Needs>> = {
  stage: { priority: { fifo: 50, slice: 0.1 }, limits: {}, revival: null },
  input: {
    priority: { fifo: 45, slice: 0.2 },
    // Each packet of OSC holds some tens of kilobytes until it is collected: little at a time, so that a key waits half a millisecond for that, and not two.
    limits: { maxYoungGenerationSizeMb: 3 },
    revival: {
      back: 'What listens to MIDI and OSC failed and was started again; keys that were down are let go.',
      lost: `What listens to MIDI and OSC failed ${MOST_REVIVALS} times: the page and WebSocket play on. Start again.`,
    },
  },
  model: {
    // Not real-time: Linux wakes a real-time thread where it ran last, even when an ordinary one runs there and another processor is idle.
    // For the milliseconds a chord is thought about, main and its clients got no turn: measured, 7.1 ms to a client against 4.0.
    priority: { nice: -15 },
    limits: {},
    revival: {
      back: 'The models failed and were loaded again.',
      lost: `The models failed ${MOST_REVIVALS} times: harmony goes on by rule, answers are over. Start again.`,
    },
  },
};
