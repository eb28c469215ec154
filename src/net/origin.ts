import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

const nameOf = (url: string): string | undefined => {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return undefined;
  }
};

/**
 * Whether a request is addressed to this machine by a name that no stranger can own. A page elsewhere can point its own
 * domain at 127.0.0.1 (DNS rebinding), and would then be of the same origin.
 */
export const isOurs = (request: IncomingMessage, host: string): boolean => {
  const name = nameOf(`http://${request.headers.host ?? ''}`);
  if (name === undefined) return false;
  return isIP(name) !== 0 || [host, 'localhost', hostname(), `${hostname()}.local`].some((own) => own.toLowerCase() === name.toLowerCase());
};

/** Whether a WebSocket is asked for by our own page, or by a program that is no browser (those send no Origin). */
export const isSameOrigin = (request: IncomingMessage): boolean => {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false;
  }
};
