import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Told } from '../live/command.ts';
import { writeTold } from '../net/osc.ts';

/** A way out for OSC that is ready to be used at once. */
export class GuardOsc {
  private readonly socket: Socket;
  private readonly address: string;
  private readonly port: number;

  /** @throws the system's error when there is no such host */
  static async open({ host, port }: { readonly host: string; readonly port: number }): Promise<GuardOsc> {
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Nobody listening there is no fault of ours.
    socket.on('error', () => {});
    socket.bind(0);
    await once(socket, 'listening');
    return new GuardOsc(socket, address, port);
  }

  private constructor(socket: Socket, address: string, port: number) {
    this.socket = socket;
    this.address = address;
    this.port = port;
  }

  tell(told: Told): void {
    for (const bytes of writeTold(told)) this.socket.send(bytes, this.port, this.address, () => {});
  }
}
