import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { readSmf } from '../music/smf-read.ts';
import { aboutGrid, aboutSong } from './about.ts';
import type { Piece } from './piece.ts';
import { readAccompaniment } from './read-accompaniment.ts';
import { readDrums } from './read-drums.ts';
import { readHarmony } from './read-harmony.ts';
import { readMelody } from './read-melody.ts';
import { readNoteChord } from './read-note-chord.ts';
import { readPerformance } from './read-performance.ts';
import type { Found, Reader } from './reader.ts';
import { playersOwn } from './tracks.ts';

/** Raised whenever a reader makes something else of a file: what was stored before is then read again. */
export const READER_VERSION = 5;

const READERS: Readonly<Record<AnyEncodingName, Reader>> = { performance: readPerformance, melody: readMelody, harmony: readHarmony, drums: readDrums, 'note-chord': readNoteChord, accompaniment: readAccompaniment };

/** How the names of MIDI files end. */
export const MIDI = ['.mid', '.midi', '.smf', '.kar', '.rmi'];

/** The endings, in small letters, of the files that pieces of an encoding are read from. */
export const endingsFor = (encoding: AnyEncodingName): readonly string[] => (READERS[encoding].json ? [...MIDI, '.json'] : MIDI);

/** Files beside the music, in its folder or one above it, that readers look into. */
export const BESIDE: readonly string[] = ['beat_midi.txt', 'chord_midi.txt', 'info.csv'];

/**
 * The pieces in a file: one in a MIDI file, any number in JSON.
 * @throws AntiphonError `corpus.*`, `smf.read` where there are none, and what the file system throws
 */
export const piecesIn = (encoding: AnyEncodingName, found: Found): Piece[] => {
  const reader = READERS[encoding];
  if (extname(found.file).toLowerCase() !== '.json') {
    const song = playersOwn(readSmf(readFileSync(found.file)));
    const piece = reader.song(song, found);
    return [{ ...piece, about: aboutSong(song, encoding, piece) }];
  }
  if (!reader.json) throw new AntiphonError('corpus.json', `Pieces for ${encoding} are not read from JSON`, found.file, 'Give MIDI files.');
  return reader.json(JSON.parse(readFileSync(found.file, 'utf8')), found).map((piece) => ({ ...piece, about: aboutGrid(encodingOf<AnyEncodingName>(encoding), piece) }));
};
