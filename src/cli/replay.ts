import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { RECORD } from '../core/ring.ts';
import { ms } from '../core/units.ts';
import type { Patch } from '../live/patch.ts';
import { IN, OUT } from '../stage/records.ts';
import { Stage } from '../stage/stage.ts';
import { lineOf, Takes, type LogHeader } from './recording.ts';
import { reasonOf, writeFile } from './song.ts';
import { say } from './terminal.ts';

export const replayCommand = (program: Command): void => {
  program
    .command('replay')
    .description("play a session's log again and check that it gives the same notes, bit for bit")
    .argument('<log>', 'session.jsonl of a recording')
    .option('-o, --out <file>', 'MIDI file to write: player and each role on tracks of their own')
    .addHelpText('after', '\nExamples:\n  $ antiphon replay recordings/2026-07-01_20-15-00/session.jsonl\n  $ antiphon replay session.jsonl -o session.mid   the MIDI file of a session that ended in a crash\n')
    .action(run);
};

/** One record of a log, and the line it stands on. */
export interface Line {
  readonly line: number;
  readonly record: Float64Array;
}

export interface Log {
  readonly header: LogHeader;
  readonly lines: readonly Line[];
  /** The number of a last line that was begun and never finished; null where every line is whole. */
  readonly cut: number | null;
}

/** Where a replay differs from its log; `found` is what the stage does now, null where one side has nothing more. */
export interface Difference {
  readonly line: number;
  readonly expected: string | null;
  readonly found: string | null;
}

export interface Replayed {
  readonly takes: Takes;
  readonly difference: Difference | null;
  /** Records the stage still gave after the log's last: the log was cut off between cause and effect. */
  readonly beyond: number;
}

const bad = (line: number, what: string, value: unknown): AntiphonError => new AntiphonError('log.line', `Line ${line} of the log ${what}`, value, 'The log is damaged there: what stands before it is whole.');

/**
 * Reads the text of a session's log.
 * @throws AntiphonError `log.header`, `log.line`
 */
export const readLog = (text: string): Log => {
  const rows = text.split('\n');
  // A whole line ends with its newline: what follows the last is what a crash cut off, or nothing.
  const rest = rows.pop() ?? '';
  const header = headerOf(rows[0] ?? rest);
  const lines = rows.slice(1).map((row, i) => ({ line: i + 2, record: recordOf(row, i + 2) }));
  lines.reduce((before, { line, record }) => {
    const now = record[RECORD - 1] as number;
    if (now < before) throw bad(line, 'goes back in time, to', now);
    return now;
  }, -Infinity);
  return { header, lines, cut: rest === '' ? null : rows.length + 1 };
};

const headerOf = (row: string): LogHeader => {
  const header = parsed(row) as Partial<LogHeader> | undefined;
  const whole = header?.format === 'antiphon-log-1' && Array.isArray(header.patches) && header.patches.length > 0 && header.patches.every(isPatch) && (header.cast === undefined || Array.isArray(header.cast)) && typeof header.start === 'number';
  if (!whole) throw new AntiphonError('log.header', 'The first line is no header of a session', row.slice(0, 80), 'Give the session.jsonl of a recording by this version (antiphon-log-1).');
  return header as LogHeader;
};

/** Enough of a patch for the stage to play it: what daemons wrote, they had checked. */
const isPatch = (patch: Partial<Patch> | null): boolean =>
  Array.isArray(patch?.inputs) && Array.isArray(patch.outputs) && Array.isArray(patch.roles) && Array.isArray(patch.controllers) && typeof patch.clock === 'object' && typeof patch.params === 'object';

const parsed = (row: string): unknown => {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
};

const CODES: ReadonlySet<unknown> = new Set([...Object.values(IN), ...Object.values(OUT)]);

const recordOf = (row: string, line: number): Float64Array => {
  const numbers = parsed(row);
  if (!Array.isArray(numbers)) throw bad(line, 'is no list of numbers', row.slice(0, 80));
  if (numbers.length !== RECORD) throw bad(line, `should hold ${RECORD} numbers and holds`, numbers.length);
  const wrong: unknown = numbers.find((value) => typeof value !== 'number' && value !== null);
  if (wrong !== undefined) throw bad(line, 'holds what is no number', wrong);
  if (!CODES.has(numbers[0])) throw bad(line, 'has a code unknown here', numbers[0]);
  return Float64Array.from(numbers, (value: number | null) => value ?? NaN);
};

const isOut = (record: Float64Array): boolean => (record[0] as number) >= OUT.sounded;
const same = (a: Float64Array, b: Float64Array): boolean => a.every((value, i) => Object.is(value, b[i]));

/** Feeds what went in to a fresh stage, at its times, and holds what comes out against the log. */
export const replay = ({ header, lines }: Log): Replayed => {
  const takes = new Takes();
  const given: Float64Array[] = [];
  const stage = new Stage(
    header.patches,
    {
      send: () => {},
      ask: () => {},
      tell: (...record) => given.push(Float64Array.from({ length: RECORD }, (_, i) => record[i] ?? 0)) > 0,
    },
    ms(header.start),
    header.cast,
  );
  const differs = (line: number, expected: Float64Array | null, found: Float64Array | undefined): Replayed => ({
    takes,
    difference: { line, expected: expected && lineOf(expected), found: found ? lineOf(found) : null },
    beyond: 0,
  });
  for (const { line, record } of lines) {
    takes.take(record);
    if (isOut(record)) {
      const found = given.shift();
      if (!found || !same(record, found)) return differs(line, record, found);
      continue;
    }
    if (given.length > 0) return differs(line, null, given[0]);
    if (record[0] === IN.patch && !header.patches[record[1] as number]) throw bad(line, `chooses a patch of which the header has ${header.patches.length}, number`, record[1]);
    stage.take(record, ms(record[RECORD - 1] as number));
  }
  return { takes, difference: null, beyond: given.length };
};

const run = async (file: string, { out }: { readonly out?: string }): Promise<void> => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new AntiphonError('file.read', `Cannot read the file (${reasonOf(thrown)})`, file, 'Give the session.jsonl of a recording.');
  }
  const log = readLog(text);
  const { takes, difference, beyond } = replay(log);
  if (log.cut !== null) say(`${file}: cut off in line ${log.cut}; the whole lines before it are replayed`);
  else if (beyond > 0 && !difference) say(`${file}: cut off after its last line, before ${beyond} records that followed from it`);
  if (difference) {
    const { line, expected, found } = difference;
    process.stdout.write(`line ${line}: expected ${expected ?? 'nothing before the next event'}, found ${found ?? 'nothing'}\n`);
    process.exitCode = 1;
    return;
  }
  if (out !== undefined) writeFile(out, takes.midi());
  process.stdout.write(`${takes.size} notes (${takes.answers} of Antiphon), identical\n`);
};
