import type { Command } from 'commander';
import type { Excess } from '../core/excess.ts';
import type { Percentiles } from '../core/statistics.ts';
import { benchLatency, type LatencyReport } from './bench-latency.ts';
import { benchPeerCommand } from './bench-peer.ts';
import { benchSlowed, type SlowedReport } from './bench-slowed.ts';
import { benchTrainCommand } from './bench-train.ts';
import { reflect } from './reflector.ts';
import { sleepToDeadlines } from './sleeper.ts';
import { numberFrom } from './terminal.ts';

export const benchCommand = (program: Command): void => {
  const bench = program.command('bench').description('measure this machine');
  bench
    .command('latency', { isDefault: true })
    .description('key-down to harmony, phrase end to first note, and lateness, beside the echo of each transport')
    .option('--json', 'one JSON object on standard output', false)
    .option('--strikes <n>', 'strikes for each transport and chord size', numberFrom(10), 100)
    .option('--phrases <n>', 'phrases for each transport', numberFrom(1), 8)
    .option('--seconds <n>', 'seconds of scheduled notes with 16 clients', numberFrom(5), 20)
    .option('--take-backs <n>', 'answers taken back, for each transport', numberFrom(1), 200)
    .option('--engine <name>', 'as for live', 'wasm')
    .option('--awake', 'as for live; the echo is kept awake with it', false)
    .addHelpText('after', '\nExample:\n  $ antiphon bench latency --json > latency.json\n')
    .action(async (options: { json: boolean; strikes: number; phrases: number; seconds: number; takeBacks: number; engine: string; awake: boolean }) => {
      const report = await benchLatency(options);
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : table(report));
    });
  bench
    .command('slowed')
    .description('what still sounds, and when, while each step of the models takes several times as long')
    .option('--json', 'one JSON object on standard output', false)
    .option('--factors <n...>', 'how many times as long', (text: string, before: number[] | undefined) => [...(before ?? []), numberFrom(1)(text)])
    .option('--phrases <n>', 'phrases for each factor and patch', numberFrom(1), 12)
    .option('--engine <name>', 'as for live', 'wasm')
    .addHelpText('after', '\nExample:\n  $ antiphon bench slowed --factors 1 20\n')
    .action(async ({ json, factors = [1, 2, 5, 20], phrases, engine }: { json: boolean; factors?: number[]; phrases: number; engine: string }) => {
      const report = await benchSlowed({ factors, phrases, engine });
      process.stdout.write(json ? `${JSON.stringify(report, null, 1)}\n` : slowedTable(report));
    });
  benchTrainCommand(bench);
  benchPeerCommand(bench);
  bench.command('sleeper', { hidden: true }).argument('<seconds>').action((seconds: string) => sleepToDeadlines(Number(seconds)));
  bench.command('reflector', { hidden: true }).argument('<oscBack>').action((oscBack: string) => reflect(Number(oscBack)));
};

const cells = (p: Percentiles): string => [p.p50, p.p95, p.p99, p.max].map((value) => (Number.isNaN(value) ? '-' : value.toFixed(2)).padStart(8)).join('');

const excessCells = (over: Excess): string => `${cells(over)}   p99 between ${over.p99Between.map((value) => value.toFixed(2)).join(' and ')}`;

const table = (report: LatencyReport): string => {
  const lines = [report.machine, `engine ${report.engine}, ${report.stepMs} ms a step; real-time priority ${report.realtime ? 'granted' : 'not granted'}${report.awake ? '; processors kept awake' : ''}`, ''];
  const head = (what: string): string => `${what.padEnd(40)}${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(8)).join('')}   (ms)`;
  for (const { transport, chords, phrase, takeBack } of report.transports) {
    lines.push(head(transport));
    for (const { keys, echo, harmony, over } of chords) {
      lines.push(`  echo, ${keys} keys`.padEnd(40) + cells(echo), `  harmony, ${keys} keys`.padEnd(40) + cells(harmony), `  over the echo, ${keys} keys`.padEnd(40) + excessCells(over));
    }
    lines.push('  phrase end to first note'.padEnd(40) + cells(phrase.toFirst), '  first note after its wanted time'.padEnd(40) + cells(phrase.late));
    lines.push('  echo'.padEnd(40) + cells(takeBack.echo), `  ${takeBack.toLast.count} take-backs, key to last note-off`.padEnd(40) + cells(takeBack.toLast), '  over the echo'.padEnd(40) + excessCells(takeBack.over), '');
  }
  lines.push(head('inside the daemon'));
  for (const [name, figures] of Object.entries(report.stages)) lines.push(`  ${name}`.padEnd(40) + cells(figures));
  lines.push('', head('scheduled notes, 16 clients'), '  lateness'.padEnd(40) + cells(report.lateness), '  of a bare thread beside it'.padEnd(40) + cells(report.bareLateness), '');
  lines.push(`from the model ${(100 * report.fromModel).toFixed(2)} %; moved ${report.moved}, dropped ${report.dropped}, fallback ${report.fallback} of ${report.notes}`, ...report.absent);
  return `${lines.join('\n')}\n`;
};

const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`).padStart(9);

const slowedTable = ({ machine, engine, stepMs, realtime, figures }: SlowedReport): string => {
  const lines = [machine, `engine ${engine}, ${stepMs} ms a step before it was slowed; real-time priority ${realtime ? 'granted' : 'not granted'}`];
  let factor = NaN;
  for (const each of figures) {
    if (each.factor !== factor) lines.push('', `${`steps ${each.factor} times as long`.padEnd(20)}${['harmonised', 'on time', 'answers', 'model', 'fallback', 'dropped', 'moved', 'late'].map((name) => name.padStart(11)).join('')}   p99: key to stage, harmony p50 p99, else p50 p99 max (ms)`);
    ({ factor } = each);
    const { harmonised, onTime, answers, shares, moved, late, arrival, harmonyLateness: h, lateness: l } = each;
    const numbers = [arrival.p99, h.p50, h.p99, l.p50, l.p99, l.max].map((value) => (Number.isNaN(value) ? '-' : value.toFixed(2)).padStart(8)).join('');
    lines.push(`  ${each.patch.padEnd(18)}${[harmonised, onTime].map((share) => `  ${percent(share)}`).join('')}${`${answers.sounded}/${answers.due}`.padStart(11)}${[shares.model, shares.fallback, shares.dropped].map((share) => `  ${percent(share)}`).join('')}${String(moved).padStart(11)}${String(late).padStart(11)}${numbers}`);
  }
  return `${lines.join('\n')}\n`;
};
