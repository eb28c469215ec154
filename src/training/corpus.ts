import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { readSmf } from '../music/smf-read.ts';
import type { Piece } from './piece.ts';
import { readAccompaniment } from './read-accompaniment.ts';
import { readDrums } from './read-drums.ts';
import { readHarmony } from './read-harmony.ts';
import { readMelody } from './read-melody.ts';
import { readNoteChord } from './read-note-chord.ts';
import { readPerformance } from './read-performance.ts';
import type { Found, Reader } from './reader.ts';

export interface Corpus {
  readonly encoding: AnyEncodingName;
  readonly pieces: readonly Piece[];
  /** Files that could not be used, with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

const READERS: Readonly<Record<AnyEncodingName, Reader>> = { performance: readPerformance, melody: readMelody, harmony: readHarmony, drums: readDrums, 'note-chord': readNoteChord, accompaniment: readAccompaniment };

const MIDI = ['.mid', '.midi', '.smf', '.kar', '.rmi'];

/** A folder's files, or the file itself, in an order that does not depend on the machine. */
const filesUnder = (place: string, { json }: Reader): string[] => {
  if (!existsSync(place)) throw new AntiphonError('corpus.place', 'No such file or folder', place, 'Give a MIDI file or a folder that holds some.');
  if (statSync(place).isFile()) return [place];
  const wanted = new Set(json ? [...MIDI, '.json'] : MIDI);
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)).filter((file) => wanted.has(extname(file).toLowerCase())).sort();
};

/**
 * Reads every file of `places` into `encoding`; a broken file is set aside with its reason, never the end of the work.
 *
 * @param least events below which a piece is left out: too little to learn from
 * @throws AntiphonError `corpus.place` where a place does not exist
 */
export const readCorpus = (encoding: AnyEncodingName, places: readonly string[], progress: (done: number, of: number) => void = () => {}, least = 16): Corpus => {
  const reader = READERS[encoding];
  const files = places.flatMap((place) => filesUnder(place, reader).map((file) => ({ place, file })));
  const pieces: Piece[] = [];
  const refused: { file: string; reason: string }[] = [];
  files.forEach(({ place, file }, i) => {
    progress(i + 1, files.length);
    const source = basename(statSync(place).isFile() ? dirname(place) : place);
    const id = relative(place, file) || basename(file);
    try {
      const read = piecesOf(encoding, reader, { file, id, source });
      for (const each of read) {
        const events = each.parts[0]?.length ?? 0;
        if (events >= least) pieces.push(each);
        else refused.push({ file, reason: read.length > 1 ? `${each.id}: only ${events} events` : `only ${events} events` });
      }
    } catch (thrown) {
      refused.push({ file, reason: messageOf(thrown) });
    }
  });
  return { encoding, pieces, refused };
};

const piecesOf = (encoding: AnyEncodingName, reader: Reader, found: Found): readonly Piece[] => {
  if (extname(found.file).toLowerCase() !== '.json') return [reader.song(readSmf(readFileSync(found.file)), found)];
  if (!reader.json) throw new AntiphonError('corpus.json', `Pieces for ${encoding} are not read from JSON`, found.file, 'Give MIDI files.');
  return reader.json(JSON.parse(readFileSync(found.file, 'utf8')), found);
};
