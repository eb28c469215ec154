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

const THREAD = 0;
const GREATER = 1;

/** A thread's share of the processor, as usual or greater, in memory that it shares with those who wait for it. */
export class Share {
  private readonly words: Int32Array;
  private readonly greater: number;

  /**
   * @param memory eight bytes
   * @param greater as `nice`; nothing is ever changed where that is not granted
   */
  constructor(memory: SharedArrayBuffer, greater: number) {
    this.words = new Int32Array(memory);
    this.greater = greater;
  }

  /** Whose share it is: the thread that calls, by the kernel's number. */
  of(thread: number | null): void {
    if (thread === null || !reniced(thread, this.greater) || !reniced(thread, 0)) return;
    Atomics.store(this.words, GREATER, 0);
    Atomics.store(this.words, THREAD, thread);
  }

  /** Chosen by the thread itself, and greater by who is about to wait for it: it may not be running. Realtime-safe: yes (a system call where it changes). */
  choose(greater: boolean): void {
    const thread = Atomics.load(this.words, THREAD);
    if (thread === 0 || Atomics.exchange(this.words, GREATER, Number(greater)) === Number(greater)) return;
    reniced(thread, greater ? this.greater : 0);
  }
}
