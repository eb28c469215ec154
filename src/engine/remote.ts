import { fork, type ChildProcess } from 'node:child_process';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { Predictor, Request } from '../model/predictor.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { bundled } from './bundled.ts';
import { packBatch, unpackAnswers, type Answered, type Asked } from './wire.ts';

export interface RemoteOptions {
  /** The bundled `child.js`; found beside this bundle by default. */
  readonly entry?: string;
  /** Called once when the process ends without having been closed. */
  readonly onLost?: (lost: AntiphonError) => void;
  /** How long loading may take, in milliseconds. */
  readonly patience?: number;
}

interface Pending {
  readonly resolve: (numbers: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

const COMPLAINT = 2000;

/** A model on an engine in a process of its own. States stay here and are sent along, so that losing the process loses nothing but the answers under way. */
export class RemotePredictor implements Predictor {
  readonly shape: Shape;
  private readonly child: ChildProcess;
  private readonly engine: string;
  private readonly onLost: RemoteOptions['onLost'];
  private pending: Pending | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private ended: AntiphonError | undefined;
  private opened = false;
  private complaint = '';

  /** @throws AntiphonError `engine.start` where the engine does not load or takes longer than its patience */
  static async open(engine: string, shape: Shape, weights: Weights, options: RemoteOptions = {}): Promise<RemotePredictor> {
    const remote = new RemotePredictor(engine, shape, options.entry ?? bundled('child.js'), options.onLost);
    const patience = options.patience ?? 60_000;
    const timer = setTimeout(() => remote.end(remote.startError(`no answer in ${patience} ms`)), patience);
    try {
      await remote.ask({ kind: 'open', engine, shape, weights });
      remote.opened = true;
      return remote;
    } catch (thrown) {
      remote.close();
      throw thrown instanceof AntiphonError && thrown.code !== 'engine.lost' ? thrown : remote.startError(messageOf(thrown));
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(engine: string, shape: Shape, entry: string, onLost: RemoteOptions['onLost']) {
    this.engine = engine;
    this.shape = shape;
    this.onLost = onLost;
    // None of this process's own flags: a debugger's port or a loader would be taken twice.
    this.child = fork(entry, [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child.stderr?.on('data', (bytes: Buffer) => (this.complaint = (this.complaint + bytes.toString()).slice(-COMPLAINT)));
    this.child.on('message', (answer: Answered) => this.settle(answer));
    this.child.on('error', (thrown) => this.lose(thrown.message));
    this.child.on('exit', (code, signal) => this.lose(signal ?? code));
  }

  /** Batches run one after another in the order they came. @throws AntiphonError `engine.lost` when the process has ended */
  submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    const answer = this.queue.then(async () => unpackAnswers(this.shape, batch, await this.ask(packBatch(this.shape, batch))));
    this.queue = answer.catch(() => {});
    return answer;
  }

  /** Ends the process; what is under way is rejected. */
  close(): void {
    this.end(new AntiphonError('engine.lost', 'The engine was closed', this.engine, 'Open it again.'));
  }

  /** The process's id, for those who watch it. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  private ask(asked: Asked): Promise<Float32Array> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      this.child.send(asked, (failed) => failed && this.lose(failed.message));
    });
  }

  private settle(answer: Answered): void {
    const { pending } = this;
    this.pending = undefined;
    if (answer.kind === 'done') pending?.resolve(answer.numbers);
    else if (this.opened) pending?.reject(new AntiphonError('engine.failed', `The ${this.engine} engine could not run a step`, answer.message, 'Use `--engine wasm`.'));
    else pending?.reject(this.startError(answer.message));
  }

  private lose(why: unknown): void {
    if (this.ended) return;
    const said = this.complaint.trim().split('\n').slice(-1)[0];
    const lost = new AntiphonError('engine.lost', `The process of the ${this.engine} engine ended`, why, `${said ? `It said last: ${said}. ` : ''}Music goes on with \`--engine wasm\`.`);
    this.end(lost);
    if (this.opened) this.onLost?.(lost);
  }

  private end(why: AntiphonError): void {
    if (this.ended) return;
    this.ended = why;
    // SIGKILL: a native library that hangs answers to nothing less, and the process holds nothing worth saving.
    this.child.kill('SIGKILL');
    this.pending?.reject(why);
    this.pending = undefined;
  }

  private startError(why: string): AntiphonError {
    return new AntiphonError('engine.start', `The ${this.engine} engine did not start`, why, 'Run `antiphon doctor`, or use `--engine wasm`.');
  }
}
