import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { joinFamilies } from './families.ts';
import type { Piece } from './piece.ts';
import { endingsFor, piecesIn } from './read-file.ts';
import type { Found } from './reader.ts';

/** What could not be used, and why. */
export interface Refusal {
  readonly file: string;
  readonly reason: string;
}

export interface Corpus {
  readonly encoding: AnyEncodingName;
  readonly pieces: readonly Piece[];
  /** Files that could not be used, with the reason. */
  readonly refused: readonly Refusal[];
}

/** What came of reading one file: its pieces, or the reason why there are none. */
export interface FileRead {
  readonly file: string;
  readonly pieces: readonly Piece[];
  readonly refused?: string;
}

/** Events below which a piece is left out: too little to learn from. */
export const LEAST_EVENTS = 16;

/**
 * A folder's files, or the file itself, in an order that does not depend on the machine.
 * @throws AntiphonError `corpus.place` where the place does not exist
 */
export const filesAt = (encoding: AnyEncodingName, place: string): Found[] => {
  if (!existsSync(place)) throw new AntiphonError('corpus.place', 'No such file or folder', place, 'Give a MIDI file or a folder that holds some.');
  if (statSync(place).isFile()) return [{ file: place, id: basename(place), source: basename(dirname(place)) }];
  const wanted = new Set(endingsFor(encoding));
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)).filter((file) => wanted.has(extname(file).toLowerCase())).sort();
  return files.map((file) => ({ file, id: relative(place, file), source: basename(place) }));
};

/** Reads one file; a broken one is set aside with its reason, never the end of the work. */
export const readFound = (encoding: AnyEncodingName, found: Found): FileRead => {
  try {
    return { file: found.file, pieces: piecesIn(encoding, found) };
  } catch (thrown) {
    return { file: found.file, pieces: [], refused: messageOf(thrown) };
  }
};

/** Files that were read as one corpus: short pieces left out, families joined over all of it. */
export const corpusOf = (encoding: AnyEncodingName, read: readonly FileRead[], least = LEAST_EVENTS): Corpus => {
  const pieces: Piece[] = [];
  const refused: Refusal[] = [];
  for (const { file, pieces: found, refused: reason } of read) {
    if (reason !== undefined) refused.push({ file, reason });
    for (const each of found) {
      const events = each.parts[0]?.length ?? 0;
      if (events >= least) pieces.push(each);
      else refused.push({ file, reason: found.length > 1 ? `${each.id}: only ${events} events` : `only ${events} events` });
    }
  }
  return { encoding, pieces: joinFamilies(pieces), refused };
};

/**
 * Reads every file of `places` into `encoding`, in this thread and without a store.
 *
 * @param least events below which a piece is left out
 * @throws AntiphonError `corpus.place` where a place does not exist
 */
export const readCorpus = (encoding: AnyEncodingName, places: readonly string[], progress: (done: number, of: number) => void = () => {}, least = LEAST_EVENTS): Corpus => {
  const files = places.flatMap((place) => filesAt(encoding, place));
  const read = files.map((found, i) => {
    progress(i + 1, files.length);
    return readFound(encoding, found);
  });
  return corpusOf(encoding, read, least);
};
