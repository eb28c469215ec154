import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
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

/** The reading end; `listen` once there is a writer, or it seems to have ended. */
export const readGuardPipe = (path: string): { listen(hear: (bytes: Uint8Array) => void, ended: () => void): void } => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return {
    listen: (hear, ended) => {
      const socket = new Socket({ fd, readable: true, writable: false });
      socket.on('data', hear);
      socket.on('error', () => {});
      socket.on('close', ended);
    },
  };
};
