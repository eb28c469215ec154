import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { channel, ms, pitch } from '../../src/core/units.ts';
import type { Command } from '../../src/live/command.ts';
import { serve, type WebDoor } from '../../src/net/http.ts';
import { stateWith } from './state.ts';

let folder: string;
let door: WebDoor;
let heard: { command: Command; from: string }[];
const waiting: (() => void)[] = [];

const start = (): Promise<WebDoor> =>
  serve({
    host: '127.0.0.1',
    port: 0,
    webRoot: folder,
    state: () => stateWith(),
    command: (command, from) => {
      heard.push({ command, from });
      for (const wake of waiting.splice(0)) wake();
    },
    now: () => 1234.5,
    metrics: () => 'antiphon_notes 3\n',
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-http-'));
  writeFileSync(join(folder, 'index.html'), '<h1>Antiphon</h1>');
  writeFileSync(join(folder, 'page.js'), 'let a;');
  writeFileSync(join(folder, 'page.css'), 'a{}');
  heard = [];
  door = await start();
});
afterEach(async () => {
  await door.close();
  rmSync(folder, { recursive: true });
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As any program might ask: fetch would tidy up the path and the Host header. */
const ask = (path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: door.port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += String(data)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    }).on('error', reject).end();
  });

/** A client that reads message by message. */
const client = async (headers: Record<string, string> = {}) => {
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}/ws`, { headers });
  const queue: unknown[] = [];
  const takers: ((message: unknown) => void)[] = [];
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(String(data));
    const taker = takers.shift();
    if (taker) taker(message);
    else queue.push(message);
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const next = (): Promise<unknown> => (queue.length > 0 ? Promise.resolve(queue.shift()) : new Promise((resolve) => takers.push(resolve)));
  return { socket, next, send: (message: unknown) => socket.send(JSON.stringify(message)) };
};

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise<void>((resolve) => waiting.push(resolve));
};

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<h1>Antiphon</h1>'],
    ['/index.html?x=1', 'text/html; charset=utf-8', '<h1>Antiphon</h1>'],
    ['/page.js', 'text/javascript; charset=utf-8', 'let a;'],
    ['/page.css', 'text/css; charset=utf-8', 'a{}'],
    ['/metrics', 'text/plain; charset=utf-8', 'antiphon_notes 3\n'],
  ])('serves %s', async (path, type, body) => {
    const reply = await ask(path);
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers).toMatchObject({
      'content-type': type,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    });
  });

  it('serves the state and the schema', async () => {
    expect(JSON.parse((await ask('/state.json')).body)).toEqual(stateWith());
    expect(JSON.parse((await ask('/schema.json')).body)).toMatchObject({ title: 'Antiphon protocol 1' });
  });

  it.each([
    ['/nothing.js', 'GET', 404, 'there is no /nothing.js'],
    ['/../package.json', 'GET', 404, 'there is no'],
    ['/..%2f..%2fetc%2fpasswd', 'GET', 404, 'there is no'],
    ['/.secret', 'GET', 404, 'there is no'],
    ['/__proto__', 'GET', 404, 'there is no'],
    ['/state.json', 'POST', 405, 'POST is not understood'],
    ['/ws', 'GET', 426, 'this is a WebSocket'],
  ])('answers %s by %s with %i', async (path, method, status, words) => {
    const reply = await ask(path, method);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(words);
  });

  it('answers no name that a stranger could own', async () => {
    expect((await ask('/state.json', 'GET', { Host: `evil.example:${door.port}` })).status).toBe(421);
    expect((await ask('/state.json', 'GET', { Host: `localhost:${door.port}` })).status).toBe(200);
  });

  it('says what to do when the port is taken', async () => {
    await expect(serve({ host: '127.0.0.1', port: door.port, webRoot: folder, state: stateWith, command: () => {}, now: () => 0 })).rejects.toMatchObject({
      code: 'http.port',
      message: expect.stringContaining('Choose another with --http HOST:PORT') as string,
    });
  });
});

describe('the WebSocket', () => {
  it('greets with the state, takes a note, and tells what is played', async () => {
    const { next, send, socket } = await client();
    expect(await next()).toEqual({ type: 'hello', protocol: 1, state: stateWith() });
    send({ type: 'note', pitch: 60, velocity: 80 });
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ command: { kind: 'note', pitch: 60, velocity: 80, channel: 1 }, from: 'ws:1' }]);
    door.hub.tell({ kind: 'note', pitch: pitch(64), velocity: 70, channel: channel(1), role: 'harmonise', id: 5, wanted: ms(1), sent: ms(2) });
    expect(await next()).toEqual({ type: 'note', pitch: 64, velocity: 70, channel: 1, role: 'harmonise', id: 5, wanted: 1, sent: 2 });
    socket.close();
  });

  it('answers ping and state itself', async () => {
    const { next, send, socket } = await client();
    await next();
    send({ type: 'ping', client: 77 });
    expect(await next()).toEqual({ type: 'pong', client: 77, received: 1234.5, sent: 1234.5 });
    send({ type: 'state' });
    expect(await next()).toEqual({ type: 'state', state: stateWith() });
    expect(heard).toEqual([]);
    socket.close();
  });

  it('answers what is malformed, and keeps the connection', async () => {
    const { next, send, socket } = await client();
    await next();
    send({ type: 'note', pitch: 400, velocity: 80 });
    expect(await next()).toEqual({ type: 'error', code: 'message.field', message: 'note.pitch cannot be: 400. Give a whole number from 0 to 127.' });
    socket.send(Buffer.from([1, 2, 3]));
    expect(await next()).toMatchObject({ type: 'error', code: 'message.json' });
    send({ type: 'play' });
    await until(() => heard.length === 1);
    expect(door.counters).toMatchObject({ received: 3, malformed: 2 });
    socket.close();
  });

  it('closes on a message beyond 64 KiB, and lives', async () => {
    const { socket } = await client();
    socket.send('x'.repeat(70_000));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1009);
    (await client()).socket.close();
  });

  it('lets go what a client held that went away', async () => {
    const { send, socket } = await client();
    send({ type: 'note', pitch: 60, velocity: 80 });
    send({ type: 'note', pitch: 64, velocity: 80, channel: 3 });
    send({ type: 'note', pitch: 60, velocity: 0 });
    send({ type: 'control', controller: 64, value: 127 });
    await until(() => heard.length === 4);
    socket.terminate();
    await until(() => heard.length === 6);
    expect(heard.slice(4).map(({ command }) => command)).toEqual([
      { kind: 'note', pitch: 64, velocity: 0, channel: 3 },
      { kind: 'control', controller: 64, value: 0, channel: 1 },
    ]);
  });

  it.each([
    ['a page elsewhere', { Origin: 'http://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['a domain pointed at this machine', { Origin: 'http://evil.example', Host: 'evil.example' }],
    ['no origin at all', { Origin: 'null' }],
  ])('refuses %s', async (_, headers) => {
    await expect(client(headers)).rejects.toThrow('403');
  });

  it('takes its own page', async () => {
    (await client({ Origin: `http://127.0.0.1:${door.port}` })).socket.close();
  });

  it('lives through frames and requests that are none', async () => {
    const garbage = ['GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 'GET /ws HTTP/1.1\r\nHost: [\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', '\0\0\0\0\r\n\r\n'];
    for (const bytes of garbage) {
      await new Promise((resolve) => {
        const socket = connect(door.port, '127.0.0.1', () => socket.write(bytes));
        socket.on('close', resolve).on('error', resolve).resume();
      });
    }
    const { next, socket } = await client();
    expect(await next()).toMatchObject({ type: 'hello' });
    socket.close();
  });
});
