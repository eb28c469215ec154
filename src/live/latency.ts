/** What is measured of each note while it is played, in milliseconds. */
export const LATENCIES = {
  input: 'from when a key was struck to when the stage heard it',
  model: 'from a question of harmony to the first of its answer',
  harmony: 'from when a key was struck to its harmony, sent',
  schedule: 'from when a note on a schedule was wanted to when it was sent',
} as const;
export type LatencyName = keyof typeof LATENCIES;
export const LATENCY_NAMES = Object.keys(LATENCIES) as readonly LatencyName[];

/** Edges that notes are counted between, in milliseconds: octaves from 64 µs to 131 ms. */
export const LATENCY_EDGES = Array.from({ length: 12 }, (_, octave) => 0.064 * 2 ** octave);

/** How long something took, so often; what was not measured yet is null. */
export interface Latency {
  readonly count: number;
  readonly sum: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** For each of `LATENCY_EDGES`, how many took no longer. */
  readonly upTo: readonly number[];
}
export type Latencies = Readonly<Record<LatencyName, Latency>>;
