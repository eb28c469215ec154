import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** The machine in a line, as the benches print it. */
export const machineLine = (): string => `${type()} ${release()}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

/** The eighth of the counts that proc(5) has for all processors, in hundredths of a second. */
const STOLEN = /^cpu(?:\s+\d+){7}\s+(\d+)/;
const TICK = 10;

/**
 * Milliseconds, since it started, for which a host kept this machine's processors from it while they had work to do, all processors together: nothing
 * that runs here can be on time then. Null where that is not known.
 */
export const stolenMs = (): number | null => {
  try {
    const ticks = STOLEN.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    return ticks === undefined ? null : Number(ticks) * TICK;
  } catch {
    return null;
  }
};
