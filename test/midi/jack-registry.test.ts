import { describe, expect, it } from 'vitest';
import { howToStartJack, readJackRegistry } from '../../src/midi/jack-registry.ts';

/** A registry as JACK 2 writes it on x86-64: a header of 24 bytes, then eight places of a process id and a name. */
const registry = (...servers: readonly (readonly [pid: number, name: string])[]): Buffer => {
  const bytes = Buffer.alloc(70_744);
  for (const [at, value] of [0x4a41434b, 0, 1, 70_744, 2136, 268].entries()) bytes.writeUInt32LE(value, at * 4);
  for (const [n, [pid, name]] of servers.entries()) {
    bytes.writeInt32LE(pid, 24 + n * 264);
    bytes.write(name, 28 + n * 264);
  }
  return bytes;
};
const eight = Array.from({ length: 8 }, (_, n) => ({ pid: 100 + n, name: `s${n}` }));

describe("JACK's registry of servers", () => {
  it('is read, the free places left out', () => {
    expect(readJackRegistry(registry([0, 'jack-0:ended:'], [4711, 'jack-1000:default:'], [12, 'x'.repeat(256)]))).toEqual([{ pid: 4711, name: 'default' }, { pid: 12, name: 'x'.repeat(256) }]);
  });

  it('is null where it is another file', () => {
    expect([readJackRegistry(Buffer.alloc(70_744)), readJackRegistry(registry().subarray(0, 2135)), readJackRegistry(Buffer.alloc(0))]).toEqual([null, null, null]);
    expect(readJackRegistry(registry().subarray(0, 2136))).toEqual([]);
  });

  it('says why no server starts, where it is full of those that were killed', () => {
    const start = 'start one, for example `jackd -d alsa`';
    expect(howToStartJack([], () => false)).toBe(start);
    expect(howToStartJack(eight.slice(0, 7), () => false)).toBe(start);
    // Eight that run are as many as there may be, and one of them is the one to name.
    expect(howToStartJack(eight, () => true)).toBe(start);
    expect(howToStartJack(eight, () => false)).toBe('and none can start, for its registry is full of servers that were killed (s0, s1, s2, s3, s4, s5, s6, s7): remove /dev/shm/jack-shm-registry, then start one');
    expect(howToStartJack(eight, (pid) => pid !== 103)).toBe('and none can start, for its registry is full of servers that were killed (s3): end the others in good order, then remove /dev/shm/jack-shm-registry, then start one');
  });
});
