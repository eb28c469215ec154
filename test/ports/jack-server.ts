import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { isAlive, jackServers } from '../../src/midi/jack-registry.ts';
import { pause } from '../integration/daemon.ts';

/** The server ends, in good order, when nobody holds the other end of this shell's input any more. */
const KEEP = 'jackd "$@" > /dev/null 2>&1 < /dev/null & server=$!; echo $server; cat > /dev/null; kill $server 2> /dev/null; wait $server';
/** By the process that started it. */
const NAME = /^antiphon(\d+)$/;
/** What a killed server, and clients that were killed on one, leave behind. */
const LEFT = /^jack_(?:sem\.\d+_)?(antiphon\d+)_/;
const SHARED = '/dev/shm';
const LONGEST_START = 10_000;
/** One that has not ended so long, in milliseconds, after it was told to is killed. */
const LONGEST_END = 10_000;

/** A JACK server over the dummy driver, that ends with this process, however that ends. */
export class JackServer {
  readonly name = `antiphon${process.pid}`;
  private readonly options: readonly string[];
  private shell: ChildProcessByStdio<Writable, Readable, null> | null = null;
  private pid = 0;

  constructor(options: readonly string[]) {
    this.options = options;
  }

  /** Starts it, and waits until it takes clients. */
  async begin(): Promise<void> {
    const words = ['-n', this.name, '-R', '-P', '60', ...this.options, '-d', 'dummy', '-r', '48000', '-p', '1024'];
    this.shell = spawn('sh', ['-c', KEEP, 'sh', ...words], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [said] = (await once(this.shell.stdout, 'data')) as [Buffer];
    this.pid = Number(said);
    for (let waited = 0; spawnSync('jack_lsp', ['-s', this.name], { stdio: 'ignore', timeout: 5000 }).status !== 0; waited += 100) {
      if (waited > LONGEST_START || !isAlive(this.pid)) throw new Error('jackd does not start');
      await pause(100);
    }
  }

  /** Sends it a signal, and waits until it has ended where that is what the signal does. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { shell } = this;
    process.kill(this.pid, signal);
    if (!shell || signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    this.shell = null;
    const ended = once(shell, 'exit');
    shell.stdin.end();
    const kill = setTimeout(() => isAlive(this.pid) && process.kill(this.pid, 'SIGKILL'), LONGEST_END);
    await ended;
    clearTimeout(kill);
  }

  /** Ends it with nothing left behind: one that was killed stays in JACK's registry of eight until one of its name ends in good order. */
  async close(): Promise<void> {
    if (jackServers().some(({ name, pid }) => name === this.name && !isAlive(pid))) await this.begin();
    if (this.shell) await this.signal('SIGTERM');
    removeLeft((name) => name === this.name);
  }
}

const removeLeft = (whose: (name: string) => boolean): void => {
  for (const file of readdirSync(SHARED)) if (whose(LEFT.exec(file)?.[1] ?? '')) rmSync(join(SHARED, file), { force: true });
};

/** Takes servers of earlier tests out of JACK's registry, with all they left: those that were killed, and nobody else's. */
export const sweepJackServers = async (): Promise<void> => {
  for (const { name, pid } of jackServers()) {
    if (!NAME.test(name) || isAlive(pid)) continue;
    const server = Object.assign(new JackServer([]), { name });
    await server.begin();
    await server.signal('SIGTERM');
  }
  removeLeft((name) => NAME.test(name) && !isAlive(Number(NAME.exec(name)?.[1])));
};
