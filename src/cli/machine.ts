import { cpus, release, totalmem, type } from 'node:os';

/** The machine in a line, as the benches print it. */
export const machineLine = (): string => `${type()} ${release()}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
