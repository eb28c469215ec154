import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';

/** What a thread asks for: real-time priority (SCHED_FIFO), or a greater share of the processor (nice). */
export type Priority = { readonly fifo: number } | { readonly nice: number };

/** The share of the thread that runs the models, while somebody waits for them. */
export const MODEL_NICE = -15;

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

/** A thread's own share of the processor, as greater or as usual. */
export class Share {
  private readonly thread: number | null;
  private readonly greater: number;
  private isGreater = false;

  /** @param greater as `nice`; nothing is ever changed where that is not granted */
  constructor(thread: number | null, greater: number) {
    this.thread = thread !== null && reniced(thread, greater) && reniced(thread, 0) ? thread : null;
    this.greater = greater;
  }

  /** Realtime-safe: yes (a system call where it changes). */
  choose(greater: boolean): void {
    if (this.thread === null || greater === this.isGreater) return;
    this.isGreater = greater;
    reniced(this.thread, greater ? this.greater : 0);
  }
}
