import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { CHOICES, type Choice } from '../core/blind-test.ts';
import type { Ballot } from '../music/excerpt.ts';
import { pageFile } from './files.ts';
import { answer, listening } from './http.ts';
import { isOurs, isSameOrigin } from './origin.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of the built page. */
  readonly webRoot: string;
  readonly ballot: () => Ballot;
  /** Keeps a vote before it returns. @throws AntiphonError where that pair is not to be judged */
  readonly vote: (pair: number, choice: Choice) => void;
}

/** The listening test, being served. */
export interface ListenDoor {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
/** No vote has more bytes. */
const LARGEST = 1024;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > LARGEST) throw new AntiphonError('vote.size', 'A vote is no more than bytes', LARGEST, 'Send {"pair": 0, "choice": "first"}.');
  }
  return body;
};

const readVote = (text: string): { readonly pair: number; readonly choice: Choice } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const { pair, choice } = (value ?? {}) as { readonly pair?: unknown; readonly choice?: unknown };
  const known = CHOICES.find((each) => each === choice);
  if (!Number.isInteger(pair) || known === undefined) throw new AntiphonError('vote.form', 'Not a vote', text.slice(0, 80), `Send {"pair": 0, "choice": one of ${CHOICES.join(', ')}}.`);
  return { pair: pair as number, choice: known };
};

/**
 * Serves the page of a blind listening test, `/ballot.json` and, by POST, `/vote`, which answers with the next ballot.
 * @throws AntiphonError `http.port`
 */
export const serveListening = async ({ host, port, webRoot, ballot, vote }: ListenOptions): Promise<ListenDoor> => {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    const refuse = (status: number, why: string): void => answer(response, status, TEXT, `${status}: ${why}\n`);
    if (!isOurs(request, host)) return refuse(421, 'this address is not one of this machine. Use its IP address or localhost.');
    if (path === '/vote') {
      // A page elsewhere could post, though it could not read the answer.
      if (!isSameOrigin(request)) return refuse(403, 'only the page served here may vote.');
      if (request.method !== 'POST') return refuse(405, 'a vote is sent by POST.');
      const { pair, choice } = readVote(await bodyOf(request));
      vote(pair, choice);
      return answer(response, 200, JSON_TYPE, JSON.stringify(ballot()));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'use GET.');
    if (path === '/ballot.json') return answer(response, 200, JSON_TYPE, JSON.stringify(ballot()));
    const file = await pageFile(webRoot, path === '/' ? '/listen.html' : path);
    return file ? answer(response, 200, file.type, file.bytes) : refuse(404, `there is no ${path.slice(0, 80)}.`);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) answer(response, thrown instanceof AntiphonError ? 400 : 500, TEXT, `${messageOf(thrown)}\n`);
    });
  });
  await listening(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
};
