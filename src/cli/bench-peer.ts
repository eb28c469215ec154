import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Command } from 'commander';
import osc from 'osc-js';
import { coins } from '../core/rng.ts';
import { AntiphonError } from '../core/errors.ts';
import { percentiles, type Percentiles } from '../core/statistics.ts';
import { pythonFor } from './keras.ts';
import { machineLine } from './machine.ts';
import { openNotochord } from './notochord.ts';
import { raise } from './priority.ts';
import { freePort, startDaemon } from './spawned.ts';
import { numberFrom } from './terminal.ts';
import { threadId } from './thread.ts';

// The package's types describe an ES module, but what Node imports is its CommonJS build.
const OSC = osc as unknown as typeof osc.default;

interface PeerReport {
  readonly machine: string;
  readonly peer: string;
  /** Milliseconds from a note sent to what is played to it, or said to come next. */
  readonly antiphon: Percentiles;
  readonly notochord: Percentiles;
  /** How many times longer the peer took. */
  readonly times: { readonly p50: number; readonly p99: number };
}

/** A program that is asked over OSC by the same client as the other. */
interface Asked {
  ask(pitch: number): Promise<number>;
  close(): void;
}

/** How long is waited for an answer, in milliseconds; and at least between strikes: long enough that two are no chord. */
const PATIENCE = 1000;
const REST = 60;
/** Asked before what counts, and in a turn. */
const WARM = 30;
const TURN = 25;

/** Of the client, below the stage and what listens: what is measured is who answers, not how soon this machine wakes who asked. */
const CLIENT = { fifo: 20, slice: 0.1 } as const;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The client: sends a note, and waits for the first message that `answers`. */
const client = async (port: number, back: number, strike: (pitch: number) => readonly [string, ...(string | number)[]], answers: (address: string, args: readonly unknown[]) => boolean, release?: (pitch: number) => readonly [string, ...(string | number)[]]): Promise<Asked> => {
  const socket = createSocket('udp4');
  socket.bind(back, '127.0.0.1');
  await once(socket, 'listening');
  let heard: (() => void) | undefined;
  socket.on('message', (bytes) => {
    const message = new OSC.Message('/');
    // osc-js forgets a view's offset.
    message.unpack(new DataView(Uint8Array.from(bytes).buffer));
    if (answers(message.address, message.args as unknown[])) heard?.();
  });
  const send = ([address, ...args]: readonly [string, ...(string | number)[]]): void => socket.send(new OSC.Message(address, ...args).pack(), port, '127.0.0.1');
  return {
    ask: async (pitch) => {
      const message = strike(pitch);
      const sent = performance.now();
      const answered = new Promise<number>((resolve) => (heard = () => resolve(performance.now() - sent)));
      send(message);
      const took = await Promise.race([answered, pause(PATIENCE).then(() => NaN)]);
      heard = undefined;
      if (release) send(release(pitch));
      return took;
    },
    close: () => socket.close(),
  };
};

/** Antiphon's harmony and Notochord's `feed_query`, in turns on one machine: each is fed a note and asked what goes with it. */
const benchPeer = async (python: string, strikes: number): Promise<PeerReport> => {
  const [peerIn, peerBack, back] = [await freePort(), await freePort(), await freePort()];
  const peer = await openNotochord(python, peerIn, peerBack);
  if (typeof peer === 'string') throw new AntiphonError('bench.peer', peer, python, 'Install it with `pip install notochord` and name its Python with --python.');
  const daemon = await startDaemon(['harmony', '--engine', 'wasm', '--no-midi', '--osc-out', `127.0.0.1:${back}`]);
  // Once both have started: what a thread starts has its priority.
  await raise(threadId(), CLIENT);
  const antiphon = await client(daemon.osc, back, (pitch) => ['/antiphon/note', pitch, 80], (address, [, velocity, , role]) => address.endsWith('/note') && (velocity as number) > 0 && role === 'harmonise', (pitch) => ['/antiphon/note', pitch, 0]);
  const notochord = await client(peerIn, peerBack, (pitch) => ['/notochord/feed_query', 1, pitch, 0.2, 80], (address) => address === '/return/notochord/query');
  try {
    const coin = coins(7);
    const took: [number[], number[]] = [[], []];
    const turn = async (count: number, keep: boolean): Promise<void> => {
      for (const [which, asked] of [antiphon, notochord].entries()) {
        for (let i = 0; i < count; i++) {
          const milliseconds = await asked.ask(60 + Math.floor(coin() * 13));
          if (keep) (took[which] as number[]).push(milliseconds);
          await pause(REST + 10 * coin());
        }
      }
    };
    await turn(WARM, false);
    // Turn by turn, so that both see the same load.
    for (let left = strikes; left > 0; left -= TURN) await turn(Math.min(TURN, left), true);
    const unanswered = took.map((each) => each.filter(Number.isNaN).length);
    // A note out of the player's key may go without harmony; more than a few would not be a comparison.
    if (unanswered.some((count) => count > strikes / 10)) throw new AntiphonError('bench.peer', 'Too few were answered in a second: not answered by Antiphon and Notochord', unanswered, 'Run it again on a quiet machine.');
    const [ours, theirs] = took.map((each) => percentiles(each.filter((value) => !Number.isNaN(value)))) as [Percentiles, Percentiles];
    return { machine: machineLine(), peer: peer.version, antiphon: ours, notochord: theirs, times: { p50: theirs.p50 / ours.p50, p99: theirs.p99 / ours.p99 } };
  } finally {
    antiphon.close();
    notochord.close();
    peer.close();
    await daemon.stop();
  }
};

export const benchPeerCommand = (bench: Command): void => {
  bench
    .command('peer')
    .description('a note over OSC to what is played to it, beside Notochord, where Python has it')
    .option('--python <path>', 'the Python that has notochord')
    .option('--strikes <n>', 'notes sent to each', numberFrom(50), 300)
    .option('--json', 'one JSON object on standard output', false)
    .addHelpText('after', '\nExample:\n  $ antiphon bench peer --python ~/notochord/bin/python\n')
    .action(async ({ python, strikes, json }: { python?: string; strikes: number; json: boolean }) => {
      const report = await benchPeer(pythonFor(python), strikes);
      process.stdout.write(json ? `${JSON.stringify(report, null, 1)}\n` : table(report));
    });
};

const table = ({ machine, peer, antiphon, notochord, times }: PeerReport): string => {
  const row = (name: string, { p50, p95, p99, max }: Percentiles): string => name.padEnd(34) + [p50, p95, p99, max].map((value) => value.toFixed(2).padStart(8)).join('');
  return [machine, peer, '', `${'note sent to answer, OSC'.padEnd(34)}${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(8)).join('')}   (ms)`, row('  Antiphon, harmony', antiphon), row('  Notochord, feed_query', notochord), '', `Antiphon is ${times.p50.toFixed(1)} times faster at p50, ${times.p99.toFixed(1)} at p99`, ''].join('\n');
};
