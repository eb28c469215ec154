import { execFile } from 'node:child_process';

/** Asks for real-time priority (SCHED_FIFO) for a thread of ours; whether it was granted. Needs root or an rtprio limit, and Linux. */
export const raise = (thread: number | null, priority: number): Promise<boolean> =>
  thread === null ? Promise.resolve(false) : new Promise((resolve) => execFile('chrt', ['-f', '-p', String(priority), String(thread)], (error) => resolve(!error)));
