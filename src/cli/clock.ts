import { ms, type Ms } from '../core/units.ts';

/** Seconds that all threads of a process count from. */
export const clockBase = (): number => process.hrtime()[0];

/** Milliseconds of the one monotonic clock; each thread makes its own from the same `base`. */
export const clockFrom = (base: number) => (): Ms => {
  const [seconds, nanoseconds] = process.hrtime();
  return ms((seconds - base) * 1000 + nanoseconds / 1e6);
};
