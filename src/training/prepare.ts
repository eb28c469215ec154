import { messageOf } from '../core/errors.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { corpusOf, filesAt, LEAST_EVENTS, readFound, type Corpus, type FileRead } from './corpus.ts';
import { readInThreads, type PoolSettings } from './read-pool.ts';
import type { Found } from './reader.ts';
import { stampOf, Store } from './store.ts';

/** How far reading one place has come. */
export interface Reading {
  readonly place: string;
  readonly done: number;
  readonly of: number;
}

export interface PrepareSettings {
  /** The folder stores lie in; null keeps none. */
  readonly store: string | null;
  /** Worker threads; null reads in this one. */
  readonly pool: PoolSettings | null;
  readonly progress?: (reading: Reading) => void;
  /** Told why something could not be stored. */
  readonly warn?: (line: string) => void;
  readonly stop?: AbortSignal;
  /** Events below which a piece is left out. */
  readonly least?: number;
  /** Reads again what is stored. */
  readonly fresh?: boolean;
}

/** A corpus, and how many of its places came out of the store. */
export interface Prepared extends Corpus {
  readonly files: number;
  readonly stored: number;
}

/**
 * Reads every file of `places` into `encoding`, each place out of its store where that is fresh, else from its files and into the store.
 * @throws AntiphonError `corpus.place` where a place does not exist, `prepare.stopped`
 */
export const prepareCorpus = async (encoding: AnyEncodingName, places: readonly string[], settings: PrepareSettings): Promise<Prepared> => {
  const listed = places.map((place) => ({ place, files: filesAt(encoding, place) }));
  const read: FileRead[] = [];
  let stored = 0;
  for (const { place, files } of listed) {
    const store = settings.store === null ? null : new Store(settings.store, encoding, place);
    const stamp = stampOf(encoding, place, files);
    const kept = settings.fresh ? null : (store?.read(stamp) ?? null);
    if (kept) stored++;
    const found = kept ?? (await readPlace(encoding, place, files, settings));
    if (!kept && store) keep(store, stamp, found, settings);
    for (const each of found) read.push(each);
  }
  return { ...corpusOf(encoding, read, settings.least ?? LEAST_EVENTS), files: read.length, stored };
};

/** What was read serves all the same where it can't be stored. */
const keep = (store: Store, stamp: string, read: readonly FileRead[], { warn }: PrepareSettings): void => {
  try {
    store.write(stamp, read);
  } catch (thrown) {
    warn?.(`not stored: ${messageOf(thrown)}`);
  }
};

const readPlace = async (encoding: AnyEncodingName, place: string, files: readonly Found[], { pool, progress, stop }: PrepareSettings): Promise<FileRead[]> => {
  const tell = (done: number): void => progress?.({ place, done, of: files.length });
  if (pool) return readInThreads(encoding, files, pool, tell, stop);
  return files.map((found, i) => {
    const result = readFound(encoding, found);
    tell(i + 1);
    return result;
  });
};
