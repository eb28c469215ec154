import { once } from 'node:events';
import { messageOf, type AntiphonError } from '../core/errors.ts';
import type { Closable } from '../core/owner.ts';
import type { Told } from '../live/command.ts';
import { writeTold } from './osc.ts';
import { NOBODYS } from './protocol.ts';
import { closed, resolved, socketOf, unsent } from './udp.ts';

/** The system refuses to send there, at once, to who has not asked it for leave: nothing goes out. */
const EVERYBODY = '255.255.255.255';

/** What sends OSC without an event loop: a thread that sleeps otherwise may use it. */
export interface OscSender extends Closable {
  /** Hands it to the system, which never keeps us waiting. Realtime-safe: yes. */
  tell(told: Told): void;
  /** Goes the way of a note, as far as the system, which refuses it. Realtime-safe: yes. */
  warm(): void;
  /** Whether the system had no room for something: it goes when the event loop turns. */
  readonly held: boolean;
  /** Lets the event loop turn once: what is held is sent, and what failed is said. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a way out for OSC over UDP, of which there may be one a thread.
 * @param onError called in `settle`, once for each kind of failure in a row: nobody is helped by one for each note
 * @throws AntiphonError `osc.host`
 */
export const openOscSender = async (to: { readonly host: string; readonly port: number }, onError: (error: AntiphonError) => void = () => {}): Promise<OscSender> => {
  const { address, family } = await resolved(to.host);
  const socket = socketOf(family);
  let said = '';
  const failed = (thrown: unknown): void => {
    if (said === messageOf(thrown)) return;
    said = messageOf(thrown);
    onError(unsent(to.host, to.port, thrown));
  };
  socket.on('error', failed);
  const listening = once(socket, 'listening');
  socket.bind(0);
  await listening;
  const sent = (thrown: Error | null): void => {
    if (thrown) failed(thrown);
    else said = '';
  };
  return {
    tell: (told) => {
      for (const bytes of writeTold(told)) socket.send(bytes, to.port, address, sent);
    },
    warm: () => {
      if (family === 4) for (const bytes of writeTold(NOBODYS)) socket.send(bytes, to.port, EVERYBODY);
    },
    get held() {
      return socket.getSendQueueCount() > 0;
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    close: () => closed(socket),
  };
};
