import { describe, expect, it } from 'vitest';
import { latenciesIn, LATENCY_GAUGES, showLatencies } from '../../src/cli/latency-gauges.ts';
import { metricsOf } from '../../src/cli/metrics.ts';
import { Histogram } from '../../src/core/statistics.ts';
import { LATENCY_EDGES, LATENCY_NAMES } from '../../src/live/latency.ts';
import { stateWith } from '../net/state.ts';

const measured = Object.fromEntries(LATENCY_NAMES.map((name) => [name, new Histogram()])) as Record<(typeof LATENCY_NAMES)[number], Histogram>;
for (const value of [0.05, 0.1, 0.9, 0.9, 1.5, 200]) measured.harmony.record(value);
const gauges = new Float64Array(LATENCY_GAUGES);
showLatencies(gauges, measured);
const latency = latenciesIn(gauges);

describe('what is measured while it plays', () => {
  it('is seen by another thread as it was counted', () => {
    const { harmony, schedule } = latency;
    expect(harmony.upTo).toEqual([1, 2, 2, 2, 4, 5, 5, 5, 5, 5, 5, 5]);
    expect([harmony.count, harmony.sum, harmony.max]).toEqual([6, 203.45, 200]);
    expect(harmony.p50).toBeCloseTo(0.9, 1);
    expect(schedule).toEqual({ count: 0, sum: 0, p50: null, p99: null, max: null, upTo: LATENCY_EDGES.map(() => 0) });
  });

  it('agrees with counting each at every edge', () => {
    const histogram = new Histogram();
    const values = Array.from({ length: 5000 }, (_, i) => 0.002 * 1.003 ** i);
    for (const value of values) histogram.record(value);
    for (const edge of LATENCY_EDGES) expect(histogram.upTo(edge)).toBe(values.filter((value) => value < edge).length);
  });

  it('is Prometheus text: histograms whose buckets add up, counters that end so', () => {
    const lines = metricsOf(stateWith({ latency, counters: { harmonies: 6, bpm: 90 } })).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^(# (HELP|TYPE) antiphon_\w+ .+|antiphon_\w+(\{[a-z]+="[^"]+"(,[a-z]+="[^"]+")?\})? -?[\d.e+-]+)$/);
    expect(lines).toContain('antiphon_harmonies_total 6');
    expect(lines).toContain('# TYPE antiphon_bpm gauge');
    expect(lines.filter((line) => line.includes('stage="harmony"'))).toEqual([
      ...LATENCY_EDGES.map((edge, i) => `antiphon_latency_ms_bucket{stage="harmony",le="${Number(edge.toFixed(3))}"} ${latency.harmony.upTo[i]}`),
      'antiphon_latency_ms_bucket{stage="harmony",le="+Inf"} 6',
      'antiphon_latency_ms_sum{stage="harmony"} 203.45',
      'antiphon_latency_ms_count{stage="harmony"} 6',
    ]);
  });
});
