import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { openEngine } from '../engine/choose.ts';
import { loadWasm } from '../engine/tensorflow-js.ts';
import { findTensorFlow, loadTensorFlow, type Raw, type Tf } from '../engine/tensorflow.ts';
import type { Model, ModelCard } from '../model/checkpoint.ts';
import type { Shape, Weights } from '../model/shape.ts';
import type { Conditioned } from '../music/conditions.ts';
import { encodingOf, type AnyEncodingName, type Encoding } from '../music/encodings.ts';
import type { Piece } from '../training/piece.ts';
import { fingerprint, floorsOf, type Floors } from '../training/floors.ts';
import { checkCached } from '../training/judge-cache.ts';
import { judge, type Judgement } from '../training/judge.ts';
import { Network } from '../training/network.ts';
import { RULERS, type Ruler } from '../training/rulers.ts';
import { judgedOf, KEPT, splitOf, type Split } from '../training/split.ts';
import { told } from '../training/tell.ts';
import { unrelatedOf, unseenOf } from '../training/unseen.ts';
import { compareFolders, type CompareOptions } from './compare.ts';
import { dataSetIn } from './data-set.ts';
import { cacheRows, evaluateCache, type CacheEvaluation } from './evaluate-cache.ts';
import { evaluateGenerated, generatedTable } from './evaluate-generated.ts';
import { gather } from './gather.ts';
import { isModel, loadModel, saveReport } from './models.ts';
import { numberFrom, say } from './terminal.ts';

/** What the floors are trained on: the split the model was trained on. */
export interface FloorSettings {
  readonly split: Split;
  readonly floorSymbols: number;
  readonly seed: number;
}

/** Pieces judged apart. */
interface Apart {
  readonly pieces: number;
  readonly nllPerNote: number;
}

/** Pieces judged with more told of them. */
type Told = Pick<Judgement, 'nllPerEvent' | 'nllPerNote'>;

/** Which of the judged pieces are judged apart, by field, given those trained on. */
const UNSEEN = [['unseenSoprano', unseenOf], ['unseenTune', unrelatedOf]] as const;

/** A model on pieces it has not seen: what `evaluate --json` prints. Natural logarithms. */
export interface Evaluation extends Judgement {
  readonly model: string;
  readonly pieces: number;
  /** Files and pieces that could not be read. */
  readonly refused: number;
  /** Total nats over 16th steps, for models on a grid. */
  readonly nllPerStep?: number;
  /** Of harmony: the pieces whose soprano does not stand, exact or transposed, in the music trained on. */
  readonly unseenSoprano?: Apart;
  /** Of harmony: the pieces whose soprano is no variant of one in the music trained on either. */
  readonly unseenTune?: Apart;
  /** Of melody and performance: told the style of each piece, and how busy each section of it is and how high it lies. It knows what floors are not told, and is no figure to set beside them. */
  readonly told?: Told;
  /** With the continuous cache, where that was asked for. */
  readonly cache?: CacheEvaluation;
  readonly floors: Floors | null;
}

/** What is judged. */
export interface Judged {
  readonly name: string;
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly weights: Weights;
}

/**
 * Judges a model on `pieces`, beside floors where there is something to train them on.
 * @param tune where the continuous cache is judged too: what its settings are chosen on
 */
export const evaluatePieces = async (tf: Tf, raw: Raw | null, { name, encoding, shape, weights }: Judged, pieces: readonly Piece[], floors: FloorSettings | null, refused = 0, known: readonly Piece[] = floors?.split.train ?? [], tune: readonly Piece[] | null = null): Promise<Evaluation> => {
  const network = new Network(tf, raw, shape, 0);
  network.load(weights);
  const { events, notes, nllPerEvent, nllPerNote, parts } = await judge(tf, network, encoding, pieces);
  const apart: Record<string, Apart> = {};
  for (const [field, of] of encoding.name === 'harmony' && known.length > 0 ? UNSEEN : []) {
    const unseen = of(pieces, known);
    if (unseen.length > 0) apart[field] = { pieces: unseen.length, nllPerNote: (await judge(tf, network, encoding, unseen)).nllPerNote };
  }
  const wished = await judgeTold(tf, network, encoding, pieces);
  const cache = tune && (await evaluateCache(tf, network, encoding, pieces, tune));
  network.dispose();
  const ruler = RULERS[encoding.name];
  const measured = ruler ? await measuredBy(ruler, shape, weights, pieces, known) : {};
  return {
    model: name,
    pieces: pieces.length,
    refused,
    notes,
    events,
    nllPerEvent,
    nllPerNote,
    ...(encoding.eventsPerStep === null ? {} : { nllPerStep: nllPerEvent * encoding.eventsPerStep }),
    parts,
    ...apart,
    ...measured,
    ...(wished ? { told: wished } : {}),
    ...(cache ? { cache } : {}),
    floors: floors && floorsFor(encoding, pieces, floors, cache !== null),
  };
};

const judgeTold = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[]): Promise<Told | null> => {
  if (!encoding.conditions) return null;
  const { nllPerEvent, nllPerNote } = await judge(tf, network, encoding, pieces.map((piece) => told(encoding.name as Conditioned, piece)));
  return { nllPerEvent, nllPerNote };
};

const measuredBy = async (ruler: Ruler, shape: Shape, weights: Weights, pieces: readonly Piece[], known: readonly Piece[]): Promise<Readonly<Record<string, unknown>>> => {
  const predictor = await openEngine('wasm', shape, weights);
  const measured = await ruler(predictor, pieces, known);
  predictor.close();
  return measured;
};

const floorsFor = (encoding: Encoding, judged: readonly Piece[], { split, floorSymbols, seed }: FloorSettings, online: boolean): Floors | null => {
  try {
    return floorsOf(encoding, { train: split.train, tune: split.tune, judged, seed, symbols: floorSymbols, online }, say);
  } catch (thrown) {
    if (!(thrown instanceof AntiphonError)) throw thrown;
    say(`no floors: ${thrown.message}`);
    return null;
  }
};

interface EvaluateOptions extends CompareOptions {
  readonly data?: string;
  readonly cache?: true;
  readonly generated?: string;
  readonly count: number;
  readonly engine: string;
  readonly floors: boolean;
  readonly card?: true;
  readonly floorSymbols: number;
}

export const evaluateCommand = (program: Command): void => {
  program
    .command('evaluate')
    .description('judge a model on music it was not trained on, beside the floors it must beat')
    .argument('<model>', 'name of a model, or its folder; or a folder of MIDI, to be compared with another')
    .argument('[place]', 'folder of MIDI, or one file; the report split of its own training data by default')
    .option('--json', 'print one object on standard output')
    .option('--data <folder>', 'where the folders it was trained on lie, for the floors; ../shared/data or $ANTIPHON_DATA by default')
    .option('--cache', 'judge it with the continuous cache too, and the floor that learns each piece as it goes')
    .option('--no-floors', 'judge the model alone')
    .option('--card', 'write the figures into the model\'s card as well')
    .option('--floor-symbols <n>', 'symbols the floors are trained on', numberFrom(1), 12_000_000)
    .option('--generated <folder>', 'write music with it instead, and compare that with what people wrote; what is compared stays in the folder')
    .option('--count <n>', 'pieces written with --generated', numberFrom(1), 100)
    .option('--engine <name>', 'what writes with --generated: auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .option('--report <file>', 'of two folders: an HTML page that draws how they compare')
    .option('--train <folders...>', 'of two folders: what made the first was trained on these; looks for copies')
    .option('--match <ms>', 'of two folders: precision and recall of notes in files of one name, onsets within so many milliseconds', numberFrom(0))
    .option('--pieces <n>', 'of two folders: the most files of each, drawn by the seed', numberFrom(1), 500)
    .option('--seed <n>', 'of two folders: seed of what is drawn and halved', numberFrom(0), 1)
    .addHelpText('after', '\nExamples:\n  $ antiphon evaluate melody my-tunes/ --json\n  $ antiphon evaluate performance --data ~/midi --floor-symbols 2000000\n  $ antiphon evaluate melody --cache\n  $ antiphon evaluate melody --generated .runs/generated --json\n  $ antiphon evaluate generated/ held-out/ --report compared.html\n  $ antiphon evaluate generated/ held-out/ --train training/ --json\n')
    .action(run);
};

const run = async (name: string, place: string | undefined, options: EvaluateOptions): Promise<void> => {
  if (place !== undefined && !isModel(name) && existsSync(name) && statSync(name).isDirectory()) return compareFolders(name, place, options);
  const model = loadModel(name);
  const { card, weights } = model;
  const encoding = encodingOf<AnyEncodingName>(card.encoding, card.encodingHash);
  const data = options.data ?? process.env['ANTIPHON_DATA'] ?? join('..', 'shared', 'data');
  if (options.generated !== undefined) return judgeGenerated(model, encoding, await trainedOn(card, encoding, data), options.generated, options);
  const corpus = place === undefined ? null : await gather(encoding.name, [place], { least: 1 });
  if (options.cache) checkCached(encoding);
  const trained = options.floors || options.cache || !corpus ? await trainedOn(card, encoding, data) : null;
  if (!corpus && !trained) throw new AntiphonError('evaluate.place', 'Nothing to judge on for', card.name, 'Give a folder of MIDI or a file; or --data, where its training data lies.');
  if (options.cache && !trained?.split.tune.length) throw new AntiphonError('evaluate.tune', "Nothing to choose the cache's settings on for", card.name, 'Give the folder that holds its training data with --data or $ANTIPHON_DATA.');
  const pieces = corpus ? judgedOf(corpus.pieces) : (trained as FloorSettings).split.report;
  if (corpus && pieces.length < corpus.pieces.length) say(`judging ${pieces.length} pieces; the ${corpus.pieces.length - pieces.length} others are what this data set trains on`);
  const refused = corpus?.refused ?? [];
  for (const { file, reason } of refused) say(`left out ${file}: ${reason}`);
  if (pieces.length === 0) throw new AntiphonError('evaluate.empty', 'No piece that can be judged in', place ?? card.name, 'Give MIDI files with notes in them.');
  if (corpus && trained) {
    const seen = new Set(trained.split.train.map(fingerprint));
    const again = pieces.filter((piece) => seen.has(fingerprint(piece))).length;
    if (again > 0) say(`${again} of the ${pieces.length} pieces were in its training: on those it remembers, and the floors do not`);
  }
  const { tf, raw } = await engine();
  // A benchmark's own training side, else all that the model was trained on.
  const judged = new Set(pieces);
  const own = corpus?.pieces.filter((piece) => !judged.has(piece)) ?? [];
  const known = own.length > 0 ? own : (trained?.split.train ?? []);
  const floors = options.floors && trained ? { ...trained, floorSymbols: options.floorSymbols } : null;
  const evaluation = await evaluatePieces(tf, raw, { name: card.name, encoding, shape: card.shape, weights }, pieces, floors, refused.length, known, options.cache && trained ? trained.split.tune : null);
  if (options.card) saveReport(name, { ...evaluation });
  process.stdout.write(options.json ? `${JSON.stringify(evaluation)}\n` : table(evaluation));
};

const judgeGenerated = async (model: Model, { name }: Encoding, trained: { readonly split: Split } | null, folder: string, options: EvaluateOptions): Promise<void> => {
  if (!trained) throw new AntiphonError('evaluate.tune', 'No music that people wrote to compare with for', name, 'Give the folder that holds its training data with --data or $ANTIPHON_DATA.');
  const evaluation = await evaluateGenerated(model, trained.split, folder, options);
  process.stdout.write(options.json ? `${JSON.stringify(evaluation)}\n` : generatedTable(evaluation));
};

/** TensorFlow in full precision where it is set up; TensorFlow.js on WebAssembly gives the same numbers, more slowly. */
const engine = async (): Promise<{ readonly tf: Tf; readonly raw: Raw | null }> => {
  // Half the mantissa is enough to train by, not to judge by. Read by the library when it loads.
  process.env['ONEDNN_DEFAULT_FPMATH_MODE'] ??= 'F32';
  if (findTensorFlow()) {
    try {
      return loadTensorFlow();
    } catch (thrown) {
      say(`${messageOf(thrown)} Judging on WebAssembly.`);
    }
  }
  return { tf: await loadWasm(), raw: null };
};

/** The split a model was trained on (where it kept nothing to choose on, with what a floor chooses its order on kept from the floor), read again from its folders under `data`; null, with the reason said, where they are not there. */
const trainedOn = async (card: ModelCard, encoding: Encoding, data: string): Promise<Omit<FloorSettings, 'floorSymbols'> | null> => {
  const advice = 'Give the folder that holds its training data with --data or $ANTIPHON_DATA.';
  const { folders, seed } = card.training;
  if (!Array.isArray(folders) || typeof seed !== 'number') {
    say(`no floors: the card of ${card.name} does not say what it was trained on`);
    return null;
  }
  const found = folders.map((folder) => ({ folder: String(folder), place: dataSetIn(data, String(folder)) }));
  const missing = found.filter(({ place }) => place === undefined).map(({ folder }) => folder);
  if (missing.length > 0) {
    say(`no floors: ${missing.join(', ')} not found in ${resolve(data)}. ${advice}`);
    return null;
  }
  const corpus = await gather(encoding.name, found.map(({ place }) => place as string));
  return { split: splitOf(corpus.pieces, seed, { mixed: card.training['mixed'] === true, kept: (card.training['kept'] as number | undefined) || KEPT }), seed };
};

const fixed = (value: number): string => value.toFixed(4).padStart(9);

const table = (evaluation: Evaluation): string => {
  const { model, pieces, refused, events, notes, nllPerEvent, nllPerNote, nllPerStep, parts, unseenSoprano, unseenTune, told: wished, cache, floors } = evaluation;
  const rows: [string, number][] = [['nats an event', nllPerEvent], ...Object.entries(parts).map(([name, value]): [string, number] => [`  ${name}`, value]), ['nats a note', nllPerNote]];
  if (nllPerStep !== undefined) rows.push(['nats a step', nllPerStep]);
  if (unseenSoprano) rows.push([`  on ${unseenSoprano.pieces} pieces of unseen soprano`, unseenSoprano.nllPerNote]);
  if (unseenTune) rows.push([`  on ${unseenTune.pieces} pieces of unseen tune`, unseenTune.nllPerNote]);
  if (wished) rows.push(['nats an event, told style, density and register', wished.nllPerEvent]);
  if (cache) rows.push(...cacheRows(cache));
  if (floors) rows.push(['floor: unigram', floors.unigram], ['floor: bigram', floors.bigram], [`floor: Markov, order ${floors.markov.order}, ${floors.markov.factored}`, floors.markov.nllPerEvent]);
  if (floors?.online) rows.push(['floor: the same, learning each piece', floors.online.nllPerEvent]);
  if (floors?.online?.late !== undefined && cache?.late) rows.push([`after ${cache.late.events} events, Markov`, floors.markov.late as number], [`after ${cache.late.events} events, learning each piece`, floors.online.late]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const head = `${model}: ${pieces} pieces, ${notes} notes, ${events} events${refused > 0 ? `, ${refused} left out` : ''}`;
  return `${[head, ...rows.map(([name, value]) => `  ${name.padEnd(width)} ${fixed(value)}`)].join('\n')}\n`;
};
