import { barChart, type Bar } from './chart.ts';
import { htmlTable, reportPage } from './report-page.ts';
import type { Amount, Summary } from './summary.ts';

const bars = (counts: Readonly<Record<string, number>>): Bar[] => Object.entries(counts).map(([name, value]) => ({ name, value }));

const HEAD = ['', 'pieces', 'families', 'notes', 'events', 'hours'] as const;
const amountRow = (name: string, { pieces, families, notes, events, hours }: Amount): (string | number)[] => [name, pieces, families, notes, events, hours];

/** What stands in a corpus as a page: amounts by data set and side, duplicates, keys, tempos, tracks, and what was refused. */
export const summaryPage = (summary: Summary): string => {
  const { encoding, sources, sides, duplicates, largest, keys, tempos, tracks, refused } = summary;
  const amounts = [...Object.entries(sources), ['all', summary] as const].map(([name, amount]) => amountRow(name, amount));
  const tables = [
    htmlTable(HEAD, amounts),
    htmlTable(HEAD, Object.entries(sides).map(([name, amount]) => amountRow(name, amount))),
    htmlTable([], [['exact duplicates', duplicates.exact], ['transposed duplicates', duplicates.transposed], ['pieces of the largest family', largest], ['files', summary.files], ['refused', refused.length]]),
    ...(refused.length > 0 ? [htmlTable(['refused', 'reason'], refused.map(({ file, reason }) => [file, reason]))] : []),
  ];
  const charts = [barChart({ title: 'Keys (pieces)' }, bars(keys)), barChart({ title: 'Tempo, beats a minute (pieces)' }, bars(tempos)), barChart({ title: 'Tracks by role' }, bars(tracks)), barChart({ title: 'Sides (events)' }, Object.entries(sides).map(([name, { events }]) => ({ name, value: events })))];
  return reportPage(`Music for ${encoding}`, tables, charts);
};
