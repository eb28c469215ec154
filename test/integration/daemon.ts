import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { projectFolder } from '../../src/cli/models.ts';
import type { ServerMessage } from '../../src/net/protocol.ts';
import { saveTiny } from '../cli/tiny-models.ts';

/** The built command: what is tested here is what is shipped. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A working folder for a daemon. Models that are shipped are used; one with random weights stands in for any that is not. */
export const stageFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-live-'));
  for (const name of ['performance', 'melody'] as const) if (!existsSync(projectFolder(join('models', name, 'model.json')))) saveTiny(folder, name);
  return folder;
};

/** A working folder with one patch more. */
export const folderWith = (patch: Readonly<Record<string, unknown>> & { readonly name: string }): string => {
  const folder = stageFolder();
  mkdirSync(join(folder, 'patches'));
  writeFileSync(join(folder, 'patches', `${patch.name}.json`), JSON.stringify({ about: 'For a test.', inputs: [], outputs: [], ...patch }));
  return folder;
};

/** How long something is waited for, in milliseconds; an emulated machine sets more. */
export const PATIENCE = Number(process.env['ANTIPHON_TEST_PATIENCE'] ?? 30_000);

/** Values as they come, and a wait for one of them. */
export class Heard<T> {
  readonly all: T[] = [];
  private readonly waiting = new Set<() => void>();

  add(value: T): void {
    this.all.push(value);
    for (const look of this.waiting) look();
  }

  /** The first that fits, at or after place `from`; those already heard count. @throws when patience ends, with the last that was heard */
  async first<U extends T>(fits: (value: T) => value is U, from?: number): Promise<U>;
  async first(fits: (value: T) => boolean, from?: number): Promise<T>;
  async first(fits: (value: T) => boolean, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.all.findIndex((value, i) => i >= from && fits(value));
        if (found < 0) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(this.all[found] as T);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`Not heard within ${PATIENCE / 1000} s. Last: ${JSON.stringify(this.all.slice(-5))}`));
      }, PATIENCE);
      this.waiting.add(look);
      look();
    });
  }
}

/**
 * Does something and hears what it brings, more than once where need be: a machine with no time for the stage leaves out what would come late.
 * What is heard is left as it is; what brought nothing is undone.
 * @throws after ten times in vain
 */
export const untilHeard = async <T>(act: () => unknown, heard: () => Promise<T>, undo: () => unknown): Promise<T> => {
  for (let attempt = 0; attempt < 10; attempt++) {
    // Listened for first: what comes while it is done counts.
    const hearing = Promise.race([heard(), pause(1000)]);
    await act();
    const came = await hearing;
    if (came !== undefined) return came as T;
    await undo();
  }
  throw new Error('Done ten times, and nothing came of it');
};

/** A UDP port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
};

/** A daemon in a process of its own, on ports that were free. */
export interface Running {
  readonly child: ChildProcessByStdio<null, null, Readable>;
  readonly folder: string;
  /** What it printed so far. */
  readonly printed: () => string;
  /** Where page and WebSocket are, and where OSC is heard: as the daemon says. */
  readonly http: number;
  readonly osc: number;
  /** Ends it; its exit code, null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** The one session's log. */
  session(name: 'session.jsonl' | 'session.mid'): string;
  /** Kills it if it still runs, and removes its folder. */
  discard(): Promise<void>;
}

export interface StartOptions {
  readonly folder?: string;
  readonly node?: string;
  readonly oscOut?: number;
  /** With the ports of the system. */
  readonly midi?: boolean;
  /** Words for Node itself. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `live` and waits for its screen. */
export const startDaemon = async (words: readonly string[] = [], options: StartOptions = {}): Promise<Running> => {
  const { folder = stageFolder(), node = process.execPath, oscOut, midi = false, flags = [], env = {} } = options;
  const out = `127.0.0.1:${oscOut ?? (await freePort())}`;
  const live = ['live', '--engine', 'wasm', ...words, ...(midi ? [] : ['--no-midi']), '--http', '127.0.0.1:0', '--osc-in', '0', '--osc-out', out];
  const child = spawn(node, [...flags, MAIN, ...live], { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = new Heard<string>();
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => lines.add((printed += text)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  void exited.then(() => lines.add('ended'));
  const discard = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await lines.first((text) => text === 'ended' || text.includes('Ctrl-C stops'));
  } catch (thrown) {
    // Whoever waited for it in vain has nothing to discard.
    await discard();
    throw thrown;
  }
  if (child.exitCode !== null) {
    await discard();
    throw new Error(`The daemon ended with ${child.exitCode}: ${printed}`);
  }
  const portAfter = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1]);
  const http = portAfter(/Page\s+http:\/\/127\.0\.0\.1:(\d+)/);
  // Once it serves, it also hears signals: the screen is printed a moment before.
  await fetch(`http://127.0.0.1:${http}/state.json`);
  return {
    child,
    folder,
    printed: () => printed,
    http,
    osc: portAfter(/OSC\s+in 127\.0\.0\.1:(\d+)/),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
    session: (name) => {
      const sessions = readdirSync(join(folder, 'recordings'));
      if (sessions.length !== 1) throw new Error(`There are ${sessions.length} sessions`);
      return join(folder, 'recordings', sessions[0] as string, name);
    },
    discard,
  };
};

type Note = Extract<ServerMessage, { type: 'note' | 'heard' }>;

/** A client of the WebSocket, as any program might be. */
export class Client {
  readonly heard = new Heard<ServerMessage>();
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.heard.add(JSON.parse(String(data)) as ServerMessage));
  }

  static async open(port: number): Promise<Client> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const client = new Client(socket);
    await once(socket, 'open');
    await client.heard.first(({ type }) => type === 'hello');
    return client;
  }

  /** Sends an object as JSON, anything else as it is. */
  send(message: object | string): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** Strikes a key, or lets it go with velocity 0; resolves once the daemon says that it heard. */
  async play(pitch: number, velocity: number): Promise<Note> {
    const from = this.heard.all.length;
    this.send({ type: 'note', pitch, velocity });
    return this.heard.first((each): each is Note => each.type === 'heard' && each.pitch === pitch && each.velocity === velocity, from);
  }

  /** Strikes a key, and holds it with the harmony that came. */
  harmonised(pitch: number, velocity = 80): Promise<Note> {
    return untilHeard(() => this.play(pitch, velocity), () => this.note('harmonise'), () => this.play(pitch, 0));
  }

  /** Every note message of a role, in order. */
  notes(role: string): Note[] {
    return this.heard.all.filter((each): each is Note => each.type === 'note' && each.role === role);
  }

  note(role: string, fits: (note: Note) => boolean = ({ velocity }) => velocity > 0, from = this.heard.all.length): Promise<Note> {
    return this.heard.first((each): each is Note => each.type === 'note' && each.role === role && fits(each), from);
  }

  /** Ids of notes of Antiphon's that were begun and not ended. */
  sounding(): number[] {
    const open = new Set<number>();
    for (const each of this.heard.all) if (each.type === 'note') open[each.velocity > 0 ? 'add' : 'delete'](each.id);
    return [...open];
  }

  close(): void {
    this.socket.terminate();
  }
}

/** A moment in which nothing is waited for, to hear whether anything comes. */
export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A phrase of single notes, one after the other, as a person plays. */
export const playPhrase = async (client: Client, keys: readonly number[] = [60, 64, 67, 65]): Promise<void> => {
  for (const key of keys) {
    await client.play(key, 80);
    await pause(110);
    await client.play(key, 0);
    await pause(30);
  }
};

/** What the built command prints and ends with. */
export const antiphon = (cwd: string, ...words: string[]): { code: number | null; out: string; told: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd, encoding: 'utf8', timeout: 20_000 });
  return { code: status, out: stdout, told: stderr };
};

/** The process of a daemon's guard. */
export const guardOf = (pid: number): number => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));
  const guard = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('guard-process'));
  if (guard === undefined) throw new Error(`no guard among ${children.join(', ')}`);
  return guard;
};
