import { mean } from '../core/statistics.ts';
import { MEASURES, measuresOf, type Measured, type MeasureName } from '../music/measures.ts';
import { scoreOf } from '../music/score.ts';
import { compareSets, type ComparedMeasure, type SetSummary } from '../music/set-comparison.ts';
import { compareReport } from './compare-report.ts';
import { copiesFrom, copyLines } from './copies.ts';
import type { FolderComparison, MeasuredFolder, PrintedFolder, PrintedMeasure, Summary } from './folder-comparison.ts';
import { agreementLine, noteAgreement } from './note-agreement.ts';
import { writeFile } from './song.ts';
import { drawn, eachSong, midiFiles } from './song-folder.ts';
import { say } from './terminal.ts';

export interface CompareOptions {
  readonly json?: true;
  readonly report?: string;
  readonly train?: readonly string[];
  readonly match?: number;
  readonly seed: number;
  readonly pieces: number;
}

const EVERY = 100;

const measureFolder = (folder: string, { seed, pieces: most }: CompareOptions): MeasuredFolder => {
  const all = midiFiles(folder);
  const files = drawn(all, most, seed);
  if (files.length < all.length) say(`${folder}: measuring ${files.length} of ${all.length} files, drawn by seed ${seed}; more with --pieces`);
  const pieces: Measured[] = [];
  const refused = eachSong(folder, files, ({ song }) => pieces.push(measuresOf(scoreOf(song))), (done) => {
    if (done % EVERY === 0) say(`${folder}: ${done} of ${files.length} files measured`);
  });
  for (const { file, reason } of refused) say(`left out ${file}: ${reason}`);
  return { folder, pieces, refused };
};

/**
 * How the music of folder A compares with that of folder B by every measure; drawn where a report is asked for.
 * @throws AntiphonError `folder.place`, `folder.empty`, `file.write`
 */
export const comparisonOf = (a: string, b: string, options: CompareOptions): FolderComparison => {
  const [judged, reference] = [measureFolder(a, options), measureFolder(b, options)];
  say(`comparing ${judged.pieces.length} pieces with ${reference.pieces.length}`);
  const compared = compareSets(judged.pieces, reference.pieces, MEASURES, options.seed);
  const comparison: FolderComparison = {
    a: printed(judged),
    b: printed(reference),
    seed: options.seed,
    measures: printedMeasures(compared),
    summary: summaryOf(compared),
    ...(options.train ? { copies: copiesFrom(a, options.train) } : {}),
    ...(options.match === undefined ? {} : { notes: noteAgreement(a, b, options.match) }),
  };
  if (options.report !== undefined) {
    writeFile(options.report, new TextEncoder().encode(compareReport(comparison, compared, judged, reference)));
    say(`drawn in ${options.report}`);
  }
  return comparison;
};

/** Compares two folders and prints it. @throws AntiphonError as `comparisonOf` does */
export const compareFolders = (a: string, b: string, options: CompareOptions): void => {
  const comparison = comparisonOf(a, b, options);
  process.stdout.write(options.json ? `${JSON.stringify(comparison)}\n` : compareTable(comparison));
};

const printed = ({ folder, pieces, refused }: MeasuredFolder): PrintedFolder => ({ folder, pieces: pieces.length, refused });

const printedMeasures = (compared: Readonly<Record<MeasureName, ComparedMeasure>>): Record<MeasureName, PrintedMeasure> =>
  Object.fromEntries(
    MEASURES.map((measure) => {
      const { other, reference, comparison } = compared[measure.name];
      const what = measure.kind === 'histogram' ? { unit: 'share', bins: measure.bins } : { unit: measure.unit };
      return [measure.name, { ...what, a: other, b: reference, ...(comparison ?? { overlap: null }) }];
    }),
  ) as unknown as Record<MeasureName, PrintedMeasure>;

const summaryOf = (compared: Readonly<Record<MeasureName, ComparedMeasure>>): Summary | null => {
  const found = MEASURES.flatMap(({ name }) => {
    const { comparison } = compared[name];
    return comparison ? [{ name, ...comparison }] : [];
  });
  const [first] = found;
  if (!first) return null;
  const least = found.reduce((low, each) => (each.ratio < low.ratio ? each : low), first);
  return {
    measures: found.length,
    overlap: mean(found.map(({ overlap }) => overlap)),
    kl: mean(found.map(({ kl }) => kl)),
    intra: { overlap: mean(found.map(({ intra }) => intra.overlap)), kl: mean(found.map(({ intra }) => intra.kl)) },
    ratio: mean(found.map(({ ratio }) => ratio)),
    least: { measure: least.name, ratio: least.ratio },
  };
};

const summed = ({ mean: middle, deviation }: SetSummary): string => (typeof middle === 'number' && typeof deviation === 'number' ? `${middle.toFixed(2)} ± ${deviation.toFixed(2)}` : middle === null ? '–' : 'histogram');
const figure = (value: number): string => value.toFixed(3);

/** A comparison as a table for people. */
export const compareTable = ({ a, b, measures, summary, copies, notes }: FolderComparison): string => {
  const head = ['measure', 'A', 'B', 'overlap', 'of B itself', 'ratio', 'KL', 'of B itself'];
  const rows = Object.entries(measures).map(([name, each]) => [name, summed(each.a), summed(each.b), ...(each.overlap === null ? ['–', '', '', '', ''] : [each.overlap, each.intra.overlap, each.ratio, each.kl, each.intra.kl].map(figure))]);
  const means = summary ? [['mean', '', '', ...[summary.overlap, summary.intra.overlap, summary.ratio, summary.kl, summary.intra.kl].map(figure)]] : [];
  const all = [head, ...rows, ...means];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] as string).length)));
  const lines = all.map((row) => `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  ')}`.trimEnd());
  const told = ({ folder, pieces, refused }: PrintedFolder): string => `${folder}: ${pieces} pieces${refused.length > 0 ? `, ${refused.length} left out` : ''}`;
  const close = summary ? `least near: ${summary.least.measure}, ${figure(summary.least.ratio)} of what B reaches with itself` : 'too few pieces to compare: four in B and one in A';
  return `${[`A ${told(a)}`, `B ${told(b)}`, ...lines, close, ...(copies ? copyLines(copies) : []), ...(notes === undefined ? [] : [agreementLine(notes)])].join('\n')}\n`;
};
