import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';

/** What a thread asks for: real-time priority (SCHED_FIFO), or a greater share of the processor (nice). */
export type Priority = { readonly fifo: number } | { readonly nice: number };

/** Asks for priority for a thread of ours; whether it was granted. Needs root, or rtprio and nice limits, and Linux. */
export const raise = (thread: number | null, priority: Priority): Promise<boolean> =>
  new Promise((resolve) => {
    if (thread === null) resolve(false);
    else if ('fifo' in priority) execFile('chrt', ['-f', '-p', String(priority.fifo), String(thread)], (error) => resolve(!error));
    else resolve(reniced(thread, priority.nice));
  });

const reniced = (thread: number, nice: number): boolean => {
  try {
    setPriority(thread, nice);
    return true;
  } catch {
    return false;
  }
};
