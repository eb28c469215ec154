import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { coins, keyOf } from '../core/rng.ts';
import { ms } from '../core/units.ts';
import { chooseEngine } from '../engine/choose.ts';
import { PARAMS } from '../live/params.ts';
import type { Predictor } from '../model/predictor.ts';
import type { Choice } from '../model/sampling.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { homeOfKey } from '../music/scale.ts';
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
import { loadModel } from './models.ts';
import { drawn, midiFiles } from './song-folder.ts';
import { measureOf, playerTracks, readSong, writeFile } from './song.ts';
import { numberFrom, say } from './terminal.ts';

/** How each encoding is written in. */
const GENERATORS: Readonly<Record<AnyEncodingName, Generate>> = {
  melody: generateMelody,
  performance: generatePerformance,
  harmony: generateHarmony,
  drums: generateDrums,
  accompaniment: generateAccompaniment,
  'note-chord': generateNoteChord,
};

interface GenerateOptions {
  readonly model: string;
  readonly seconds: number;
  readonly seed: number;
  readonly out: string;
  readonly temperature: number;
  readonly topP: number;
  readonly bpm?: number;
  readonly track?: string;
  readonly key?: string;
  readonly style?: string;
  readonly fill?: true;
  readonly count?: number;
  readonly like?: string;
  readonly alone?: true;
  readonly engine: string;
}

export const generateCommand = (program: Command): void => {
  const { temperature, topP } = PARAMS;
  program
    .command('generate')
    .description('write music: go on where a MIDI file ends, or begin from nothing')
    .argument('[file]', 'a Standard MIDI File to go on from (for accompaniment: the melody to play under), or a folder of them')
    .requiredOption('-o, --out <file>', 'MIDI file to write: what was given and what follows on tracks of their own; a folder, where many are written')
    .option('--model <name>', 'a model by name or folder', 'performance')
    .option('--seconds <n>', 'how much to write', numberFrom(0.1, 36_000), 30)
    .option('--seed <n>', 'seed of every choice; the same seed gives the same bytes', numberFrom(0), 1)
    .option('--temperature <n>', temperature.help, numberFrom(temperature.min, temperature.max), temperature.initial)
    .option('--top-p <n>', topP.help, numberFrom(topP.min, topP.max), topP.initial)
    .option('--bpm <n>', "tempo; the file's own, else 120", numberFrom(20, 400))
    .option('--track <name>', 'one track of the file only, by name or by number from 1')
    .option('--key <name>', 'harmony from nothing: a key such as G, Eb or F#m; a key and its relative are one')
    .option('--style <name>', 'drums and accompaniment: a style by name, any by default')
    .option('--fill', 'drums: a fill instead of a groove')
    .option('--count <n>', 'write so many files; of a folder, go on from so many of its files, drawn by the seed', numberFrom(1, 100_000))
    .option('--like <folder>', 'each as long as the file of its name in this folder')
    .option('--alone', 'write only what is added, from the beginning')
    .option('--engine <name>', 'auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .addHelpText('after', '\nExamples:\n  $ antiphon generate -o new.mid --seconds 60 --seed 7\n  $ antiphon generate tune.mid --model melody -o longer.mid --temperature 0.8\n  $ antiphon generate tune.mid --model accompaniment --style pop -o backed.mid\n  $ antiphon generate --model drums --style funk --count 10 -o grooves/\n  $ antiphon generate held-out/begun --like held-out/rest --alone --model melody -o generated/\n')
    .action(run);
};

/** One file to write. */
interface Job {
  readonly file?: string;
  readonly out: string;
  readonly key: number;
  readonly seconds: number;
}

const run = async (file: string | undefined, options: GenerateOptions): Promise<void> => {
  const wishes = wishesOf(options);
  const jobs = jobsOf(file, options);
  const { card, weights } = loadModel(options.model);
  const { name } = encodingOf<AnyEncodingName>(card.encoding, card.encodingHash);
  const { predictor } = await chooseEngine(options.engine, card.shape, weights);
  try {
    let notes = 0;
    for (const job of jobs) {
      const { given, added } = await write(job, predictor, name, card.name, wishes, options);
      notes += added;
      if (jobs.length === 1) say(`${given} notes given, ${added} added; ${job.out}`);
    }
    if (jobs.length > 1) say(`${jobs.length} files, ${notes} notes added; ${options.out}`);
  } finally {
    predictor.close();
  }
};

const write = async (job: Job, predictor: Predictor, encoding: AnyEncodingName, model: string, wishes: Wishes, options: GenerateOptions): Promise<{ readonly given: number; readonly added: number }> => {
  const song = job.file === undefined ? null : readSong(job.file);
  const tracks = song && job.file !== undefined ? tracksFor(encoding, song, job.file, options.track) : [];
  const measure: Pick<Written, 'bpm' | 'timeSignature'> = song ? measureOf(song) : { bpm: 120 };
  const bpm = options.bpm ?? measure.bpm;
  const choice: Choice = { temperature: options.temperature, topP: options.topP, topK: 0 };
  const { given, added, from } = await GENERATORS[encoding]({ predictor, prompt: { tracks, song, bpm }, seconds: job.seconds, choice, coin: coins(job.key), wishes });
  const named = added.map((track) => ({ ...track, name: added.length > 1 ? `Antiphon ${model}: ${track.name}` : `Antiphon ${model}` }));
  mkdirSync(dirname(job.out), { recursive: true });
  writeFile(job.out, writeSmf({ ...measure, bpm, tracks: options.alone ? named.map((track) => earlier(track, from)) : [...given, ...named] }));
  const count = (all: readonly WrittenTrack[]): number => all.reduce((sum, { notes }) => sum + notes.length, 0);
  return { given: count(given), added: count(added) };
};

/** Drums go on from drums, all else from what is none. */
const tracksFor = (encoding: AnyEncodingName, song: Song, file: string, wanted?: string): readonly Track[] =>
  encoding === 'drums' && wanted === undefined ? song.tracks.filter(isDrums) : playerTracks(song, file, wanted);

const earlier = (track: WrittenTrack, by: number): WrittenTrack => ({
  ...track,
  notes: track.notes.map((note) => ({ ...note, start: ms(note.start - by) })),
  controls: track.controls.map((control) => ({ ...control, time: ms(control.time - by) })),
});

const jobsOf = (file: string | undefined, { out, seed, seconds, count, like }: GenerateOptions): Job[] => {
  const lengthOf = (name: string): number => (like === undefined ? seconds : Math.max(0.1, readSong(join(like, name)).duration / 1000));
  if (file !== undefined && existsSync(file) && statSync(file).isDirectory()) {
    const files = midiFiles(file);
    return drawn(files, count ?? files.length, seed).map((each, i) => {
      const name = relative(file, each);
      return { file: each, out: join(out, name), key: keyOf(seed, i + 1), seconds: lengthOf(name) };
    });
  }
  const prompt = file === undefined ? {} : { file };
  if (count === undefined) return [{ ...prompt, out, key: keyOf(seed), seconds }];
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => ({ ...prompt, out: join(out, `${String(i + 1).padStart(width, '0')}.mid`), key: keyOf(seed, i + 1), seconds }));
};

const wishesOf = ({ key, style, fill }: GenerateOptions): Wishes => ({ ...(key === undefined ? {} : { key: keyNamed(key) }), ...(style === undefined ? {} : { style }), ...(fill ? { fill } : {}) });

const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** Semitones from C major or A minor to a key. @throws AntiphonError `generate.key` */
const keyNamed = (name: string): number => {
  const [, letter, accidental, minor] = /^([A-G])([#b]?)(m?)$/.exec(name) ?? [];
  if (letter === undefined) throw new AntiphonError('generate.key', 'No such key', name, 'Give a letter from A to G, # or b where it has one, and m where it is minor: G, Eb, F#m.');
  const root = (LETTERS[letter] as number) + (accidental === '#' ? 1 : accidental === 'b' ? 11 : 0);
  return -homeOfKey({ root: root % 12, mode: minor ? 'minor' : 'major' });
};
