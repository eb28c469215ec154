import { mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { coins, keyOf } from '../core/rng.ts';
import { ms } from '../core/units.ts';
import type { Predictor } from '../model/predictor.ts';
import type { CacheSettings } from '../model/cache.ts';
import type { Choice } from '../model/sampling.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import type { Song, Track } from '../music/smf-read.ts';
import { writeSmf, type Written, type WrittenTrack } from '../music/smf-write.ts';
import { isDrums } from '../training/tracks.ts';
import { generateAccompaniment } from './generate-accompaniment.ts';
import { generateDrums } from './generate-drums.ts';
import { generateHarmony } from './generate-harmony.ts';
import { generateMelody } from './generate-melody.ts';
import { generateNoteChord } from './generate-note-chord.ts';
import { generatePerformance } from './generate-performance.ts';
import type { Generate, Wishes } from './generator.ts';
import { drawn, midiFiles } from './song-folder.ts';
import { measureOf, playerTracks, readSong, writeFile } from './song.ts';

/** How each encoding is written in. */
export const GENERATORS: Readonly<Record<AnyEncodingName, Generate>> = {
  melody: generateMelody,
  performance: generatePerformance,
  harmony: generateHarmony,
  drums: generateDrums,
  accompaniment: generateAccompaniment,
  'note-chord': generateNoteChord,
};

/** What files are written with. */
export interface Writing {
  readonly predictor: Predictor;
  readonly encoding: AnyEncodingName;
  /** The model's name. */
  readonly model: string;
  readonly choice: Choice;
  readonly recall: CacheSettings;
  readonly wishes: Wishes;
  readonly bpm?: number;
  readonly track?: string;
  /** Only what is added, from the beginning. */
  readonly alone?: true;
}

/** One file to write. */
export interface Job {
  readonly file?: string;
  readonly out: string;
  readonly key: number;
  readonly seconds: number;
}

/** Writes one file; how many notes were given and how many are added. @throws AntiphonError as reading, writing and the generators do */
export const writeJob = async (job: Job, { predictor, encoding, model, choice, recall, wishes, alone, ...writing }: Writing): Promise<{ readonly given: number; readonly added: number }> => {
  const song = job.file === undefined ? null : readSong(job.file);
  const tracks = song && job.file !== undefined ? tracksFor(encoding, song, job.file, writing.track) : [];
  const measure: Pick<Written, 'bpm' | 'timeSignature'> = song ? measureOf(song) : { bpm: 120 };
  const bpm = writing.bpm ?? measure.bpm;
  const { given, added, from } = await GENERATORS[encoding]({ predictor, prompt: { tracks, song, bpm }, seconds: job.seconds, choice, recall, coin: coins(job.key), wishes });
  const named = added.map((track) => ({ ...track, name: added.length > 1 ? `Antiphon ${model}: ${track.name}` : `Antiphon ${model}` }));
  mkdirSync(dirname(job.out), { recursive: true });
  writeFile(job.out, writeSmf({ ...measure, bpm, tracks: alone ? named.map((track) => earlier(track, from)) : [...given, ...named] }));
  const count = (all: readonly WrittenTrack[]): number => all.reduce((sum, { notes }) => sum + notes.length, 0);
  return { given: count(given), added: count(added) };
};

/** A file to go on from for each of a folder's, or for `count` of them drawn by the seed: under the same names in `out`, each as long as the file of its name in `like`. */
export const folderJobs = (folder: string, out: string, { seed, seconds, count, like }: { readonly seed: number; readonly seconds: number; readonly count?: number; readonly like?: string }): Job[] => {
  const files = midiFiles(folder);
  return drawn(files, count ?? files.length, seed).map((file, i) => {
    const name = relative(folder, file);
    return { file, out: join(out, name), key: keyOf(seed, i + 1), seconds: like === undefined ? seconds : Math.max(SHORTEST, readSong(join(like, name)).duration / 1000) };
  });
};

/** Seconds that are written at least. */
const SHORTEST = 0.1;

/** Drums go on from drums, all else from what is none. */
const tracksFor = (encoding: AnyEncodingName, song: Song, file: string, wanted?: string): readonly Track[] =>
  encoding === 'drums' && wanted === undefined ? song.tracks.filter(isDrums) : playerTracks(song, file, wanted);

const earlier = (track: WrittenTrack, by: number): WrittenTrack => ({
  ...track,
  notes: track.notes.map((note) => ({ ...note, start: ms(note.start - by) })),
  controls: track.controls.map((control) => ({ ...control, time: ms(control.time - by) })),
});
