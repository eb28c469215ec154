import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { WriteWhole } from '../midi/guard-feed.ts';

/** One end of a pipe that has a name until both have opened it. */
export interface PipeEnd {
  readonly write: WriteWhole;
  close(): void;
}

/**
 * The writing end; the reading end must be open. Never blocks, and is inherited by no child, so that the reader sees its end in the moment in
 * which this process is gone. @throws the system's error when there is no reader
 */
export const openGuardPipe = (path: string): PipeEnd => {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return {
    write: (bytes) => {
      try {
        return writeSync(fd, bytes) === bytes.length ? 'done' : 'gone';
      } catch (thrown) {
        return (thrown as NodeJS.ErrnoException).code === 'EAGAIN' ? 'full' : 'gone';
      }
    },
    close: () => closeSync(fd),
  };
};

/** What a pipe holds, on Linux: no read brings more. */
const LARGEST_READ = 65_536;

/**
 * The reading end, read when it is asked to: to be woken for every note would cost the stage a tenth of a millisecond for each, and a small
 * machine a processor. Once there is a writer; before, the pipe seems to have ended.
 */
export const readGuardPipe = (path: string): { read(hear: (bytes: Uint8Array) => void): 'open' | 'ended' } => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const bytes = new Uint8Array(LARGEST_READ);
  return {
    read: (hear) => {
      let read: number;
      try {
        read = readSync(fd, bytes);
      } catch (thrown) {
        return (thrown as NodeJS.ErrnoException).code === 'EAGAIN' ? 'open' : 'ended';
      }
      if (read > 0) hear(bytes.subarray(0, read));
      return read > 0 ? 'open' : 'ended';
    },
  };
};
