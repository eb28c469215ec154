import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import osc from 'osc-js';
import { WebSocket } from 'ws';
import type { Closable } from '../core/owner.ts';
import { coins } from '../core/rng.ts';
import { endWithUs } from './spawned.ts';

// The package's types describe an ES module, but what Node imports is its CommonJS build.
const OSC = osc as unknown as typeof osc.default;

/** Clients that listen, and those of them that read nothing. */
const CLIENTS = 16;
const STALLED = 2;
/** OSC messages a second, sent in bursts this many milliseconds apart. */
const OSC_RATE = 1000;
const OSC_EVERY = 10;
/** Where a browser may be. */
const BROWSERS = [process.env['CHROMIUM'] ?? 'chromium', 'chromium-browser', 'google-chrome'];

/** What else is asked of the daemon while it plays. */
export interface Load extends Closable {
  /** What there was of it, as a person reads it. */
  readonly what: readonly string[];
  /** Clients that the daemon let go since. */
  readonly letGo: () => number;
  close(): void;
}

/** Sixteen clients of which two read nothing, a flood of OSC, and the page in a browser where there is one. */
export const load = async (http: number, oscPort: number): Promise<Load> => {
  const clients = await listeners(http);
  const flood = oscFlood(oscPort);
  const page = await browser(http);
  let letGo = 0;
  let over = false;
  for (const client of clients) client.on('close', () => letGo++);
  return {
    what: [`${CLIENTS} WebSocket clients, ${STALLED} of them stalled`, `${OSC_RATE} OSC messages a second`, page ? 'the page in a browser' : `no browser for the page (tried ${BROWSERS.join(', ')})`],
    letGo: () => letGo,
    close: () => {
      if (over) return;
      over = true;
      flood.close();
      page?.close();
      for (const client of clients) client.terminate();
    },
  };
};

const listeners = async (port: number): Promise<readonly WebSocket[]> => {
  const clients = Array.from({ length: CLIENTS }, () => new WebSocket(`ws://127.0.0.1:${port}/ws`));
  await Promise.all(clients.map((client) => new Promise((resolve, reject) => client.once('open', resolve).once('error', reject))));
  for (const client of clients) client.on('error', () => {});
  for (const client of clients.slice(0, STALLED)) client.pause();
  return clients;
};

/** Knobs that turn all the time, and now and then a packet that is none. */
const oscFlood = (port: number): Closable => {
  const socket = createSocket('udp4');
  const coin = coins(0x05c);
  let owed = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    owed = Math.min(OSC_RATE, owed + ((now - last) * OSC_RATE) / 1000);
    last = now;
    for (; owed >= 1; owed--) {
      const bytes = coin() < 0.01 ? Buffer.from('/no packet') : new OSC.Message('/antiphon/param/swing', coin() * 0.3).pack();
      socket.send(bytes as Uint8Array, port, '127.0.0.1');
    }
  }, OSC_EVERY);
  return {
    close: () => {
      clearInterval(timer);
      socket.close();
    },
  };
};

/** The page, as a browser without a screen draws it; null where there is none. */
const browser = async (port: number): Promise<Closable | null> => {
  for (const name of BROWSERS) {
    const profile = mkdtempSync(join(tmpdir(), 'antiphon-soak-page-'));
    const child = endWithUs(spawn(name, ['--headless=new', '--no-sandbox', '--disable-gpu', '--mute-audio', `--user-data-dir=${profile}`, '--remote-debugging-port=0', `http://127.0.0.1:${port}/`], { stdio: 'ignore' }));
    const failed = await new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(true)).once('exit', () => resolve(true));
      setTimeout(() => resolve(false), 3000);
    });
    const clean = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    if (failed) {
      clean();
      continue;
    }
    return {
      close: () => {
        child.once('exit', clean);
        child.kill();
      },
    };
  }
  return null;
};
