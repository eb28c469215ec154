import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { AntiphonError, messageOf } from '../core/errors.ts';

/** What is sent to is an address already: looking one up would cost each packet a turn of the event loop. */
export const socketOf = (family: number): Socket =>
  createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (address, _options, done) => done(null, address, family) });

/** The address of a host, looked up once. @throws AntiphonError `osc.host` */
export const resolved = async (name: string): Promise<LookupAddress> => {
  try {
    return await lookup(name);
  } catch (thrown) {
    throw new AntiphonError('osc.host', 'No such host', name, messageOf(thrown));
  }
};

/** Resolves when it is closed. */
export const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));

/** That something could not be sent there. */
export const unsent = (host: string, port: number, thrown: unknown): AntiphonError => new AntiphonError('osc.send', 'OSC could not be sent', `${host}:${port}`, messageOf(thrown));
