import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { Bell, Ring } from '../core/ring.ts';
import type { Ms } from '../core/units.ts';
import type { Command, DaemonState, Told } from '../live/command.ts';
import { initialParams, type ParamValues } from '../live/params.ts';
import type { Patch } from '../live/patch.ts';
import { IN, OUT, SOURCES } from '../stage/records.ts';
import { clockBase, clockFrom } from './clock.ts';
import { commandRecord } from './command-record.ts';
import { Guarding } from './guarding.ts';
import { latenciesIn } from './latency-gauges.ts';
import { modelNames } from './models.ts';
import { raise } from './priority.ts';
import { RingSoon } from './ring-soon.ts';
import { sleep, watchLoop } from './thread.ts';
import { MOST_REVIVALS, NEEDS, type ThreadName } from './thread-needs.ts';
import { drainTold, loopTold, toldOf } from './told.ts';
import { GAUGES, MAIN, memory, type FromThread, type InputData, type ModelData, type StageData, type ToThread } from './wiring.ts';

export interface DaemonOptions {
  readonly patches: readonly Patch[];
  /** The models they name, by number. */
  readonly cast: readonly string[];
  readonly engine: string;
  readonly seed: number;
  /** How many times as long as it needs each step of the models takes. */
  readonly slow: number;
  readonly midi: boolean;
  /** Ports to use beside, or instead of, what the patch says. */
  readonly midiIn: readonly string[];
  readonly midiOut: readonly string[];
  readonly oscIn: { readonly host: string; readonly port: number } | null;
  readonly oscOut: { readonly host: string; readonly port: number } | null;
  /** Milliseconds without a sign of life of the stage after which the guard ends what sounds; 0 for no guard. */
  readonly guard: number;
  /** Each record of the stage's, in order. */
  readonly record: (record: Float64Array) => void;
  readonly tell: (told: Told) => void;
  readonly warn: (code: string, message: string) => void;
  /** The stage is no more: nothing can be played. */
  readonly lost: () => void;
}

/** Milliseconds until a thread that could not be started again is tried once more, for each time it was. */
const PATIENCE = 1000;
const THREADS = ['model', 'stage', 'input'] as const;

/** The threads of a performance and what main knows of them. */
export class Daemon {
  readonly now: () => Ms;
  readonly realtime: Record<ThreadName, boolean> = { stage: false, input: false, model: false };
  engine = '';
  stepMs = NaN;
  midi = { available: false, why: '' };
  oscPort: number | null = null;
  readonly guarding: Guarding | null;
  private readonly options: DaemonOptions;
  private readonly memory = memory();
  private readonly main: Ring;
  private readonly told: Ring;
  private readonly stageBell: Bell;
  private readonly mainBell: Bell;
  private readonly ofMain = new Int32Array(this.memory.ofMain);
  private readonly gauges: Float64Array;
  private readonly latencies: Float64Array;
  private readonly threads = new Map<ThreadName, Worker>();
  private readonly params: ParamValues;
  private readonly open = { inputs: [] as readonly string[], outputs: [] as readonly string[] };
  /** Names of inputs by the number of their source. */
  private sources: readonly string[] = [];
  private patch: Patch;
  private ready = false;
  private running = true;
  private closing = false;
  private readonly revived = new Map<ThreadName, number>();
  private enginesLost = 0;
  private readonly ringing: RingSoon;
  private readonly base = clockBase();

  constructor(options: DaemonOptions) {
    this.options = options;
    this.now = clockFrom(this.base);
    this.main = new Ring(this.memory.main);
    this.told = new Ring(this.memory.told);
    this.stageBell = new Bell(this.memory.stageBell);
    this.mainBell = new Bell(this.memory.mainBell);
    this.ringing = new RingSoon(this.stageBell, this.mainBell, () => this.drain(), this.now);
    this.gauges = new Float64Array(this.memory.gauges);
    this.latencies = new Float64Array(this.memory.latencies);
    this.patch = options.patches[0] as Patch;
    this.params = { ...initialParams(), ...this.patch.params };
    this.guarding = this.guard();
  }

  /** Starts the threads; resolves when the first note would be accepted. @throws AntiphonError what kept a thread from starting */
  async start(): Promise<void> {
    void this.pump();
    await Promise.all([...THREADS.map((name) => this.thread(name)), this.guarding?.start()]);
    this.ready = true;
    this.announce({ kind: 'ready' });
  }

  /** So many clients are told by main what sounds: none, and main is woken only now and then. */
  readonly listened = (clients: number): void => void Atomics.store(this.ofMain, MAIN.listeners, clients);

  /** Carries out what a client asks; `patch` and `state` are answered here. */
  command(command: Command, source: number = SOURCES.page): void {
    if (command.kind === 'state') this.toInput({ kind: 'state', state: this.state() });
    else if (command.kind === 'patch') this.choose(command.name);
    else {
      if (command.kind === 'play') this.running = true;
      if (command.kind === 'stop') this.running = false;
      if (!commandRecord((...record) => this.main.push(...record), command, source, this.now())) this.options.warn('stage.full', 'The stage is too busy to take more from clients.');
      this.ringing.ring(command.kind === 'note');
    }
  }

  state(): DaemonState {
    const { patch, patches } = { patch: this.patch, patches: this.options.patches };
    // What has not been measured yet is left out: JSON has no word for it but null, which is no number.
    const gauges = Object.fromEntries(GAUGES.map((name, i) => [name, round(this.gauges[i] as number)] as const).filter(([, value]) => Number.isFinite(value)));
    const counters = { ...gauges, enginesLost: this.enginesLost, ...this.guarding?.counters };
    const bpm = gauges['bpm'] as number;
    return {
      ready: this.ready,
      running: this.running,
      patch: patch.name,
      patches: patches.map((each) => each.name),
      params: { ...this.params },
      engine: this.engine,
      stepMs: round(this.stepMs),
      models: modelNames(),
      inputs: this.open.inputs,
      outputs: this.open.outputs,
      guarded: this.guarding?.runs ? this.guarding.destinations : null,
      bpm: bpm > 0 ? bpm : null,
      counters,
      latency: latenciesIn(this.latencies),
      now: this.now(),
    };
  }

  /** Ends every sounding note, then the threads. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.guarding?.close();
    const stage = this.threads.get('stage');
    const ended = new Promise((resolve) => stage?.once('exit', resolve));
    this.send('stage', { kind: 'close' });
    this.stageBell.ring();
    if (stage) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
    this.drain();
    this.send('input', { kind: 'close' });
    await Promise.all([...this.threads.values()].map((thread) => thread.terminate()));
    this.mainBell.ring();
  }

  private choose(name: string): void {
    const index = this.options.patches.findIndex((each) => each.name === name);
    if (index < 0) {
      this.announce({ kind: 'error', code: 'patch.name', message: `No such patch: ${JSON.stringify(name)}. There are: ${this.options.patches.map((each) => each.name).join(', ')}.` });
      return;
    }
    this.main.push(IN.patch, index);
    this.stageBell.ring();
    this.patch = this.options.patches[index] as Patch;
    Object.assign(this.params, initialParams(), this.patch.params);
    const { inputs, outputs } = this.wanted();
    this.send('stage', { kind: 'ports', patterns: outputs });
    this.send('input', { kind: 'ports', patterns: inputs });
    this.guarding?.want(outputs);
    this.announce({ kind: 'patch', name });
    this.announce({ kind: 'state', state: this.state() });
  }

  private guard(): Guarding | null {
    const { guard, midi, oscOut, warn } = this.options;
    if (guard === 0) return null;
    return new Guarding({
      hang: guard,
      clock: this.base,
      midi,
      outputs: this.wanted().outputs,
      osc: oscOut,
      feed: (pipe) => this.send('stage', { kind: 'guard', pipe }),
      rescued: () => {
        // Pedals that are held still are pressed again; notes are not struck again.
        this.main.push(IN.outputBack);
        this.stageBell.ring();
      },
      warn,
    });
  }

  private wanted(): { inputs: string[]; outputs: string[] } {
    const { midiIn, midiOut } = this.options;
    return {
      inputs: midiIn.length > 0 ? [...midiIn] : this.patch.inputs.map((input) => input.port),
      outputs: midiOut.length > 0 ? [...midiOut] : this.patch.outputs.map((output) => output.port),
    };
  }

  /** What a thread is told when it is started, for the first time or again. */
  private dataOf(name: ThreadName): StageData | InputData | ModelData {
    const { options, base } = this;
    const { engine, seed, slow, patches, cast, midi, oscIn, oscOut } = options;
    const { inputs, outputs } = this.wanted();
    const shared = { memory: this.memory, clock: base };
    return {
      model: { ...shared, engine, seed, patches, cast, slow },
      stage: { ...shared, patches, cast, midi, outputs, oscOut },
      // Clients know the port by now.
      input: { ...shared, midi, inputs, oscIn: oscIn && { ...oscIn, port: this.oscPort ?? oscIn.port }, oscOut },
    }[name];
  }

  private readied(name: ThreadName, detail: Readonly<Record<string, unknown>>): void {
    if (name === 'model') this.engine = String(detail['engine']);
    if (name === 'stage') this.midi = { available: detail['midi'] === true, why: String(detail['why']) };
    if (name === 'input') this.oscPort = detail['oscPort'] as number | null;
  }

  private thread(name: ThreadName): Promise<void> {
    let started = false;
    const worker = new Worker(fileURLToPath(new URL(`./${name}-thread.js`, threadsAt())), { workerData: this.dataOf(name), resourceLimits: NEEDS[name].limits });
    this.threads.set(name, worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') {
          started = true;
          this.readied(name, message.detail);
          void raise(message.thread, NEEDS[name].priority).then((granted) => {
            this.realtime[name] = granted;
            resolve();
          });
        } else if (message.kind === 'failed') {
          const error = new AntiphonError(message.code, message.what, message.value, message.advice);
          reject(error);
          if (started) this.options.warn(error.code, error.message);
          void worker.terminate();
        } else this.hear(name, message);
      });
      worker.on('error', (error) => {
        reject(error);
        if (started) this.options.warn('thread', `The ${name} thread failed: ${error.message}`);
      });
      worker.on('exit', () => {
        if (!started || this.closing) return;
        void this.revive(name);
      });
    });
  }

  /** What is lost goes on without: the rule harmonises, or keys that were down are let go. */
  private async revive(name: ThreadName): Promise<void> {
    const { revival } = NEEDS[name];
    if (!revival) return this.options.lost();
    if (name === 'input') this.loseInputs();
    while (!this.closing) {
      const times = (this.revived.get(name) ?? 0) + 1;
      this.revived.set(name, times);
      if (times > MOST_REVIVALS) return this.options.warn(`${name}.lost`, revival.lost);
      try {
        await this.thread(name);
        if (name === 'model') this.main.push(IN.modelBack);
        this.stageBell.ring();
        return this.options.warn(`${name}.back`, revival.back);
      } catch (thrown) {
        // Its port may be taken only for a moment.
        this.options.warn(thrown instanceof AntiphonError ? thrown.code : 'thread', messageOf(thrown));
        await pause(PATIENCE * times);
      }
    }
  }

  private loseInputs(): void {
    for (let source = 0; source <= SOURCES.osc; source++) if (source !== SOURCES.page) this.main.push(IN.inputLost, source);
    this.stageBell.ring();
  }

  private hear(name: ThreadName, message: FromThread): void {
    if (message.kind === 'ports') this.open[name === 'stage' ? 'outputs' : 'inputs'] = message.open;
    if (message.kind === 'ports' && message.names) this.sources = message.names;
    if (message.kind === 'engine') Object.assign(this, { engine: message.name, stepMs: message.stepMs });
    if (message.kind === 'patch') this.choose(message.name);
    if (message.kind === 'sources') this.guarding?.mirror(message.addresses);
    if (message.kind === 'guarded') this.guarding?.fed(message.failure);
    if (message.kind === 'state') this.toInput({ kind: 'state', state: this.state() });
    if (message.kind === 'warning' && message.code === 'engine.lost') this.enginesLost++;
    if (message.kind === 'warning') this.options.warn(message.code, message.message);
  }

  private tellLoop(source: number, lag: number): void {
    const told = loopTold(source === SOURCES.page ? 'page and WebSocket' : source === SOURCES.osc ? 'OSC' : (this.sources[source] ?? `number ${source}`), lag);
    this.options.warn(told.code, told.message);
    this.toInput(told);
  }

  /** What goes to every client, OSC's included; notes go to OSC straight from the stage. */
  private announce(told: Told): void {
    this.options.tell(told);
    this.toInput(told);
  }

  private toInput(told: Told): void {
    this.send('input', { kind: 'told', told });
  }

  private send(name: ThreadName, message: ToThread): void {
    this.threads.get(name)?.postMessage(message);
    if (name === 'stage') this.stageBell.ring();
  }

  private async pump(): Promise<void> {
    const unwatch = watchLoop((busy) => Atomics.store(this.ofMain, MAIN.busy, Number(busy)));
    while (!this.closing) {
      const { heard } = this.mainBell;
      this.drain();
      await sleep(this.mainBell.word, heard, 1000);
    }
    unwatch();
  }

  private readonly drain = (): void => {
    const records = drainTold(this.told, (record) => this.tellOf(record));
    // After what clients are told has left: that is at the end of this turn.
    process.nextTick(() => records.forEach(this.options.record));
  };

  private tellOf(record: Float64Array): void {
    if (record[0] === OUT.loop) this.tellLoop(record[1] as number, record[2] as number);
    const told = toldOf(record);
    if (!told) return;
    if (told.kind === 'param') {
      this.params[told.name] = told.value;
      if (record[0] === IN.param) this.toInput(told);
    }
    this.options.tell(told);
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Where the thread bundles lie: beside this one, or in dist/ when run from source. */
const threadsAt = (): URL => new URL(import.meta.url.includes('/dist/') ? (import.meta.url.includes('/dist/cli/') ? './' : './cli/') : '../../dist/cli/', import.meta.url);
