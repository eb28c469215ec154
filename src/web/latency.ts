import { LATENCIES, LATENCY_NAMES, type Latencies, type LatencyName } from '../live/latency.ts';

/** What each stage is called where there is little room. */
const SHORT: Readonly<Record<LatencyName, string>> = { input: 'key in', model: 'model', harmony: 'key to harmony', schedule: 'lateness' };

const element = (tag: string, text = '', of: string = ''): HTMLElement => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (of) made.className = of;
  return made;
};

const told = (value: number | null): string => (value === null ? '–' : value < 0.01 ? '0' : value.toFixed(value < 10 ? 2 : 0));

/** A histogram of each stage: a bar an octave from 64 µs on, with its middle and its worst in a hundred. */
export const showLatency = (into: HTMLElement, latency: Latencies): void => {
  into.replaceChildren(
    ...LATENCY_NAMES.map((name) => {
      const { count, p50, p99, max, upTo } = latency[name];
      const bars = [...upTo, count].map((below, i) => below - (upTo[i - 1] ?? 0));
      const most = Math.max(1, ...bars);
      const row = element('span', '', 'latency');
      row.title = `Milliseconds ${LATENCIES[name]}: half within ${told(p50)}, 99 of 100 within ${told(p99)}, at most ${told(max)}, of ${count}`;
      const chart = element('i');
      for (const bar of bars) {
        const column = element('s');
        // A few in many thousands are what is looked for: they are seen all the same.
        column.style.height = `${bar === 0 ? 0 : Math.max(12, Math.round((100 * bar) / most))}%`;
        chart.append(column);
      }
      row.append(`${SHORT[name]} `, chart, element('b', ` ${told(p50)} / ${told(p99)} ms`));
      return row;
    }),
  );
};
