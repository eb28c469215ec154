import { execFile } from 'node:child_process';
import type { Priority } from './priority.ts';
import { limitRealtime, schedule } from './scheduling.ts';

/** RealtimeKit gives real-time priority up to this (`MaxRealtimePriority`, rtkit-daemon's default). */
const MOST = 20;
/** Ours run to this. */
const HIGHEST = 50;
/**
 * It asks of a process that no real-time thread of it may run on for longer than 200 ms without sleeping: the kernel ends the process then,
 * and sends SIGXCPU before.
 */
const RUNS = { warned: 100, most: 200 } as const;
/** Milliseconds until what was given back is asked for again. */
const PENANCE = 10_000;
/** Milliseconds that a bus may take to answer. */
const REPLY = 2000;

const granted = new Map<number, Extract<Priority, { fifo: number }>>();

/** Asks the desktop's RealtimeKit for a thread of ours, where the user has no right of its own; whether it gave it. */
export const askRealtimeKit = async (thread: number, priority: Priority): Promise<boolean> => {
  if (process.platform !== 'linux') return false;
  if ('nice' in priority) return call('MakeThreadHighPriorityWithPID', thread, `int32:${priority.nice}`);
  if (!limitRealtime(RUNS.warned, RUNS.most)) return false;
  const given = await call('MakeThreadRealtimeWithPID', thread, `uint32:${Math.round((priority.fifo * MOST) / HIGHEST)}`);
  if (given) granted.set(thread, priority);
  return given;
};

/** For SIGXCPU: a thread did not sleep for too long, and better late than ended. Ten seconds later they ask again. */
export const giveBack = (): void => {
  const held = [...granted];
  granted.clear();
  for (const [thread, { slice }] of held) schedule(thread, { slice, resetsOnFork: true });
  setTimeout(() => {
    for (const [thread, priority] of held) void askRealtimeKit(thread, priority);
  }, PENANCE).unref();
};

const call = (method: string, thread: number, argument: string): Promise<boolean> =>
  new Promise((resolve) => {
    const words = ['--system', '--print-reply', `--reply-timeout=${REPLY}`, '--dest=org.freedesktop.RealtimeKit1', '/org/freedesktop/RealtimeKit1'];
    execFile('dbus-send', [...words, `org.freedesktop.RealtimeKit1.${method}`, `uint64:${process.pid}`, `uint64:${thread}`, argument], (error) => resolve(!error));
  });
