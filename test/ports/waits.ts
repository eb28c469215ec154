import { readdirSync, readFileSync } from 'node:fs';

/** Where each thread of processes waits, a line each: its name, its state and what the kernel was asked for. To find out why a sound system stands still. */
export const waitsOf = (pids: readonly number[]): string =>
  pids.flatMap((pid) => tasksOf(pid).map((task) => `${pid} ${said(`${task}/comm`)}: ${said(`${task}/stat`).split(') ')[1]?.[0] ?? '?'}, ${said(`${task}/wchan`) || 'no wait'}, call ${said(`${task}/syscall`).split(' ').slice(0, 3).join(' ')}\n`)).join('');

const tasksOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  } catch {
    return [];
  }
};

const said = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};
