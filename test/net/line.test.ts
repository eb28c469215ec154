import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { lineOf } from '../../src/net/line.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it('lets what is sent in one turn leave in one write at its end, in order, and what is sent later by itself', async () => {
  const done: string[] = [];
  const socket = { readyState: WebSocket.OPEN as WebSocket['readyState'], OPEN: WebSocket.OPEN, bufferedAmount: 7, terminate: () => void done.push('terminate') };
  const line = lineOf(socket as Parameters<typeof lineOf>[0], { write: (bytes: Buffer) => done.push(bytes.toString('latin1')) > 0 });
  line.send('a');
  line.send('bc');
  expect(done).toEqual([]);
  expect(line.bufferedAmount).toBe(7 + 3 + 4);
  await turn();
  line.send('d');
  await turn();
  expect(done).toEqual(['\x81\x01a\x81\x02bc', '\x81\x01d']);
  expect(line.bufferedAmount).toBe(7);
  socket.readyState = WebSocket.CLOSING;
  line.send('e');
  await turn();
  expect(done).toHaveLength(2);
  line.terminate();
  expect(done.at(-1)).toBe('terminate');
});

it('is understood by clients, whatever the length, each told the same', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const lines: ReturnType<typeof lineOf>[] = [];
  server.on('connection', (socket, request) => lines.push(lineOf(socket, request.socket)));
  const sent = [1, 125, 126, 65_535, 65_536, 200_000].map((length) => 'é'.repeat(length)).concat('last');
  const clients = Array.from({ length: 3 }, () => new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
  await Promise.all(clients.map((client) => once(client, 'open')));
  const heard = clients.map((client) => {
    const texts: string[] = [];
    return new Promise<string[]>((resolve) => client.on('message', (data) => void (texts.push(String(data)) === sent.length && resolve(texts))));
  });
  while (lines.length < 3) await turn();
  for (const text of sent) for (const line of lines) line.send(text);
  for (const texts of await Promise.all(heard)) expect(texts).toEqual(sent);
  clients.forEach((client) => client.close());
  await Promise.all(clients.map((client) => once(client, 'close')));
  server.close();
});
