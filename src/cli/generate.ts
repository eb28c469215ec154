import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { keyOf } from '../core/rng.ts';
import { chooseEngine } from '../engine/choose.ts';
import { PARAMS } from '../live/params.ts';
import { GRADES } from '../music/conditions.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { homeOfKey } from '../music/scale.ts';
import { folderJobs, writeJob, type Job, type Writing } from './generate-files.ts';
import { REMEMBERING, type Wishes } from './generator.ts';
import { loadModel } from './models.ts';
import { numberFrom, say } from './terminal.ts';

interface GenerateOptions {
  readonly model: string;
  readonly seconds: number;
  readonly seed: number;
  readonly out: string;
  readonly temperature: number;
  readonly topP: number;
  readonly memory: number;
  readonly sharpness: number;
  readonly bpm?: number;
  readonly track?: string;
  readonly key?: string;
  readonly style?: string;
  readonly fill?: true;
  readonly density?: number;
  readonly register?: number;
  readonly heed: number;
  readonly count?: number;
  readonly like?: string;
  readonly alone?: true;
  readonly engine: string;
}

export const generateCommand = (program: Command): void => {
  const { temperature, topP, memory, sharpness, heed } = PARAMS;
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
    .option('--memory <n>', 'melody and performance: how much it draws on what was given and written before; 0 leaves it to the model', numberFrom(memory.min, memory.max), memory.initial)
    .option('--sharpness <n>', sharpness.help, numberFrom(sharpness.min, sharpness.max), sharpness.initial)
    .option('--bpm <n>', "tempo; the file's own, else 120", numberFrom(20, 400))
    .option('--track <name>', 'one track of the file only, by name or by number from 1')
    .option('--key <name>', 'harmony from nothing: a key such as G, Eb or F#m; a key and its relative are one')
    .option('--style <name>', 'a style by name, where the model knows some; any by default')
    .option('--density <grade>', 'melody and performance: how busy, from 1, sparse, to 5', gradeFrom)
    .option('--register <grade>', 'melody and performance: how high, from 1, low, to 5', gradeFrom)
    .option('--heed <n>', 'melody and performance: how much style, density and register count; 1 as the model learnt them', numberFrom(heed.min, heed.max), heed.initial)
    .option('--fill', 'drums: a fill instead of a groove')
    .option('--count <n>', 'write so many files; of a folder, go on from so many of its files, drawn by the seed', numberFrom(1, 100_000))
    .option('--like <folder>', 'each as long as the file of its name in this folder')
    .option('--alone', 'write only what is added, from the beginning')
    .option('--engine <name>', 'auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .addHelpText('after', '\nExamples:\n  $ antiphon generate -o new.mid --seconds 60 --seed 7\n  $ antiphon generate tune.mid --model melody -o longer.mid --temperature 0.8\n  $ antiphon generate tune.mid --model accompaniment --style pop -o backed.mid\n  $ antiphon generate --model melody --style folk --density 5 -o reel.mid\n  $ antiphon generate --model drums --style funk --count 10 -o grooves/\n  $ antiphon generate held-out/begun --like held-out/rest --alone --model melody -o generated/\n')
    .action(run);
};

const run = async (file: string | undefined, options: GenerateOptions): Promise<void> => {
  const { temperature, topP, memory, sharpness, bpm, track, alone } = options;
  const wishes = wishesOf(options);
  const jobs = jobsOf(file, options);
  const { card, weights } = loadModel(options.model);
  const encoding = encodingOf<AnyEncodingName>(card.encoding, card.encodingHash).name;
  if (memory > 0 && !REMEMBERING.includes(encoding)) throw new AntiphonError('generate.memory', 'Nothing is remembered beyond the model itself in', encoding, `Leave --memory out; ${REMEMBERING.join(' and ')} heed it.`);
  const { predictor } = await chooseEngine(options.engine, card.shape, weights);
  const writing: Writing = { predictor, encoding, model: card.name, choice: { temperature, topP, topK: 0 }, recall: { weight: memory, sharpness }, wishes, ...(bpm === undefined ? {} : { bpm }), ...(track === undefined ? {} : { track }), ...(alone ? { alone } : {}) };
  try {
    let notes = 0;
    for (const job of jobs) {
      const { given, added } = await writeJob(job, writing);
      notes += added;
      if (jobs.length === 1) say(`${given} notes given, ${added} added; ${job.out}`);
    }
    if (jobs.length > 1) say(`${jobs.length} files, ${notes} notes added; ${options.out}`);
  } finally {
    predictor.close();
  }
};

const jobsOf = (file: string | undefined, options: GenerateOptions): Job[] => {
  const { out, seed, seconds, count } = options;
  if (file !== undefined && existsSync(file) && statSync(file).isDirectory()) return folderJobs(file, out, options);
  const prompt = file === undefined ? {} : { file };
  if (count === undefined) return [{ ...prompt, out, key: keyOf(seed), seconds }];
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => ({ ...prompt, out: join(out, `${String(i + 1).padStart(width, '0')}.mid`), key: keyOf(seed, i + 1), seconds }));
};

const wishesOf = ({ key, style, fill, density, register, heed }: GenerateOptions): Wishes => ({
  heed,
  ...(key === undefined ? {} : { key: keyNamed(key) }),
  ...(style === undefined ? {} : { style }),
  ...(fill ? { fill } : {}),
  ...(density === undefined ? {} : { density }),
  ...(register === undefined ? {} : { register }),
});

/** A grade of density or register: a whole number. */
const gradeFrom = (text: string): number => Math.round(numberFrom(1, GRADES)(text));

const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** Semitones from C major or A minor to a key. @throws AntiphonError `generate.key` */
const keyNamed = (name: string): number => {
  const [, letter, accidental, minor] = /^([A-G])([#b]?)(m?)$/.exec(name) ?? [];
  if (letter === undefined) throw new AntiphonError('generate.key', 'No such key', name, 'Give a letter from A to G, # or b where it has one, and m where it is minor: G, Eb, F#m.');
  const root = (LETTERS[letter] as number) + (accidental === '#' ? 1 : accidental === 'b' ? 11 : 0);
  return -homeOfKey({ root: root % 12, mode: minor ? 'minor' : 'major' });
};
