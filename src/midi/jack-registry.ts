import { readFileSync } from 'node:fs';

/** What JACK servers of one user enter themselves in; a server that is killed stays in it. */
const REGISTRY = '/dev/shm/jack-shm-registry';
/** "JACK", as a number of this machine's. */
const MAGIC = 0x4a41434b;
const HEADER = 24;
/** MAX_SERVERS, and a process id with a name of up to 256 bytes (JACK 2, common/shm.h). */
const PLACES = 8;
const PLACE = 264;
/** A user's number, and the server's own name. */
const PREFIXED = /^jack-\d+:(.*):$/;

export interface JackServerEntry {
  readonly pid: number;
  readonly name: string;
}

/** Reads the registry's places that are taken; null for what is no such registry. */
export const readJackRegistry = (bytes: Uint8Array): JackServerEntry[] | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER + PLACES * PLACE || view.getUint32(0, true) !== MAGIC) return null;
  const entries = Array.from({ length: PLACES }, (_, n) => {
    const at = HEADER + n * PLACE;
    const name = bytes.subarray(at + 4, at + PLACE);
    const text = new TextDecoder().decode(name.subarray(0, Math.max(0, name.indexOf(0))));
    return { pid: view.getInt32(at, true), name: PREFIXED.exec(text)?.[1] ?? text };
  });
  return entries.filter(({ pid }) => pid !== 0);
};

/** The servers that are entered here, alive or not. */
export const jackServers = (): readonly JackServerEntry[] => {
  try {
    return readJackRegistry(readFileSync(REGISTRY)) ?? [];
  } catch {
    return [];
  }
};

/** Whether a process is there. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** What to do where no server of a name runs. */
export const howToStartJack = (entries: readonly JackServerEntry[], alive: (pid: number) => boolean): string => {
  const gone = entries.filter(({ pid }) => !alive(pid)).map(({ name }) => name);
  if (entries.length < PLACES || gone.length === 0) return 'start one, for example `jackd -d alsa`';
  const running = entries.length > gone.length ? 'end the others in good order, then remove' : 'remove';
  return `and none can start, for its registry is full of servers that were killed (${gone.join(', ')}): ${running} ${REGISTRY}, then start one`;
};
