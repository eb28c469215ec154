import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { Line } from './hub.ts';

/** How `ws` makes frames; its types do not tell. */
const { Sender } = ws as unknown as { readonly Sender: { frame(data: Buffer, options: { readonly fin: boolean; readonly rsv1: boolean; readonly opcode: number; readonly mask: boolean; readonly readOnly: boolean }): Buffer[] } };
const TEXT = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true } as const;

let last = '';
let frame = Buffer.alloc(0);

/** A server's frames are the same for every client: that of a message that goes to one after another is made once. */
const frameOf = (text: string): Buffer => {
  if (text !== last) {
    last = text;
    frame = Buffer.concat(Sender.frame(Buffer.from(text), TEXT));
  }
  return frame;
};

/** A client's connection, on which what is sent in one turn of the event loop leaves in one write: asking the system costs more than all else that a message does. */
export const lineOf = (socket: Pick<ws.WebSocket, 'readyState' | 'OPEN' | 'bufferedAmount' | 'terminate'>, wire: Pick<Writable, 'write'>): Line => {
  let gathered: Buffer[] = [];
  let bytes = 0;
  const leave = (): void => {
    const whole = gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered, bytes);
    gathered = [];
    bytes = 0;
    // One who is going is told nothing more.
    if (socket.readyState === socket.OPEN) wire.write(whole);
  };
  return {
    send: (text) => {
      if (gathered.length === 0) process.nextTick(leave);
      const message = frameOf(text);
      gathered.push(message);
      bytes += message.length;
    },
    get bufferedAmount() {
      return socket.bufferedAmount + bytes;
    },
    terminate: () => socket.terminate(),
  };
};
