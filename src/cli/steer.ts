import { WebSocket } from 'ws';
import type { DaemonState } from '../live/command.ts';

/** A client that steers a daemon. */
export interface Steering {
  send(message: object): void;
  close(): void;
}

/** Milliseconds within which a daemon answers, or something is wrong with it. */
const PATIENCE = 20_000;

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Opens a client on the daemon's port; `hear` is told each message that comes. */
export const steering = async (port: number, hear?: (message: Readonly<Record<string, unknown>>) => void): Promise<Steering> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: false, handshakeTimeout: PATIENCE });
  if (hear) socket.on('message', (data) => hear(JSON.parse(String(data)) as Readonly<Record<string, unknown>>));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { send: (message) => socket.send(JSON.stringify(message)), close: () => socket.close() };
};

/** Steers once, and is gone: a client that stayed would be told of every note while others are timed. */
export const steer = async (port: number, ...messages: readonly object[]): Promise<void> => {
  const { send, close } = await steering(port);
  for (const message of messages) send(message);
  await pause(200);
  close();
};

export const stateOf = async (port: number): Promise<DaemonState> => (await fetch(`http://127.0.0.1:${port}/state.json`, { signal: AbortSignal.timeout(PATIENCE) })).json() as Promise<DaemonState>;
