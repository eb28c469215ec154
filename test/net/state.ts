import { ms } from '../../src/core/units.ts';
import type { DaemonState } from '../../src/live/command.ts';
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
  now: ms(1000),
  ...over,
});
