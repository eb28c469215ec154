import { ms } from '../../src/core/units.ts';
import type { DaemonState } from '../../src/live/command.ts';
import { LATENCY_EDGES, LATENCY_NAMES } from '../../src/live/latency.ts';
import { initialParams } from '../../src/live/params.ts';

/** A daemon's state as a test wants it. */
export const stateWith = (over: Partial<DaemonState> = {}): DaemonState => ({
  ready: true,
  running: true,
  patch: 'duet',
  patches: ['duet', 'harmony'],
  params: initialParams(),
  engine: 'wasm',
  stepMs: 0.25,
  models: ['performance'],
  inputs: ['page'],
  outputs: [],
  guarded: null,
  bpm: null,
  counters: { heard: 3 },
  latency: Object.fromEntries(LATENCY_NAMES.map((name) => [name, { count: 0, sum: 0, p50: null, p99: null, max: null, upTo: LATENCY_EDGES.map(() => 0) }])) as unknown as DaemonState['latency'],
  now: ms(1000),
  ...over,
});
