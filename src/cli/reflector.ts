import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** A process that sends every note straight back: what a transport costs with nobody behind it. Prints its ports as JSON. */
export const reflect = async (oscBack: number): Promise<void> => {
  const socket = createSocket('udp4', (bytes) => socket.send(bytes, oscBack, '127.0.0.1'));
  const server = createServer();
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (client) => client.on('message', (data) => client.send(String(data))));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ osc: socket.address().port, ws: typeof address === 'object' ? address?.port : 0 })}\n`);
};
