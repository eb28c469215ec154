import type { Histogram } from '../core/statistics.ts';
import { LATENCY_EDGES, LATENCY_NAMES, type Latencies, type LatencyName } from '../live/latency.ts';

const ROW = 5 + LATENCY_EDGES.length;

/** Numbers that all latencies take in memory that threads share. */
export const LATENCY_GAUGES = LATENCY_NAMES.length * ROW;

/** Puts what was measured where other threads see it. */
export const showLatencies = (gauges: Float64Array, measured: Readonly<Record<LatencyName, Histogram>>): void => {
  LATENCY_NAMES.forEach((name, i) => {
    const histogram = measured[name];
    const { count, sum, max } = histogram;
    gauges.set([count, sum, histogram.quantile(0.5), histogram.quantile(0.99), count > 0 ? max : NaN], i * ROW);
    LATENCY_EDGES.forEach((edge, e) => (gauges[i * ROW + 5 + e] = histogram.upTo(edge)));
  });
};

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
/** JSON has no word for what is no number. */
const orNull = (value: number): number | null => (Number.isFinite(value) ? rounded(value) : null);

/** What was measured, as another thread showed it. */
export const latenciesIn = (gauges: Float64Array): Latencies =>
  Object.fromEntries(LATENCY_NAMES.map((name, i) => {
    const [count, sum, p50, p99, max, ...upTo] = gauges.subarray(i * ROW, (i + 1) * ROW) as unknown as [number, number, number, number, number, ...number[]];
    return [name, { count, sum: rounded(sum), p50: orNull(p50), p99: orNull(p99), max: orNull(max), upTo }];
  })) as unknown as Latencies;
