import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { nativeMidi } from '../midi/native.ts';

/** What the reflector's MIDI ports are called. No pattern of a daemon's chooses what has this name in it. */
export const REFLECTOR = { input: 'Antiphon Reflector In', output: 'Antiphon Reflector Out' } as const;

/** A process that sends every note straight back: what a transport costs with nobody behind it. Prints its ports as JSON. */
export const reflect = async (oscBack: number): Promise<void> => {
  const socket = createSocket('udp4', (bytes) => socket.send(bytes, oscBack, '127.0.0.1'));
  const server = createServer();
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (client) => client.on('message', (data) => client.send(String(data))));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const system = nativeMidi();
  if (system.supportsVirtual) {
    const output = system.openVirtualOutput(REFLECTOR.output);
    system.openVirtualInput(REFLECTOR.input, (status, a, b) => void output.send(status, a, b));
  }
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ osc: socket.address().port, ws: typeof address === 'object' ? address?.port : 0 })}\n`);
};
