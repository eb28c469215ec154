import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import { readSmf, type Song } from '../music/smf-read.ts';
import { MIDI } from '../training/read-file.ts';

/** A MIDI file, and its name under the folder it was found in. */
export interface FoundSong {
  readonly name: string;
  readonly file: string;
  readonly song: Song;
}

/** A file that could not be used, with the reason. */
export interface Refused {
  readonly file: string;
  readonly reason: string;
}

/**
 * The MIDI files under a folder in an order that does not depend on the machine, or the file itself.
 * @throws AntiphonError `folder.place` where there is nothing of that name, `folder.empty` where no MIDI file is in it
 */
export const midiFiles = (place: string): string[] => {
  if (!existsSync(place)) throw new AntiphonError('folder.place', 'No such file or folder', place, 'Give a folder of MIDI files.');
  if (statSync(place).isFile()) return [place];
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => MIDI.includes(extname(name).toLowerCase())).map((name) => join(place, name)).sort();
  if (files.length === 0) throw new AntiphonError('folder.empty', 'No MIDI file in', place, `Give a folder of files that end with ${MIDI.join(', ')}.`);
  return files;
};

/** At most `most` of the files, drawn by `seed`, in their own order. */
export const drawn = (files: readonly string[], most: number, seed: number): string[] => shuffled(files, coins(keyOf(seed))).slice(0, most).sort();

/** Reads files one after another and hands each song to `take`; one that is broken or without notes is set aside with its reason, never the end of the work. */
export const eachSong = (place: string, files: readonly string[], take: (found: FoundSong) => void, progress: (done: number) => void = () => {}): Refused[] => {
  const refused: Refused[] = [];
  files.forEach((file, i) => {
    try {
      const song = readSmf(readFileSync(file));
      if (song.tracks.some(({ notes }) => notes.length > 0)) take({ name: relative(place, file) || basename(file), file, song });
      else refused.push({ file, reason: 'no notes' });
    } catch (thrown) {
      refused.push({ file, reason: messageOf(thrown) });
    }
    progress(i + 1);
  });
  return refused;
};
