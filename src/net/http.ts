import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { Closable } from '../core/owner.ts';
import { Warming } from '../core/warming.ts';
import type { Command, DaemonState } from '../live/command.ts';
import { pageFile } from './files.ts';
import { Held } from './held.ts';
import { Hub } from './hub.ts';
import { lineOf } from './line.ts';
import { isOurs, isSameOrigin } from './origin.ts';
import { LARGEST, PROTOCOL, readMessage, schema, warmProtocol } from './protocol.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of the built page. */
  readonly webRoot: string;
  readonly state: () => DaemonState;
  /** @param from who asks, such as `ws:3` */
  readonly command: (command: Command, from: string) => void;
  /** Milliseconds of the daemon's clock. */
  readonly now: () => number;
  /** Told how many WebSocket clients there are, when that changes. */
  readonly changed?: (clients: number) => void;
  /** Text of `/metrics`; no such page unless given. */
  readonly metrics?: () => string;
}

/** The page and the WebSocket, being served. */
export interface WebDoor extends Closable {
  readonly port: number;
  /** Where a browser finds the page. */
  readonly url: string;
  readonly hub: Hub;
  readonly counters: Readonly<Record<'received' | 'malformed' | 'refused', number>>;
  close(): Promise<void>;
}

const HEADERS = {
  // Isolated from other origins: only then a browser gives precise clocks and shared memory.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
} as const;

/** Sends one whole answer. */
export const answer = (response: ServerResponse, status: number, type: string, body: string | Buffer, more: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...more });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** @throws AntiphonError `http.port` */
export const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'Something listens there already, perhaps another Antiphon' : messageOf(error);
      reject(new AntiphonError('http.port', 'Cannot serve the page', `${host}:${port}`, `${why}. Choose another with --http HOST:PORT.`));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });

/**
 * Serves the page, `/ws`, `/state.json` and `/schema.json`.
 * @throws AntiphonError `http.port`
 */
export const serve = async (options: ServeOptions): Promise<WebDoor> => {
  const { host, port, webRoot, state, command, now, changed, metrics } = options;
  const counters = { received: 0, malformed: 0, refused: 0 };
  const hub = new Hub({ now, refresh: () => ({ type: 'state', state: state() }), ...(changed ? { changed } : {}) });
  const pages: Readonly<Record<string, () => readonly [type: string, body: string]>> = {
    '/state.json': () => [JSON_TYPE, JSON.stringify(state())],
    '/schema.json': () => [JSON_TYPE, JSON.stringify(schema(), null, 2)],
    ...(metrics ? { '/metrics': () => [TEXT_TYPE, metrics()] as const } : {}),
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, why: string, more?: Readonly<Record<string, string>>): void => {
      counters.refused++;
      answer(response, status, TEXT_TYPE, `${status} ${STATUS_CODES[status]}: ${why}\n`, more);
    };
    if (!isOurs(request, host)) return refuse(421, 'this address is not one of this machine. Use its IP address or localhost.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, `${request.method} is not understood here. Use GET.`, { Allow: 'GET, HEAD' });
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    if (path === '/ws') return refuse(426, 'this is a WebSocket.', { Upgrade: 'websocket' });
    if (Object.hasOwn(pages, path)) {
      const [type, body] = (pages[path] as () => readonly [string, string])();
      return answer(response, 200, type, body);
    }
    const file = await pageFile(webRoot, path);
    if (!file) return refuse(404, `there is no ${path.slice(0, 80)}. There are: /, /ws, ${Object.keys(pages).join(', ')}.`);
    return answer(response, 200, file.type, file.bytes);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) answer(response, 500, TEXT_TYPE, `500: ${messageOf(thrown)}\n`);
    });
  });

  const warming = new Warming(now, warmProtocol);
  const connected = (socket: WebSocket, wire: Duplex): void => {
    const client = hub.add(lineOf(socket, wire));
    const from = `ws:${client.id}`;
    const held = new Held();
    hub.reply(client, { type: 'hello', protocol: PROTOCOL, state: state() });
    const hear = (data: RawData, binary: boolean): void => {
      const received = now();
      counters.received++;
      if (binary) throw new AntiphonError('message.json', 'A message is text, not bytes, of which there are', (data as Buffer).length, 'Send one JSON object a message.');
      const asked = readMessage(String(data));
      if (asked.kind === 'ping') hub.reply(client, { type: 'pong', client: asked.client, received, sent: now() });
      else if (asked.kind === 'state') hub.reply(client, { type: 'state', state: state() });
      else {
        warming.heard();
        held.watch(asked);
        command(asked, from);
      }
    };
    socket.on('message', (data, binary) => {
      try {
        hear(data, binary);
      } catch (thrown) {
        counters.malformed++;
        const code = thrown instanceof AntiphonError ? thrown.code : 'command.failed';
        hub.reply(client, { type: 'error', code, message: messageOf(thrown) });
      }
    });
    // A frame that breaks the WebSocket protocol itself: ws closes the connection, and 'close' follows.
    socket.on('error', () => counters.malformed++);
    socket.on('close', () => {
      hub.remove(client);
      for (const release of held.release()) command(release, from);
    });
  };

  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (status: number, why: string): void => {
      counters.refused++;
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${why}\n`);
    };
    // A client may vanish between its request and our answer.
    socket.on('error', () => socket.destroy());
    if (!/^\/ws(\?|$)/.test(request.url ?? '')) return refuse(404, 'The WebSocket is at /ws.');
    if (!isOurs(request, host) || !isSameOrigin(request)) return refuse(403, 'Only the page served here may play.');
    return sockets.handleUpgrade(request, socket, head, (webSocket) => connected(webSocket, socket));
  });

  await listening(server, host, port);
  server.on('error', () => counters.refused++);
  const bound = (server.address() as AddressInfo).port;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    port: bound,
    url: `http://${shownHost}:${bound}/`,
    hub,
    counters,
    close: async () => {
      warming.close();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      const gone = [...sockets.clients].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      for (const socket of sockets.clients) socket.close(1001, 'Antiphon is ending');
      // One turn of the loop for the goodbye to leave; nobody's network keeps the daemon from ending.
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await Promise.all([ended, ...gone]);
    },
  };
};
