import { cpus, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import { chooseEngine, measureStep, openEngine, type Measured } from '../engine/choose.ts';
import { ENGINES } from '../engine/engines.ts';
import { SAMPLE, sampleWeights } from '../engine/sample.ts';
import { obstacleToTensorFlow, tensorflowHome } from '../engine/tensorflow.ts';
import { nativeMidi } from '../midi/native.ts';
import type { Model } from '../model/checkpoint.ts';
import { sizeOf, weightShapes, type Shape, type Weights } from '../model/shape.ts';
import { LATENCIES, LATENCY_NAMES } from '../live/latency.ts';
import { lookAtGuard, type GuardFound } from './doctor-guard.ts';
import { loadModel, modelNames, projectFolder } from './models.ts';
import { raise } from './priority.ts';
import { NEEDS } from './thread-needs.ts';

/** What `antiphon doctor --json` prints; milliseconds, bytes and nats. */
export interface Diagnosis {
  readonly antiphon: string;
  readonly node: string;
  readonly system: string;
  readonly cores: number;
  readonly processor: string;
  readonly memory: number;
  /** Whether a thread of ours may run under SCHED_FIFO. */
  readonly realtime: boolean;
  readonly midi: { readonly system: string; readonly available: boolean; readonly why: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** A guard that was started to see, and that of a daemon that runs at the usual address. */
  readonly guard: GuardFound;
  /** The model the steps were measured with. */
  readonly measuredWith: string;
  readonly engines: readonly Measured[];
  /** What `--engine auto` ends up with. */
  readonly engine: string;
  readonly models: readonly (ModelRow | { readonly name: string; readonly fault: string })[];
  readonly tensorflow: { readonly home: string; readonly ready: boolean; readonly why: string };
  readonly audio: string;
}

interface ModelRow {
  readonly name: string;
  readonly encoding: string;
  readonly layers: readonly number[];
  readonly weights: number;
  readonly report: Readonly<Record<string, unknown>>;
}

/** Adds `antiphon doctor [--json]`. */
export const doctorCommand = (program: Command): void => {
  program
    .command('doctor')
    .description('say what was found here, measured and chosen')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ antiphon doctor\n')
    .action(async (options: { json: boolean }) => {
      const diagnosis = await diagnose();
      process.stdout.write(options.json ? `${JSON.stringify(diagnosis, null, 1)}\n` : diagnosisText(diagnosis));
    });
};

/** Looks and measures; what is missing is part of the answer and no error. Takes a few seconds. */
export const diagnose = async (): Promise<Diagnosis> => {
  const loaded = modelNames().map((name) => {
    try {
      return { name, model: loadModel(name) };
    } catch (thrown) {
      return { name, fault: messageOf(thrown) };
    }
  });
  const [first] = loaded.flatMap((each) => ('model' in each ? [each.model] : [])).sort((a, b) => weightsOf(b) - weightsOf(a));
  const { engine, engines } = await measureEngines(first?.card.shape ?? SAMPLE, first?.weights ?? sampleWeights(SAMPLE, 1));
  const why = obstacleToTensorFlow() ?? '';
  return {
    antiphon: (JSON.parse(readFileSync(projectFolder('package.json'), 'utf8')) as { version: string }).version,
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: totalmem(),
    realtime: await realtimeGranted(),
    midi: lookAtMidi(),
    guard: await lookAtGuard(),
    measuredWith: first?.card.name ?? 'random weights, two layers of 256',
    engines,
    engine,
    models: loaded.map((each) => ('model' in each ? rowOf(each.model) : each)),
    tensorflow: { home: tensorflowHome(), ready: why === '', why },
    audio: 'in the browser: the page plays',
  };
};

const weightsOf = ({ card }: Model): number => weightShapes(card.shape).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

const rowOf = (model: Model): ModelRow => {
  const { name, encoding, shape, report } = model.card;
  return { name, encoding, layers: shape.layers, weights: weightsOf(model), report };
};

const measureEngines = async (shape: Shape, weights: Weights): Promise<{ readonly engine: string; readonly engines: readonly Measured[] }> => {
  const began = await chooseEngine('auto', shape, weights);
  const ended = await began.contenders();
  for (const predictor of new Set([began.predictor, ended.predictor])) predictor.close();
  // Last, and by itself: TensorFlow.js knows one engine at a time in a process.
  const rest = ended.measured.some(({ name }) => name === 'cpu') ? [] : [await measureCpu(shape, weights)];
  const engines = [...ended.measured, ...rest];
  return { engine: ended.name, engines: ENGINES.flatMap(({ name }) => engines.filter((each) => each.name === name)) };
};

const measureCpu = async (shape: Shape, weights: Weights): Promise<Measured> => {
  const predictor = await openEngine('cpu', shape, weights);
  const step = await measureStep(predictor);
  predictor.close();
  return { name: 'cpu', step, why: '' };
};

/** Tried on a thread made for it: this one stays as it is. */
const realtimeGranted = async (): Promise<boolean> => {
  if (process.platform !== 'linux') return false;
  const worker = new Worker("require('node:worker_threads').parentPort.once('message', () => {}).postMessage(Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').pop()))", { eval: true });
  try {
    return await raise(await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject)), NEEDS.stage.priority);
  } catch {
    return false;
  } finally {
    await worker.terminate();
  }
};

const lookAtMidi = (): Diagnosis['midi'] => {
  const midi = nativeMidi();
  const seen = { system: midi.name, available: midi.available, why: midi.why, inputs: midi.inputs(), outputs: midi.outputs() };
  midi.close();
  return seen;
};

const within = (value: number | null): string => (value === null ? 'not measured' : `${value.toFixed(2)} ms`);

/** How the daemon that runs fares: each stage's times, then what was counted. */
const livingText = ({ latency, counters }: NonNullable<GuardFound['daemon']>): string[] => [
  '',
  'The daemon that plays here, p50 / p99 / most:',
  ...LATENCY_NAMES.map((name) => row(name, `${[latency[name].p50, latency[name].p99, latency[name].max].map(within).join(' / ')}   ${LATENCIES[name]} (${latency[name].count} times)`)),
  row('counted', Object.entries(counters).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing yet'),
];

const guardText = ({ startMs, why, connected, daemon }: GuardFound): string => {
  const here = startMs === null ? `none: ${why}` : `starts in ${Math.round(startMs)} ms; connects to ${connected.join(', ') || 'no MIDI output, there being none'}`;
  if (!daemon) return `${here}; no daemon runs at the usual address`;
  return `${here}; the daemon at ${daemon.url} ${daemon.guarded ? `is guarded, at ${daemon.guarded.join(', ') || 'no destination'}` : 'has none'}`;
};

const nats = (value: unknown): string => (typeof value === 'number' ? value.toFixed(3) : '?');

const reportText = (report: Readonly<Record<string, unknown>>): string => {
  const floors = report['floors'] as { readonly markov?: { readonly order: number; readonly nllPerEvent: number } } | null | undefined;
  const floor = floors?.markov ? `, where partial matching of order ${floors.markov.order} has ${nats(floors.markov.nllPerEvent)}` : '';
  return `${nats(report['nllPerEvent'])} nats an event on pieces held out${floor}`;
};

const row = (name: string, value: string): string => `  ${name.padEnd(11)} ${value}`;

/** One readable screen. */
export const diagnosisText = (d: Diagnosis): string => {
  const lines = [
    `Antiphon ${d.antiphon} on Node ${d.node}, ${d.system}`,
    '',
    row('Machine', `${d.cores} ${d.cores === 1 ? 'core' : 'cores'} (${d.processor}), ${Math.round(d.memory / 2 ** 30)} GB of memory`),
    row('Real time', d.realtime ? 'granted: notes are played on threads with real-time priority' : 'not granted: install RealtimeKit (package rtkit), which gives it to whoever sits at the machine, or give this user an rtprio limit of 50 or more (on Debian: group audio and /etc/security/limits.d)'),
    row('MIDI', d.midi.available ? `${d.midi.system}; in: ${d.midi.inputs.join(', ') || 'none plugged in'}; out: ${d.midi.outputs.join(', ') || 'none plugged in'}` : `none: ${d.midi.why}`),
    row('Guard', guardText(d.guard)),
    ...(d.guard.daemon ? livingText(d.guard.daemon) : []),
    row('Audio', d.audio),
    row('TensorFlow', d.tensorflow.ready ? `set up in ${d.tensorflow.home}` : `${d.tensorflow.why}: \`antiphon setup tensorflow\` (for training, and for GPUs) would put it in ${d.tensorflow.home}`),
    '',
    `Engines, by the median of a step (one event fed, one question asked) with ${d.measuredWith}:`,
    ...d.engines.map(({ name, step, why }) => row(name, step === null ? `- (${why})` : `${step.toFixed(2)} ms${name === d.engine ? '   chosen by `--engine auto`' : ''}`)),
    '',
    d.models.length === 0 ? 'No models: train one with `antiphon train`.' : 'Models:',
    ...d.models.map((model) => row(model.name, 'fault' in model ? `cannot be loaded: ${model.fault}` : `${model.encoding}, layers ${model.layers.join(' and ')}, ${(model.weights / 1e6).toFixed(1)} million weights; ${reportText(model.report)}`)),
  ];
  return `${lines.join('\n')}\n`;
};
