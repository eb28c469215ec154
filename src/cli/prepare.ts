import { renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ENCODINGS, encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { splitOf } from '../training/split.ts';
import { summaryOf, type Amount, type Summary } from '../training/summary.ts';
import { summaryPage } from '../training/summary-page.ts';
import { exportSplit } from './export-split.ts';
import { gather } from './gather.ts';
import { numberFrom, say } from './terminal.ts';

interface PrepareOptions {
  readonly encoding: string;
  readonly seed: number;
  readonly threads: number;
  readonly fresh?: true;
  readonly report?: string;
  readonly export?: string;
  readonly json?: true;
}

export const prepareCommand = (program: Command): void => {
  program
    .command('prepare')
    .description('read folders of MIDI for training, and say what is in them')
    .argument('<folders...>', 'folders of MIDI files; melody and harmony also read JSON')
    .option('--encoding <name>', Object.keys(ENCODINGS).join(', '), 'performance')
    .option('--seed <n>', 'seed of the split', numberFrom(0), 1)
    .option('--threads <n>', 'files read at a time', numberFrom(1, 64), Math.min(8, availableParallelism()))
    .option('--fresh', 'read again what is stored')
    .option('--report <file>', 'draw it, as a page of HTML')
    .option('--export <folder>', 'write the sides of the split as MIDI: what is kept aside cut in two, how it begins and what comes then; what is trained on whole')
    .option('--json', 'print one object on standard output')
    .addHelpText('after', '\nExamples:\n  $ antiphon prepare ../shared/data/folk --encoding melody\n  $ antiphon prepare ~/midi --report midi.html\n  $ antiphon prepare ../shared/data/folk --encoding melody --export sides\n\nWhat was read is kept in $ANTIPHON_STORE, else .runs/store, and read again only when a file changes.\n')
    .action(run);
};

const run = async (folders: string[], { encoding: name, seed, threads, fresh, report, export: place, json }: PrepareOptions): Promise<void> => {
  const encoding = encodingOf<AnyEncodingName>(name);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const prepared = await gather(encoding.name, folders, { threads, fresh: fresh ?? false, stop: stopper.signal });
    for (const { file, reason } of prepared.refused) say(`left out ${file}: ${reason}`);
    const split = splitOf(prepared.pieces, seed);
    const summary = summaryOf(prepared, split);
    if (place !== undefined) for (const [side, files] of Object.entries(exportSplit(encoding.name, split, place))) say(`${files} files in ${join(place, side)}`);
    if (report !== undefined) {
      writeFileSync(`${report}.new`, summaryPage(summary));
      renameSync(`${report}.new`, report);
      say(`drawn in ${report}`);
    }
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : told(summary));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
};

const grouped = (value: number): string => value.toLocaleString('en');

const amountLine = (name: string, { pieces, families, notes, hours }: Amount): string =>
  `  ${name.padEnd(14)} ${grouped(pieces).padStart(7)} pieces ${grouped(families).padStart(7)} families ${grouped(notes).padStart(10)} notes ${hours.toFixed(1).padStart(7)} hours`;

/** Columns of the longest bar. */
const BAR = 40;

const histogram = (counts: Readonly<Record<string, number>>): string[] => {
  const longest = Math.max(1, ...Object.values(counts));
  return Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `  ${name.padEnd(14)} ${grouped(count).padStart(7)} ${'█'.repeat(Math.round((BAR * count) / longest))}`);
};

const section = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [title, ...lines] : []);

const told = (summary: Summary): string => {
  const { encoding, files, stored, sources, sides, keys, tempos, tracks, duplicates, largest, refused } = summary;
  return `${[
    `${grouped(summary.pieces)} pieces for ${encoding}, from ${grouped(files)} files${stored > 0 ? ' (out of the store)' : ''}`,
    ...Object.entries(sources).map(([name, amount]) => amountLine(name, amount)),
    ...section('sides of the split', Object.entries(sides).map(([name, amount]) => amountLine(name, amount))),
    `duplicates: ${duplicates.exact} exact, ${duplicates.transposed} in another key; families: ${grouped(summary.families)}, the largest of ${largest} pieces`,
    ...section('tracks', histogram(tracks)),
    ...section('keys', histogram(keys)),
    ...section('tempo, beats a minute', histogram(tempos)),
    `left out: ${refused.length}`,
  ].join('\n')}\n`;
};
