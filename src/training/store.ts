import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import type { FileRead } from './corpus.ts';
import { BESIDE, READER_VERSION } from './read-file.ts';
import type { Found } from './reader.ts';
import { packStore, unpackStore, type StoreIndex } from './store-format.ts';

const FORMAT = 'antiphon-store-1';
/** How many folders above a place are looked in for files beside the music. */
const ABOVE = 3;

const sha = (...chunks: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

const besides = (place: string): string[] => {
  const top = statSync(place).isFile() ? dirname(place) : place;
  const under = statSync(place).isFile() ? [] : readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => BESIDE.includes(basename(name))).map((name) => join(place, name)).sort();
  const above = Array.from({ length: ABOVE + 1 }, (_, level) => resolve(top, ...Array.from({ length: level }, () => '..'))).flatMap((folder) => BESIDE.map((name) => join(folder, name)));
  return [...under, ...above.filter((file) => existsSync(file))];
};

/**
 * What a store of `files` must have been made from to be fresh, as a hash: the encoding and the readers, and of each file, and of
 * those beside the music, name, size and time of change.
 */
export const stampOf = (encoding: AnyEncodingName, place: string, files: readonly Found[]): string => {
  const stat = (file: string): string => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(place, file)}\0${size}\0${mtimeMs}\n`;
  };
  return sha(JSON.stringify([FORMAT, READER_VERSION, encoding, encodingOf<AnyEncodingName>(encoding).hash, files[0]?.source ?? '']), ...files.map(({ file }) => stat(file)), ...besides(place).map(stat));
};

interface Head {
  readonly format: typeof FORMAT;
  readonly stamp: string;
  /** SHA-256 of the bytes. */
  readonly sum: string;
  readonly files: StoreIndex;
}

/** The token store of one place in one encoding: an index in JSON and a file of bytes, under `folder`. */
export class Store {
  private readonly name: string;
  private readonly place: string;

  constructor(folder: string, encoding: AnyEncodingName, place: string) {
    this.place = place;
    this.name = join(folder, `${basename(resolve(place)).replaceAll(/[^\w.-]/g, '_')}-${encoding}-${sha(resolve(place)).slice(0, 8)}`);
  }

  /** What is stored; null where there is nothing, or it was made from something else, or is damaged. */
  read(stamp: string): FileRead[] | null {
    try {
      const head = JSON.parse(readFileSync(`${this.name}.json`, 'utf8')) as Head;
      if (head.format !== FORMAT || head.stamp !== stamp) return null;
      const bytes = readFileSync(`${this.name}.bin`);
      if (sha(bytes) !== head.sum) return null;
      return unpackStore({ index: head.files, bytes }).map((each) => ({ ...each, file: join(this.place, each.file) }));
    } catch {
      // Absent, cut short or no store at all: the music is read again, and says itself what is wrong with it.
      return null;
    }
  }

  /** Keeps what was read; each file is replaced whole, the index last, so that a kill leaves no false store. */
  write(stamp: string, read: readonly FileRead[]): void {
    const { index, bytes } = packStore(read.map((each) => ({ ...each, file: relative(this.place, each.file) })));
    const head: Head = { format: FORMAT, stamp, sum: sha(bytes), files: index };
    mkdirSync(dirname(this.name), { recursive: true });
    for (const [file, content] of [[`${this.name}.bin`, bytes], [`${this.name}.json`, JSON.stringify(head)]] as const) {
      writeFileSync(`${file}.${process.pid}.new`, content);
      renameSync(`${file}.${process.pid}.new`, file);
    }
  }
}
