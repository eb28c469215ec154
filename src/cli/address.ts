import { InvalidArgumentError } from 'commander';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const PORT = /^\d{1,5}$/;

const portFrom = (text: string, option: string): number => {
  const port = Number(text);
  if (!PORT.test(text) || port > 65535) throw new InvalidArgumentError(`${option} needs a port from 0 to 65535 (0 takes a free one), not ${JSON.stringify(text)}.`);
  return port;
};

/** `HOST:PORT`, as in `127.0.0.1:7400`. Only loopback is reached from this machine alone. */
export const addressFrom = (option: string) => (text: string): Address => {
  const at = text.lastIndexOf(':');
  if (at <= 0) throw new InvalidArgumentError(`${option} needs HOST:PORT, such as 127.0.0.1:7400, not ${JSON.stringify(text)}.`);
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: portFrom(text.slice(at + 1), option) };
};

/** `PORT` on loopback, or `HOST:PORT`. */
export const portAddressFrom = (option: string) => (text: string): Address =>
  text.includes(':') ? addressFrom(option)(text) : { host: '127.0.0.1', port: portFrom(text, option) };
