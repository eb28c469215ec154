import { Worker } from 'node:worker_threads';
import { AntiphonError } from '../core/errors.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import type { FileRead } from './corpus.ts';
import type { Found } from './reader.ts';

/** How files are read beside the main thread. */
export interface PoolSettings {
  /** The built worker, `read-thread.js`. */
  readonly thread: URL;
  readonly workers: number;
  /** Megabytes of heap a worker may take. */
  readonly heap: number;
  /** Milliseconds after which a file is given up. */
  readonly patience: number;
}

/** Enough for a file a hundred times as large as a symphony's. */
export const POOL = { heap: 1024, patience: 120_000 } as const;

/**
 * Reads files in worker threads, a file at a time each. A worker that dies of a file, or does not end with it, costs that file only.
 *
 * @param progress told after each file
 * @throws AntiphonError `prepare.stopped` once `stop` is aborted
 */
export const readInThreads = (encoding: AnyEncodingName, files: readonly Found[], { thread, workers, heap, patience }: PoolSettings, progress: (done: number) => void, stop?: AbortSignal): Promise<FileRead[]> =>
  new Promise((resolve, reject) => {
    const read: FileRead[] = [];
    const alive = new Set<Worker>();
    let next = 0;
    let done = 0;
    const end = (settle: () => void): void => {
      stop?.removeEventListener('abort', stopped);
      void Promise.all([...alive].map((worker) => worker.terminate())).then(settle);
      alive.clear();
    };
    const stopped = (): void => end(() => reject(new AntiphonError('prepare.stopped', 'Stopped before all files were read', `${done} of ${files.length}`, 'Begin again: data sets that were done are kept.')));
    const finish = (at: number, result: FileRead): void => {
      read[at] = result;
      done++;
      progress(done);
      if (done === files.length) end(() => resolve(read));
    };
    /** Lets a worker read one file after another, from file `at`; another takes its place where it dies. */
    const work = (): void => {
      if (next >= files.length || stop?.aborted) return;
      const worker = new Worker(thread, { workerData: { encoding }, resourceLimits: { maxOldGenerationSizeMb: heap } });
      alive.add(worker);
      let at = -1;
      let timer: NodeJS.Timeout | undefined;
      const give = (): void => {
        clearTimeout(timer);
        if (next >= files.length || !alive.has(worker)) return void (at = -1);
        at = next++;
        worker.postMessage(files[at]);
        timer = setTimeout(() => lose(`not read in ${patience / 1000} seconds`), patience);
      };
      const lose = (reason: string): void => {
        clearTimeout(timer);
        if (!alive.delete(worker)) return;
        void worker.terminate();
        const lost = files[at];
        if (lost) finish(at, { file: lost.file, pieces: [], refused: `The reader ended on it, ${reason}` });
        work();
      };
      worker.on('message', (result: FileRead) => {
        // It was told to end, and had read one more.
        if (!alive.has(worker)) return;
        const from = at;
        give();
        finish(from, result);
      });
      worker.on('error', (error: NodeJS.ErrnoException) => lose(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `out of its ${heap} MB of memory` : error.message));
      worker.on('exit', (code) => lose(`with code ${code}`));
      give();
    };
    if (files.length === 0) return resolve(read);
    if (stop?.aborted) return stopped();
    stop?.addEventListener('abort', stopped);
    for (let i = 0; i < Math.min(workers, files.length); i++) work();
  });
