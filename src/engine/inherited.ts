import { closeSync, existsSync, readdirSync, readlinkSync } from 'node:fs';

/** What this process has open (Linux, proc(5)). */
const OPEN = '/proc/self/fd';
/** After the standard streams and the channel to the parent. */
const FIRST = 4;

/**
 * To be called before anything is opened: closes the sockets that came from the parent without its meaning to. JACK's library does not keep its own from
 * children; and as long as a child has the other end of a client that was killed, the server takes the client to be alive, waits for its answer, and
 * answers nobody meanwhile: 4 s and more, measured.
 */
export const closeInherited = (): void => {
  // Without a /proc nothing is known of them, and nobody is to end for that.
  if (!existsSync(OPEN)) return;
  for (const fd of readdirSync(OPEN).map(Number)) if (fd >= FIRST && isSocket(fd)) closeSync(fd);
};

const isSocket = (fd: number): boolean => {
  try {
    return readlinkSync(`${OPEN}/${fd}`).startsWith('socket:');
  } catch {
    // The folder itself was open while it was read.
    return false;
  }
};
