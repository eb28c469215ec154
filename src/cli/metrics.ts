import type { DaemonState } from '../live/command.ts';
import { LATENCIES, LATENCY_EDGES, LATENCY_NAMES } from '../live/latency.ts';
import { COUNTERS } from '../live/role.ts';

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const metric = (name: string, type: 'gauge' | 'counter', value: number): string[] => [`# TYPE antiphon_${name} ${type}`, `antiphon_${name} ${value}`];

/** The daemon's figures as Prometheus text (exposition format 0.0.4): times in milliseconds, as everywhere here. */
export const metricsOf = ({ ready, stepMs, counters, latency }: DaemonState): string => {
  const counts = new Set<string>([...COUNTERS, 'ringDrops', 'outputsReattached', 'guardFull', 'guardRestarts', 'guardRescues', 'enginesLost', 'midiLosses']);
  const lines = [
    ...metric('ready', 'gauge', ready ? 1 : 0),
    ...(Number.isFinite(stepMs) ? metric('step_ms', 'gauge', stepMs) : []),
    ...Object.entries(counters).flatMap(([name, value]) => metric(counts.has(name) ? `${snake(name)}_total` : snake(name), counts.has(name) ? 'counter' : 'gauge', value)),
    '# HELP antiphon_latency_ms how long it took, by stage: ' + LATENCY_NAMES.map((name) => `${name}, ${LATENCIES[name]}`).join('; '),
    '# TYPE antiphon_latency_ms histogram',
  ];
  for (const name of LATENCY_NAMES) {
    const { count, sum, upTo } = latency[name];
    LATENCY_EDGES.forEach((edge, i) => lines.push(`antiphon_latency_ms_bucket{stage="${name}",le="${Number(edge.toPrecision(12))}"} ${upTo[i]}`));
    lines.push(`antiphon_latency_ms_bucket{stage="${name}",le="+Inf"} ${count}`, `antiphon_latency_ms_sum{stage="${name}"} ${sum}`, `antiphon_latency_ms_count{stage="${name}"} ${count}`);
  }
  return `${lines.join('\n')}\n`;
};
