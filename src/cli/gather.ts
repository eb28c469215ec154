import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { AnyEncodingName } from '../music/encodings.ts';
import { prepareCorpus, type Prepared, type Reading } from '../training/prepare.ts';
import { POOL } from '../training/read-pool.ts';
import { say } from './terminal.ts';

/** What may be chosen about reading. */
export interface Gathering {
  /** Events below which a piece is left out. */
  readonly least?: number;
  readonly threads?: number;
  readonly fresh?: boolean;
  readonly stop?: AbortSignal;
}

/** Milliseconds between two lines of progress. */
const SAY_EVERY = 1000;

/** The worker as it was built; null where this runs from its sources, which no worker can load. */
const readThread = (): URL | null => {
  const here = import.meta.url;
  if (!here.includes('/dist/')) return null;
  const thread = new URL(here.includes('/dist/cli/') ? '../training/read-thread.js' : './training/read-thread.js', here);
  return existsSync(thread) ? thread : null;
};

const progressLine = ({ place, done, of }: Reading, seconds: number): string => {
  const rate = done / seconds;
  return `${place}: read ${done} of ${of} files, ${Math.round(rate)} a second${done < of ? `, ${Math.ceil((of - done) / rate)} s left` : ''}`;
};

/** Says how reading goes, each place from its own beginning, at most once a second and when it is done. */
const teller = (): ((reading: Reading) => void) => {
  let place = '';
  let began = 0;
  let said = 0;
  return (reading) => {
    const now = performance.now();
    if (reading.place !== place) [place, began, said] = [reading.place, now, now];
    if (now - said < SAY_EVERY && reading.done < reading.of) return;
    if (reading.of > 1) say(progressLine(reading, Math.max(now - began, 1) / 1000));
    said = now;
  };
};

/**
 * The music in folders and files, out of the token store (`$ANTIPHON_STORE`, else `.runs/store`) where that is fresh.
 * @throws AntiphonError `corpus.place`, `prepare.stopped`
 */
export const gather = (encoding: AnyEncodingName, places: readonly string[], { least, threads = Math.min(8, availableParallelism()), fresh = false, stop }: Gathering = {}): Promise<Prepared> => {
  const thread = readThread();
  return prepareCorpus(encoding, places, {
    store: process.env['ANTIPHON_STORE'] ?? join('.runs', 'store'),
    pool: thread && { ...POOL, thread, workers: threads },
    progress: teller(),
    warn: say,
    fresh,
    ...(least === undefined ? {} : { least }),
    ...(stop ? { stop } : {}),
  });
};
