import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Line } from './hub.ts';

/** A client's connection, on which what is sent in one turn of the event loop leaves in one write: asking the system costs more than all else that a message does. */
export const lineOf = (socket: Pick<WebSocket, 'send' | 'bufferedAmount' | 'terminate'>, wire: Pick<Writable, 'cork' | 'uncork'>): Line => {
  let gathers = false;
  const leave = (): void => {
    gathers = false;
    wire.uncork();
  };
  return {
    send: (text) => {
      if (!gathers) {
        gathers = true;
        wire.cork();
        process.nextTick(leave);
      }
      socket.send(text);
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    terminate: () => socket.terminate(),
  };
};
