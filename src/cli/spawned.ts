import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { constants } from 'node:os';
import { AntiphonError } from '../core/errors.ts';

/** Milliseconds that a daemon may take to be ready, and to end when it is told to: it ends itself before that. */
const LONGEST_START = 120_000;
const LONGEST_STOP = 15_000;

const ours = new Set<ChildProcess>();

/** Ends a child too where a signal ends this process: it would play on by itself. */
export const endWithUs = <Child extends ChildProcess>(child: Child): Child => {
  if (ours.size === 0) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAll);
  ours.add(child);
  return child;
};

const endAll = (signal: NodeJS.Signals): void => {
  for (const child of ours) child.kill('SIGTERM');
  process.exit(128 + constants.signals[signal]);
};

/** A daemon in a process of its own. */
export interface Spawned {
  readonly pid: number;
  readonly http: number;
  readonly osc: number;
  readonly realtime: boolean;
  /** Whether `--awake`, if it was asked for, was granted. */
  readonly awake: boolean;
  /** Milliseconds from spawning to being ready. */
  readonly readyMs: number;
  /** Ends it as SIGTERM does; its exit code. */
  stop(): Promise<number | null>;
}

/** A UDP port nobody has at the moment. */
export const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

/** Starts `antiphon live` on free ports; resolves when it accepts notes. @throws AntiphonError `daemon.start` with what it printed */
export const startDaemon = async (args: readonly string[], cwd = process.cwd()): Promise<Spawned> => {
  const began = performance.now();
  const child = endWithUs(spawn(process.execPath, [process.argv[1] as string, 'live', ...args, '--http', '127.0.0.1:0', '--osc-in', '0'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] }));
  let printed = '';
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const match = (pattern: RegExp): string | undefined => pattern.exec(printed)?.[1];
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (what: string): void => reject(new AntiphonError('daemon.start', what, printed.trim().slice(-400), 'Run `antiphon live` to see.'));
    const late = setTimeout(() => {
      fail(`The daemon was not ready in ${LONGEST_START / 1000} s`);
      child.kill('SIGKILL');
    }, LONGEST_START).unref();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (!/Ctrl-C stops/.test(printed)) return;
      clearTimeout(late);
      resolve();
    });
    void exited.then((code) => fail(`The daemon ended with ${code} before it was ready`));
  });
  await ready;
  const readyMs = performance.now() - began;
  return {
    pid: child.pid as number,
    http: Number(match(/http:\/\/[^:\s]+:(\d+)/)),
    osc: Number(match(/OSC\s+in [^:\s]+:(\d+)/)),
    realtime: /real-time priority granted/.test(printed),
    awake: !/--awake was not granted/.test(printed),
    readyMs,
    stop: () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      setTimeout(() => child.exitCode === null && child.kill('SIGKILL'), LONGEST_STOP).unref();
      return exited;
    },
  };
};
