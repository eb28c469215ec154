import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { FromGuard, GuardSetup, ToGuard } from './guard-messages.ts';
import { projectFolder } from './models.ts';

export interface GuardingOptions {
  /** Milliseconds without a sign of life of the stage. */
  readonly hang: number;
  readonly clock: number;
  readonly midi: boolean;
  readonly outputs: readonly string[];
  readonly osc: { readonly host: string; readonly port: number } | null;
  /** The stage is to open the pipe of this name, and then `fed` is to be called. */
  readonly feed: (pipe: string) => void;
  /** The guard ended what sounded while we hung. */
  readonly rescued: () => void;
  readonly warn: (code: string, message: string) => void;
}

/** How long a performance waits for its guard, in milliseconds. */
const PATIENCE = 5000;
/** A guard that ends sooner than this after it began is in trouble. */
const SOON = 5000;
/** Times it may be in trouble before it is given up. */
const MOST_TROUBLES = 5;
/** It holds little, and what the collector keeps for later is memory others need; so are the processors that its helpers would take for that little. */
const FRUGAL = ['--max-semi-space-size=1', '--max-old-space-size=32', '--single-threaded-gc'];

/** The guard's process as the daemon sees it: started with it, started again when it is lost, and let go at the end. */
export class Guarding {
  readonly counters = { guardDestinations: 0, guardRestarts: 0, guardRescues: 0 };
  destinations: readonly string[] = [];
  private readonly options: GuardingOptions;
  private outputs: readonly string[];
  private sources: readonly string[] = [];
  private child: ChildProcess | null = null;
  private folder: string | null = null;
  private ready: () => void = () => {};
  private troubles = 0;
  private began = 0;
  private ending = false;

  constructor(options: GuardingOptions) {
    this.options = options;
    this.outputs = options.outputs;
  }

  /** Whether a guard runs that is told what sounds. */
  get runs(): boolean {
    return this.child !== null && this.folder === null;
  }

  /** Resolves when the guard is fed, or there will be none: music does not wait for it longer than it must. */
  async start(): Promise<void> {
    const ready = new Promise<void>((resolve) => (this.ready = resolve));
    const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE).unref());
    await this.launch();
    await Promise.race([ready, late]);
  }

  /** Other outputs, by patterns of their names. */
  want(patterns: readonly string[]): void {
    this.outputs = patterns;
    this.send({ kind: 'outputs', patterns });
  }

  /** What our outputs are called from now on: the guard connects to whoever is connected to them. */
  mirror(sources: readonly string[]): void {
    this.sources = sources;
    this.send({ kind: 'sources', addresses: sources });
  }

  /** The stage has opened the pipe, or could not. */
  fed(failure: string | null): void {
    if (failure === null) this.send({ kind: 'fed' });
    else this.give(failure);
    this.forget();
    this.ready();
  }

  /** No guard is started from here on; the one there is goes when the stage's end of the pipe is closed. */
  close(): void {
    this.ending = true;
    if (!this.runs) this.dismiss();
    this.child?.unref();
    this.child?.channel?.unref();
    this.forget();
  }

  /** One that is told nothing has nothing to end, and would wait for ever; it does not go at lesser signals. */
  private dismiss(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }

  private async launch(): Promise<void> {
    const { options } = this;
    if (process.platform === 'win32') return this.give('Windows has no pipes of the kind it needs');
    try {
      this.folder = mkdtempSync(join(tmpdir(), 'antiphon-guard-'));
      const pipe = join(this.folder, 'pipe');
      await promisify(execFile)('mkfifo', ['-m', '600', pipe]);
      if (this.ending) return this.forget();
      // A session of its own: Ctrl-C and Ctrl-Z are for us, not for the guard.
      const child = fork(projectFolder('dist/cli/guard-process.js'), [], { detached: true, execArgv: FRUGAL, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      this.child = child;
      this.began = performance.now();
      child.on('message', (message: FromGuard) => this.hear(message));
      child.on('error', () => {});
      child.on('exit', (code, signal) => void this.lost(child, signal ?? code));
      const setup: GuardSetup = { kind: 'setup', pipe, clock: options.clock, hang: options.hang, midi: options.midi, outputs: this.outputs, sources: this.sources, osc: options.osc };
      this.send(setup);
      prefer(child.pid);
    } catch (thrown) {
      this.give(messageOf(thrown));
    }
  }

  private hear(message: FromGuard): void {
    if (message.kind === 'open' && this.folder) this.options.feed(join(this.folder, 'pipe'));
    if (message.kind === 'destinations') {
      this.destinations = message.names;
      this.counters.guardDestinations = message.names.length;
    }
    if (message.kind !== 'ended') return;
    this.counters.guardRescues++;
    const notes = `${message.notes} ${message.notes === 1 ? 'note' : 'notes'}`;
    if (message.cause === 'gone') {
      this.ending = true;
      this.options.warn('guard.gone', `The stage ended, and the guard ended ${notes}. Start again.`);
      return;
    }
    this.options.warn('guard.hung', `The stage gave no sign of life for ${this.options.hang / 1000} s, and the guard ended ${notes}. Keys that are held sound when they are struck again.`);
    this.options.rescued();
  }

  private async lost(child: ChildProcess, why: unknown): Promise<void> {
    if (child !== this.child) return;
    this.child = null;
    this.destinations = [];
    this.counters.guardDestinations = 0;
    this.forget();
    if (this.ending) return;
    if (performance.now() - this.began > SOON) this.troubles = 0;
    if (++this.troubles > MOST_TROUBLES) return this.give(`it ended ${MOST_TROUBLES} times`);
    this.counters.guardRestarts++;
    this.options.warn('guard.back', `The guard ended (${String(why)}) and is started again. Music goes on.`);
    await this.launch();
  }

  private give(why: string): void {
    const { message } = new AntiphonError('guard.none', 'Nobody ends the notes if this process dies: the guard did not start', why, 'Music goes on without.');
    if (!this.ending) this.options.warn('guard.none', message);
    this.dismiss();
    this.forget();
    this.ready();
  }

  private send(message: ToGuard): void {
    // It may be gone already: then `exit` says so.
    if (this.child?.connected) this.child.send(message, () => {});
  }

  /** The pipe needs its name no longer. */
  private forget(): void {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    this.folder = null;
  }
}

/** It must get its turn on a machine that is overloaded; where that is not granted, it waits as others do. */
const prefer = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, -10);
  } catch {
    // Not granted.
  }
};
