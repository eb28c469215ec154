import { lineChart } from './chart.ts';
import { htmlTable, reportPage } from './report-page.ts';
import type { RunState } from './run-folder.ts';

type Look = RunState['curve'][number];

/** One line a setting; what is not a plain value is written as JSON. */
const settingRows = (settings: object): (string | number)[][] => Object.entries(settings).map(([name, value]) => [name, typeof value === 'number' ? value : JSON.stringify(value)]);

/** A run as a page of HTML: its curves (nats an event on both sides, learning rate, events a second) over steps, its best step and its settings. */
export const runPage = ({ settings, step, seconds, best, curve }: Pick<RunState, 'settings' | 'step' | 'seconds' | 'best' | 'curve'>): string => {
  const points = (of: (look: Look) => number | null | undefined): [number, number][] => curve.map((look) => [look.step, of(look) ?? NaN]);
  const told = htmlTable([], [
    ['step', step],
    ['best step', best ? `${best.step}, ${best.nll.toFixed(4)} nats an event on the tuning split` : 'none yet'],
    ['hours', Number((seconds / 3600).toFixed(2))],
  ]);
  return reportPage('Training run', [told, htmlTable(['setting', ''], settingRows(settings as object))], [
    lineChart({ title: 'Nats an event', x: 'step' }, [{ name: 'train', points: points((look) => look.train) }, { name: 'tune', points: points((look) => look.tune) }]),
    lineChart({ title: 'Learning rate', x: 'step' }, [{ name: 'rate', points: points((look) => look.rate) }]),
    lineChart({ title: 'Events a second', x: 'step' }, [{ name: 'events a second', points: points((look) => look.eventsPerSecond) }]),
  ]);
};
