import type { DaemonState } from '../live/command.ts';

/** The daemon's figures as Prometheus text: times in milliseconds, as everywhere here. */
export const metricsOf = (state: DaemonState): string => {
  const lines = [`# HELP antiphon_ready 1 when notes are accepted`, `# TYPE antiphon_ready gauge`, `antiphon_ready ${state.ready ? 1 : 0}`, `antiphon_step_ms ${state.stepMs}`];
  for (const [name, value] of Object.entries(state.counters)) {
    if (Number.isFinite(value)) lines.push(`antiphon_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
};
