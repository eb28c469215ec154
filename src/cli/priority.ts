import { askRealtimeKit } from './realtime-kit.ts';
import { schedule } from './scheduling.ts';

/**
 * What a thread asks for: real-time priority (SCHED_FIFO), or a greater share of the processor (nice). And, where the first is refused, how many
 * milliseconds it runs at a time, which everybody may ask for: Linux (6.12) gives a thread that is woken the processor of one that runs longer at a
 * time (1.4 ms on two processors, unless it says) at once; else it waits for the other to have run that long, and for a tick.
 */
export type Priority = { readonly fifo: number; readonly slice: number } | { readonly nice: number; readonly slice?: number };

/** Asks for priority for a thread of ours; whether it was granted. Needs Linux, and root, rtprio and nice limits, or RealtimeKit. */
export const raise = async (thread: number | null, priority: Priority): Promise<boolean> => {
  if (thread === null) return false;
  if (schedule(thread, priority)) return true;
  const { slice } = priority;
  if (slice !== undefined) schedule(thread, { slice });
  return askRealtimeKit(thread, priority);
};
