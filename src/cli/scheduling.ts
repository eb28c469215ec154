import { createRequire } from 'node:module';
import type { LibraryHandle } from 'koffi';

/** How Linux schedules a thread, as `sched_setattr(2)` has it. */
export interface Scheduling {
  /** Real-time priority (SCHED_FIFO), 1 to 99; absent: an ordinary thread. */
  readonly fifo?: number;
  /** Share of an ordinary thread, -20 to 19; 0 unless given. */
  readonly nice?: number;
  /** How long an ordinary thread asks to run at a time, in milliseconds (Linux 6.12 and later): the shorter, the sooner after it is woken. Unless given, as others. */
  readonly slice?: number;
  /** What the thread starts is ordinary; RealtimeKit asks for it, and no user without rights may unsay it. */
  readonly resetsOnFork?: boolean;
}

/** The number of `sched_setattr`, on processors of 64 bits: the C library has no name for it before glibc 2.41. */
const CALLS: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274, riscv64: 274, loong64: 274 };
const POLICY = { other: 0, fifo: 1 } as const;
/** Where the fields are in `struct sched_attr`, in bytes. */
const FIELDS = { size: 0, policy: 4, flags: 8, nice: 16, priority: 20, runtime: 24 } as const;
const SIZE = 48;
const RESET_ON_FORK = 1n;
const NANOSECONDS = 1e6;

const RLIMIT_RTTIME = 15;

type Called = Readonly<Record<'syscall' | 'setrlimit', ReturnType<LibraryHandle['func']>>>;
let calls: Called | null | undefined;

/** What is called of the C library; null where this is not Linux on a processor that is known, or the package that calls it is not installed. */
const callable = (): Called | null => (calls === undefined ? (calls = opened()) : calls);

const opened = (): Called | null => {
  if (process.platform !== 'linux' || CALLS[process.arch] === undefined) return null;
  try {
    const library = (createRequire(import.meta.url)('koffi') as { load(name: null): LibraryHandle }).load(null);
    return { syscall: library.func('long syscall(long number, int thread, void *attributes, int flags)'), setrlimit: library.func('int setrlimit(int resource, void *limits)') };
  } catch {
    return null;
  }
};

/** Schedules a thread of ours so; false where the kernel refuses it, or cannot be asked. */
export const schedule = (thread: number, { fifo, nice = 0, slice = 0, resetsOnFork = false }: Scheduling): boolean => {
  const attributes = new DataView(new ArrayBuffer(SIZE));
  attributes.setUint32(FIELDS.size, SIZE, true);
  attributes.setUint32(FIELDS.policy, fifo === undefined ? POLICY.other : POLICY.fifo, true);
  attributes.setBigUint64(FIELDS.flags, resetsOnFork ? RESET_ON_FORK : 0n, true);
  attributes.setInt32(FIELDS.nice, nice, true);
  attributes.setUint32(FIELDS.priority, fifo ?? 0, true);
  attributes.setBigUint64(FIELDS.runtime, fifo === undefined ? BigInt(Math.round(slice * NANOSECONDS)) : 0n, true);
  return Number(callable()?.syscall(CALLS[process.arch], thread, new Uint8Array(attributes.buffer), 0) ?? -1) === 0;
};

/** No real-time thread of this process may run on without sleeping for longer than `most` milliseconds; the kernel warns after `warned`. Whether that holds now. */
export const limitRealtime = (warned: number, most: number): boolean =>
  Number(callable()?.setrlimit(RLIMIT_RTTIME, BigUint64Array.of(BigInt(warned * 1000), BigInt(most * 1000))) ?? -1) === 0;
