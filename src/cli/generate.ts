import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { coinAt, keyOf, type Coin } from '../core/rng.ts';
import { mean } from '../core/statistics.ts';
import { channel, ms, pitch, velocity, type Ms } from '../core/units.ts';
import { chooseEngine } from '../engine/choose.ts';
import { WINDOW } from '../live/muse.ts';
import { PARAMS } from '../live/params.ts';
import { openState, type Predictor } from '../model/predictor.ts';
import { pick, type Choice } from '../model/sampling.ts';
import { ENCODINGS, encodingOf, type EncodingName } from '../music/encodings.ts';
import { decodeMelody, encodeMelody, MELODY, MelodyGrammar, STEPS_PER_BEAT } from '../music/melody.ts';
import { PEDALS, type Control, type Note } from '../music/note.ts';
import { encodePerformance, gesturesOf, isOff, isOn, NO_VELOCITY, PerformanceGrammar, TIME_BINS, velocityOf, WHAT } from '../music/performance.ts';
import type { Song, Track } from '../music/smf-read.ts';
import { writeSmf, type Written, type WrittenTrack } from '../music/smf-write.ts';
import { loadModel } from './models.ts';
import { measureOf, playerTracks, readSong, writeFile, writtenTracks } from './song.ts';
import { numberFrom, say } from './terminal.ts';

interface GenerateOptions {
  readonly model: string;
  readonly seconds: number;
  readonly seed: number;
  readonly out: string;
  readonly temperature: number;
  readonly topP: number;
  readonly bpm?: number;
  readonly track?: string;
  readonly engine: string;
}

export const generateCommand = (program: Command): void => {
  const { temperature, topP } = PARAMS;
  program
    .command('generate')
    .description('write music: go on where a MIDI file ends, or begin from nothing')
    .argument('[file]', 'a Standard MIDI File to go on from')
    .requiredOption('-o, --out <file>', 'MIDI file to write: what was given and what follows on tracks of their own')
    .option('--model <name>', 'a model by name or folder', 'performance')
    .option('--seconds <n>', 'how much to write', numberFrom(0.1, 36_000), 30)
    .option('--seed <n>', 'seed of every choice; the same seed gives the same bytes', numberFrom(0), 1)
    .option('--temperature <n>', temperature.help, numberFrom(temperature.min, temperature.max), temperature.initial)
    .option('--top-p <n>', topP.help, numberFrom(topP.min, topP.max), topP.initial)
    .option('--bpm <n>', "tempo; the file's own, else 120", numberFrom(20, 400))
    .option('--track <name>', 'one track of the file only, by name or by number from 1')
    .option('--engine <name>', 'auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .addHelpText('after', '\nExamples:\n  $ antiphon generate -o new.mid --seconds 60 --seed 7\n  $ antiphon generate tune.mid --model melody -o longer.mid --temperature 0.8\n')
    .action(run);
};

/** Music that a model goes on from, and at what tempo. */
export interface Prompt {
  readonly tracks: readonly Track[];
  readonly song: Song | null;
  readonly bpm: number;
}

/** What was given, as it is written, and what the model adds. */
export interface Continued {
  readonly given: readonly WrittenTrack[];
  readonly notes: readonly Note[];
  readonly controls: readonly Control[];
}

export type Continue = (predictor: Predictor, prompt: Prompt, seconds: number, choice: Choice, coin: Coin) => Promise<Continued>;

const run = async (file: string | undefined, options: GenerateOptions): Promise<void> => {
  const song = file === undefined ? null : readSong(file);
  const tracks = song && file !== undefined ? playerTracks(song, file, options.track) : [];
  const measure: Pick<Written, 'bpm' | 'timeSignature'> = song ? measureOf(song) : { bpm: 120 };
  const bpm = options.bpm ?? measure.bpm;
  const { card, weights } = loadModel(options.model);
  const encoding = encodingOf(card.encoding, card.encodingHash);
  if (!Object.hasOwn(CONTINUE, encoding.name)) throw new AntiphonError('generate.model', 'Not a model that goes on with a piece on its own', options.model, `Give one of ${Object.keys(CONTINUE).join(' or ')}.`);
  const { predictor } = await chooseEngine(options.engine, card.shape, weights);
  const key = keyOf(options.seed);
  let coins = 0;
  const choice = { temperature: options.temperature, topP: options.topP, topK: 0 };
  const { given, notes, controls } = await CONTINUE[encoding.name](predictor, { song, tracks, bpm }, options.seconds, choice, () => coinAt(key, coins++));
  predictor.close();
  const added: WrittenTrack = { name: `Antiphon ${card.name}`, channel: CHANNEL, notes, controls };
  writeFile(options.out, writeSmf({ ...measure, bpm, tracks: [...given, added] }));
  say(`${given.reduce((sum, track) => sum + track.notes.length, 0)} notes given, ${notes.length} added; ${options.out}`);
};

/** A key that the model forgets is let go after this long. */
const LONGEST = 10_000;
/** At most this many events at one instant: a model may not stop the clock. */
const AT_ONCE = 32;

const CHANNEL = channel(2);

const continuePerformance: Continue = async (predictor, { tracks }, seconds, choice, coin) => {
  const gestures = gesturesOf(tracks.flatMap((track) => track.notes), tracks.flatMap((track) => track.controls));
  const from = ms(gestures.at(-1)?.time ?? 0);
  const grammar = new PerformanceGrammar();
  for (const { what } of gestures) grammar.take(what);
  if (grammar.pedal) {
    gestures.push({ time: from, what: WHAT.pedalUp, value: 0 });
    grammar.take(WHAT.pedalUp);
  }

  const state = openState(predictor.shape);
  const feed = async (event: readonly number[]): Promise<void> => void (await predictor.submit([{ kind: 'feed', state, event }]));
  const ask = async (part: number, known: readonly number[]): Promise<Float32Array> => (await predictor.submit([{ kind: 'query', state, part, given: known }]))[0] as Float32Array;
  await feed(ENCODINGS.performance.start);
  for (const { what, time, velocity: force } of encodePerformance(gestures).slice(-WINDOW)) await feed([what, time, force]);

  const notes: Note[] = [];
  const controls: Control[] = [];
  const down = new Map<number, { readonly since: number; readonly force: number }>();
  const release = (key: number, at: number): void => {
    const { since, force } = down.get(key) as { since: number; force: number };
    down.delete(key);
    notes.push({ start: ms(from + since), duration: ms(at - since), pitch: pitch(key), velocity: velocity(force), channel: CHANNEL });
  };
  const pedal = (on: boolean, at: number): void => void controls.push({ time: ms(from + at), controller: PEDALS.sustain, value: on ? 127 : 0, channel: CHANNEL });

  const end = seconds * 1000;
  let now = 0;
  let atOnce = 0;
  for (;;) {
    const time = pick(await ask(1, [-1, -1, -1]), choice, coin(), (bin) => (bin === 0 && atOnce >= AT_ONCE ? -Infinity : 0));
    now += TIME_BINS[time] as number;
    atOnce = time === 0 ? atOnce + 1 : 0;
    if (now > end) break;
    const forgotten = [...down].find(([, { since }]) => now - since > LONGEST);
    const what = forgotten ? WHAT.off + forgotten[0] : pick(await ask(0, [-1, time, -1]), choice, coin(), (each) => (grammar.allows(each) ? 0 : -Infinity));
    const force = isOn(what) ? pick(await ask(2, [what, time, -1]), choice, coin()) : NO_VELOCITY;
    grammar.take(what);
    if (isOn(what)) down.set(what, { since: now, force: velocityOf(force) });
    else if (isOff(what)) release(what - WHAT.off, now);
    else pedal(what === WHAT.pedalDown, now);
    await feed([what, time, force]);
  }
  for (const key of down.keys()) release(key, end);
  if (grammar.pedal) pedal(false, end);
  return { given: writtenTracks(tracks, 'Given').map((track) => pedalUp(track, from)), notes, controls };
};

/** The track with its pedal let go at `end`, where the file leaves it down: what follows has a pedal of its own. */
const pedalUp = (track: WrittenTrack, end: Ms): WrittenTrack => {
  const last = track.controls.findLast(({ controller }) => controller === PEDALS.sustain);
  return !last || last.value < 64 ? track : { ...track, controls: [...track.controls, { ...last, time: ms(Math.max(end, last.time)), value: 0 }] };
};

/** A little weight on the beat: the model knows no velocities. */
const VELOCITY = { onBeat: 88, offBeat: 80 } as const;
const MOST_STEPS = 1024;

const continueMelody: Continue = async (predictor, { tracks, song, bpm }, seconds, choice, coin) => {
  const line = melodyOf(tracks);
  const ppq = song?.ppq ?? 1;
  const stepMs = 60_000 / bpm / STEPS_PER_BEAT;
  const stepOf = (tick: number): number => Math.round((tick / ppq) * STEPS_PER_BEAT);
  const grid = (line?.notes ?? []).map(({ tick, ticks, pitch: key }) => ({ step: stepOf(tick), steps: Math.max(1, stepOf(tick + ticks) - stepOf(tick)), pitch: key }));
  const first = Math.max(0, ...grid.map(({ step, steps }) => step + steps));

  const state = openState(predictor.shape);
  const grammar = new MelodyGrammar();
  const feed = async (symbol: number): Promise<void> => {
    grammar.take(symbol);
    await predictor.submit([{ kind: 'feed', state, event: [symbol] }]);
  };
  await feed(MELODY.start);
  for (const symbol of encodeMelody(grid).slice(-MOST_STEPS)) await feed(symbol);

  const symbols: number[] = [];
  const steps = Math.max(1, Math.round((seconds * 1000) / stepMs));
  while (symbols.length < steps) {
    const [logits] = await predictor.submit([{ kind: 'query', state, part: 0, given: [-1] }]);
    // The first step ends what was given: it holds nothing.
    const symbol = pick(logits as Float32Array, choice, coin(), (each) => (grammar.allows(each) && (symbols.length > 0 || each !== MELODY.hold) ? 0 : -Infinity));
    symbols.push(symbol);
    await feed(symbol);
  }
  const notes = decodeMelody(symbols, first).map(({ step, steps: length, pitch: key }): Note => ({
    start: ms(step * stepMs),
    duration: ms(length * stepMs),
    pitch: key,
    velocity: velocity(step % STEPS_PER_BEAT === 0 ? VELOCITY.onBeat : VELOCITY.offBeat),
    channel: CHANNEL,
  }));
  // Its ticks are what counts: the file written has one tempo throughout.
  const timeOf = (tick: number): Ms => ms((tick / ppq) * (60_000 / bpm));
  const given = (line ? [line] : []).map((track) => ({ ...track, controls: [], notes: track.notes.map((note) => ({ ...note, start: timeOf(note.tick), duration: timeOf(note.ticks) })) }));
  return { given: writtenTracks(given, 'Given'), notes, controls: [] };
};

/** The line to go on from: the track so named, else the highest on average. */
const melodyOf = (tracks: readonly Track[]): Track | undefined => {
  const sounding = tracks.filter((track) => track.notes.length > 0);
  const height = ({ notes }: Track): number => mean(notes.map((note) => note.pitch));
  return sounding.find(({ name }) => name.toLowerCase() === 'melody') ?? sounding.sort((a, b) => height(b) - height(a))[0];
};

/** How a model of each encoding goes on from a prompt, or begins from none. */
export const CONTINUE: Readonly<Record<EncodingName, Continue>> = { performance: continuePerformance, melody: continueMelody };
