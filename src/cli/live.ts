import { Option, type Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import { castOf } from '../live/cast.ts';
import type { Told } from '../live/command.ts';
import { serve, type WebDoor } from '../net/http.ts';
import { withOffsets } from '../live/offsets.ts';
import type { PatchOutput } from '../live/patch.ts';
import { addressFrom, portAddressFrom, type Address } from './address.ts';
import { keepAwake } from './awake.ts';
import { burn } from './burn.ts';
import { collectAlone } from './collector.ts';
import { Daemon } from './daemon.ts';
import { demo } from './demo.ts';
import { modelHash, projectFolder } from './models.ts';
import { metricsOf } from './metrics.ts';
import { offsetFrom } from './offset.ts';
import { loadPatches } from './patches.ts';
import { raise } from './priority.ts';
import { giveBack } from './realtime-kit.ts';
import { Recording } from './recording.ts';
import { screen } from './screen.ts';
import { numberFrom, say } from './terminal.ts';

export interface LiveOptions {
  readonly engine: string;
  readonly seed: number;
  readonly midiIn: readonly string[];
  readonly midiOut: readonly string[];
  readonly offset: readonly Required<PatchOutput>[];
  readonly midi: boolean;
  readonly http: Address;
  readonly oscIn: Address;
  readonly oscOut: Address;
  readonly guard: number;
  readonly awake: boolean;
  readonly record: string;
  readonly demo: boolean;
  readonly burn: number;
  readonly slow: number;
}

export const liveCommand = (program: Command): void => {
  program
    .command('live', { isDefault: true })
    .description('play: listen to a keyboard or the page, and answer')
    .argument('[patch]', 'a patch by name or file', 'duet')
    .option('--engine <name>', 'auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .option('--seed <n>', 'seed of every choice', numberFrom(0), 1)
    .option('--midi-in <ports...>', 'inputs by part of their name, instead of what the patch says', [])
    .option('--midi-out <ports...>', 'outputs by part of their name, instead of what the patch says', [])
    .option('--offset <port=ms...>', 'when outputs get notes on a schedule, by part of their name: "Strings=-40" 40 ms early, for a slow attack', offsetFrom, [])
    .option('--no-midi', 'open no MIDI ports')
    .option('--http <address>', 'address of page and WebSocket', addressFrom('--http'), { host: '127.0.0.1', port: 7400 })
    .option('--osc-in <port>', 'UDP port, or address, to listen on', portAddressFrom('--osc-in'), { host: '127.0.0.1', port: 7401 })
    .option('--osc-out <address>', 'where OSC goes', addressFrom('--osc-out'), { host: '127.0.0.1', port: 7402 })
    .option('--guard <seconds>', 'a process of its own ends every note if this one dies, or gives no sign of life for so long (0: none)', guardFrom, 2)
    .option('--awake', 'keep the processor from sleeping between notes: steadier, and costs power (Linux; needs the right to /dev/cpu_dma_latency)', false)
    .option('--record <folder>', 'where sessions are kept', 'recordings')
    .option('--demo', 'play a phrase in, print the answer, write demo.mid, and end', false)
    .addOption(new Option('--burn <ms>', 'keep the main thread busy for so many of each 50 ms').argParser(numberFrom(0, 45)).default(0).hideHelp())
    .addOption(new Option('--slow <factor>', 'make every step of the models take so many times as long, to see that nothing is late for it').argParser(numberFrom(1)).default(1).hideHelp())
    .addHelpText('after', '\nExamples:\n  $ antiphon live                          the default patch, on whatever is plugged in\n  $ antiphon live continuo --midi-in nano  a bass under what the nanoKEY plays\n  $ antiphon live --no-midi --seed 7       on the page alone\n')
    .action(live);
};

/**
 * Main tells clients of WebSocket what sounds, and would wait behind the models' thread for that: measured, an answer taken back had ended for
 * them 1.20 ms after the echo (medians of three runs), and 3.7 in one of twenty; so it is 1.03 and 0.93.
 */
const MAIN = { nice: -10, slice: 0.4 } as const;

/** How long is waited for the guard's last words, and for an end in good order, in milliseconds. */
const LAST_WORDS = 1500;
const LONGEST_STOP = 8000;

const live = async (patchName: string, options: LiveOptions): Promise<void> => {
  if (options.demo) return demo(patchName, options.seed, options.engine);
  collectAlone();
  const lacking: string[] = [];
  const patches = loadPatches(patchName, (message) => say(`left out a patch: ${message}`), (message) => lacking.push(message)).map((patch) => withOffsets(patch, options.offset));
  const cast = castOf(patches);
  let recording: Recording | null = null;
  let door: WebDoor | null = null;
  const daemon: Daemon = new Daemon({
    patches,
    cast,
    engine: options.engine,
    seed: options.seed,
    slow: options.slow,
    midi: options.midi,
    midiIn: options.midiIn,
    midiOut: options.midiOut,
    oscIn: options.oscIn,
    oscOut: options.oscOut,
    guard: options.guard * 1000,
    record: (record) => recording?.record(record),
    tell: (told: Told) => door?.hub.tell(told),
    warn: (code, message) => {
      say(`warning: ${message} [${code}]`);
      door?.hub.tell({ kind: 'error', code, message });
    },
    // The guard ends what sounds, and says so.
    lost: () => void setTimeout(() => end(1), LAST_WORDS),
  });
  // From here on: whoever hears "ready" may end it in the same moment.
  const stop = async (code: number): Promise<void> => {
    await Promise.allSettled([daemon.close().then(() => Promise.all([door?.close(), recording?.close()]))]);
    process.exit(code);
  };
  // Whoever read what is said may be gone: saying that it can't be said would go on for ever.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // A fault in what serves clients must not end the music: the stage is another thread of this process.
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) process.on(fault, (thrown: unknown) => say(`warning: ${messageOf(thrown)} [${fault}]`));
  let stopping = false;
  const end = (code: number): void => {
    if (stopping) return;
    stopping = true;
    void stop(code);
    // A sound system that died may never let go of its ports. The guard ends what sounds.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LONGEST_STOP).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
  if (process.platform === 'linux') {
    process.on('SIGXCPU', () => {
      giveBack();
      say('warning: A thread with real-time priority ran on for 0.1 s without a rest: for ten seconds none has it. [realtime]');
    });
  }

  const { host, port } = options.http;
  try {
    door = await serve({ host, port, webRoot: webRoot(), state: () => daemon.state(), command: (command) => daemon.command(command), now: daemon.now, changed: daemon.listened, metrics: () => metricsOf(daemon.state()) });
    const started = daemon.start();
    // While threads come up on other processors: models take time to be told by their contents.
    recording = new Recording(options.record, { format: 'antiphon-log-1', seed: options.seed, engine: options.engine, models: hashesOf(cast), cast, patches, start: daemon.now() }, new Date());
    await started;
    void raise(process.pid, MAIN);
  } catch (thrown) {
    await Promise.allSettled([daemon.close(), door?.close(), recording?.close()]);
    throw thrown;
  }
  if (options.awake && !keepAwake()) say('--awake was not granted: it needs Linux, and root or the right to write to /dev/cpu_dma_latency');
  if (options.burn > 0) burn(options.burn);
  for (const message of lacking) say(message);
  say(screen(daemon, door.url, options));
};

/** The stage gives a sign of life at least twice a second. */
const guardFrom = (text: string): number => (text.trim() === '0' ? 0 : numberFrom(1)(text));

/** The built page: beside the bundle, or in dist/ when run from source. */
const webRoot = (): string => projectFolder('dist/web');

const hashesOf = (cast: readonly string[]): Record<string, string> => Object.fromEntries(cast.map((name) => [name, modelHash(name)]));
