import type { Socket } from 'node:dgram';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { Closable } from '../core/owner.ts';
import type { Command, Told } from '../live/command.ts';
import { readPacket, writeTold } from './osc.ts';
import { closed, resolved, socketOf, unsent } from './udp.ts';

/** Where OSC comes in and goes out. */
export interface OscPlaces {
  /** Address to listen on; loopback unless given. */
  readonly host?: string;
  /** UDP port to listen on; 0 takes a free one. */
  readonly port: number;
  /** Where what is told here goes; nowhere unless given. Notes go by a way of their own. */
  readonly out?: { readonly host: string; readonly port: number };
  readonly onCommand: (command: Command) => void;
  /** Something malformed came, or could not be sent; already counted. */
  readonly onError?: (error: AntiphonError) => void;
}

/** An open OSC socket. */
export interface OscDoor extends Closable {
  /** The port that is listened on. */
  readonly port: number;
  readonly counters: Readonly<Record<'received' | 'malformed' | 'sent' | 'unsent', number>>;
  tell(told: Told): void;
  close(): Promise<void>;
}

const bound = (socket: Socket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(new AntiphonError('osc.port', 'Cannot listen for OSC', `${host}:${port}`, `${messageOf(error)}. Choose another with --osc-in.`));
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });

/**
 * Opens OSC in and out over UDP. The socket is Node's own: osc-js's DatagramPlugin hides who sent a packet.
 * @throws AntiphonError `osc.port`, `osc.host`
 */
export const openOsc = async (places: OscPlaces): Promise<OscDoor> => {
  const { host = '127.0.0.1', port, out, onCommand, onError } = places;
  // Resolved once: a name would otherwise be looked up again for every note.
  const here = await resolved(host);
  const there = out && (await resolved(out.host));

  let over = false;
  const counters = { received: 0, malformed: 0, sent: 0, unsent: 0 };
  const inward = socketOf(here.family);
  await bound(inward, here.address, port);
  const outward = there && there.family !== here.family ? socketOf(there.family) : inward;

  const failed = (thrown: unknown): void => {
    counters.unsent++;
    onError?.(unsent(out?.host ?? 'anywhere', out?.port ?? 0, thrown));
  };
  const tell = (told: Told): void => {
    if (!out || !there || over) return;
    for (const bytes of writeTold(told)) {
      counters.sent++;
      outward.send(bytes, out.port, there.address, (error) => {
        if (error) failed(error);
      });
    }
  };
  const refuse = (thrown: unknown): void => {
    const error = thrown instanceof AntiphonError ? thrown : new AntiphonError('osc.packet', 'A packet cannot be read', messageOf(thrown), 'Send OSC 1.0 messages or bundles.');
    counters.malformed++;
    onError?.(error);
    // Our own packets coming back are not answered: two doors facing each other would go on for ever.
    if (error.code !== 'osc.echo') tell({ kind: 'error', code: error.code, message: error.message });
  };

  inward.on('message', (bytes) => {
    counters.received++;
    let commands: Command[];
    try {
      commands = readPacket(bytes);
    } catch (thrown) {
      refuse(thrown);
      return;
    }
    for (const command of commands) onCommand(command);
  });
  inward.on('error', failed);
  if (outward !== inward) outward.on('error', failed);

  return {
    port: inward.address().port,
    counters,
    tell,
    close: async () => {
      if (over) return;
      over = true;
      await closed(inward);
      if (outward !== inward) await closed(outward);
    },
  };
};
