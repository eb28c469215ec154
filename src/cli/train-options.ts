import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { ENCODINGS, type Encoding } from '../music/encodings.ts';
import { GATES, type Attention, type Shape } from '../model/shape.ts';
import type { Dropout } from '../training/network.ts';
import { FORGOTTEN } from '../training/batches.ts';
import { KEPT } from '../training/split.ts';
import type { TrainSettings } from '../training/train.ts';
import { numberFrom } from './terminal.ts';

/** What `train` is told; numbers are checked. */
export interface TrainOptions {
  readonly encoding: string;
  readonly name?: string;
  readonly from?: string;
  readonly begin?: string;
  readonly layers: string;
  readonly embedding: number;
  readonly head: number;
  readonly steps: number;
  readonly length: number;
  readonly rows: number;
  readonly rate: number;
  readonly dropout: number;
  readonly inputDropout: number;
  readonly recurrentDropout: number;
  readonly decay: number;
  readonly averaged: number;
  readonly tied?: true;
  readonly mixed?: true;
  readonly kept: number;
  readonly dropVoices: number;
  readonly weigh: readonly string[];
  readonly forget: number;
  readonly cell: 'lstm' | 'gru';
  readonly deep: number;
  readonly skip?: true;
  readonly attention?: string;
  readonly seed: number;
  readonly every: number;
  readonly patience: number;
  readonly run?: string;
  readonly licence: readonly string[];
  readonly floorSymbols: number;
  readonly folds?: number;
}

/** What a floor is trained on by default. */
const FLOOR_SYMBOLS = 12_000_000;

/** Adds the options of `train` to it. */
export const addTrainOptions = (command: Command): Command =>
  command
    .option('--encoding <name>', Object.keys(ENCODINGS).join(', '), 'performance')
    .option('--name <name>', 'name under models/; the encoding by default, `mine` with --from')
    .option('--from <model>', 'tune a model further on a few files or recorded sessions of your own')
    .option('--begin <model>', 'begin with the weights of a model of the same shape and data sets, which may have been told less')
    .option('--layers <units>', 'LSTM units, one number a layer', '256,256')
    .option('--embedding <n>', 'size of the event embedding', numberFrom(1), 192)
    .option('--head <n>', 'hidden units of each head', numberFrom(1), 256)
    .option('--steps <n>', 'training steps', numberFrom(1), 2000)
    .option('--length <n>', 'events a row and step', numberFrom(1), 128)
    .option('--rows <n>', 'rows a batch', numberFrom(1), 48)
    .option('--rate <n>', 'learning rate', numberFrom(0), 0.002)
    .addOption(new Option('--cell <kind>', 'recurrent cell').choices(Object.keys(GATES)).default('lstm'))
    .option('--attention <window,size,heads>', 'attention over the last events, for example 256,64,4')
    .option('--deep <n>', 'further layers of each head', numberFrom(0, 4), 0)
    .option('--skip', 'let the heads see the event beside what the layers make of it')
    .option('--dropout <n>', 'share of units dropped between layers and before heads', numberFrom(0, 0.9), 0.1)
    .option('--input-dropout <n>', 'share of the event embedding dropped', numberFrom(0, 0.9), 0)
    .option('--recurrent-dropout <n>', 'share of the recurrent weights dropped', numberFrom(0, 0.9), 0)
    .option('--decay <n>', 'weight decay (L2, beside the gradient)', numberFrom(0), 0)
    .option('--averaged <steps>', 'keep a running mean of the weights over about so many steps; 0 for none', numberFrom(0), 0)
    .option('--tied', 'let each head end in the embedding of what it asks, turned round; --head is then that of --embedding')
    .option('--drop-voices <n>', 'share of four-voice pieces heard without one of their voices', numberFrom(0, 1), 0)
    .option('--mixed', 'where one set has a split of its own, let the other sets keep pieces aside as well')
    .option('--kept <n>', 'share of a set\'s own training side that choices are made on, where it has no side for that; 0 once they are made: all of it trains, to the last step', numberFrom(0, 0.5), KEPT)
    .option('--weigh <set=times...>', 'how often an epoch hears the pieces of a data set: js-fakes=0.25 chorales=2', [])
    .option('--forget <n>', 'share of rows that forget before each step what they heard, and begin in mid-piece', numberFrom(0, 1), FORGOTTEN)
    .option('--seed <n>', 'seed of split, weights and chance', numberFrom(0), 1)
    .option('--every <n>', 'steps between checkpoints', numberFrom(1), 250)
    .option('--patience <n>', 'checkpoints without a better one before it stops', numberFrom(1), 8)
    .option('--run <folder>', 'where checkpoints lie; .runs/NAME by default, with --from a folder a run')
    .option('--folds <n>', 'cross-validate: train so many models, each judged on pieces kept out of it; none is saved', numberFrom(2))
    .option('--licence <text...>', 'data set and licence, for the model card', [])
    .option('--floor-symbols <n>', 'symbols the Markov floor is trained on', numberFrom(1), FLOOR_SYMBOLS);

/** The command that makes this model again; a path keeps its last name only, and what is as by default is not said. */
export const commandOf = (folders: readonly string[], options: TrainOptions): string => {
  const named: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ['encoding', options.encoding], ['cell', options.cell === 'lstm' ? undefined : options.cell], ['layers', options.layers], ['embedding', options.embedding], ['head', options.head], ['deep', options.deep || undefined], ['skip', options.skip],
    ['attention', options.attention], ['steps', options.steps], ['length', options.length], ['rows', options.rows], ['rate', options.rate], ['dropout', options.dropout], ['input-dropout', options.inputDropout || undefined],
    ['recurrent-dropout', options.recurrentDropout || undefined], ['decay', options.decay || undefined], ['averaged', options.averaged || undefined], ['tied', options.tied], ['mixed', options.mixed], ['kept', options.kept === KEPT ? undefined : options.kept], ['drop-voices', options.dropVoices || undefined], ['weigh', options.weigh.join(' ') || undefined], ['forget', options.forget === FORGOTTEN ? undefined : options.forget], ['seed', options.seed], ['every', options.every], ['floor-symbols', options.floorSymbols === FLOOR_SYMBOLS ? undefined : options.floorSymbols], ['begin', options.begin && basename(options.begin)],
  ];
  const words = named.flatMap(([name, value]) => (value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)]));
  return ['antiphon', 'train', ...folders.map((each) => basename(each)), ...words].join(' ');
};

/** @throws AntiphonError `train.weigh` */
const weightsOf = (rows: readonly string[]): Record<string, number> =>
  Object.fromEntries(rows.map((row) => {
    const [name = '', times = ''] = row.split('=');
    if (name === '' || times === '' || !(Number(times) >= 0)) throw new AntiphonError('train.weigh', 'Not a data set and how often it is heard', row, 'For example js-fakes=0.25.');
    return [name, Number(times)];
  }));

/** @throws AntiphonError `train.attention` */
const attentionOf = (text: string | undefined): Attention | undefined => {
  if (text === undefined) return undefined;
  const [window = 0, size = 0, heads = 0, ...more] = text.split(',').map(Number);
  const whole = [window, size, heads].every((n) => Number.isInteger(n) && n > 0) && more.length === 0 && size % heads === 0;
  if (!whole) throw new AntiphonError('train.attention', 'Not a window, a size and a number of heads that divides it', text, 'For example 256,64,4.');
  return { window, size, heads };
};

/** The shape that is asked for. @throws AntiphonError `train.layers`, `train.attention` */
export const shapeOf = (encoding: Encoding, options: TrainOptions): Shape => {
  const layers = options.layers.split(',').map(Number);
  if (!layers.every((units) => Number.isInteger(units) && units > 0)) throw new AntiphonError('train.layers', 'Not a list of unit counts', options.layers, 'For example 256,256.');
  const attention = attentionOf(options.attention);
  return { kind: options.cell, parts: encoding.parts, embedding: options.embedding, layers, head: options.head, ...(options.deep > 0 ? { deep: options.deep } : {}), ...(options.skip ? { skip: true } : {}), ...(attention ? { attention } : {}) };
};

/** Everything that decides the run, of a model of that shape. @throws AntiphonError `train.weigh` */
export const settingsOf = (shape: Shape, options: TrainOptions): TrainSettings => {
  const { steps, length, rows, rate, decay, averaged, seed, every, patience } = options;
  const dropout: Dropout = { input: options.inputDropout, between: options.dropout, recurrent: options.recurrentDropout };
  return { shape, steps, length, rows, rate, dropout, decay, averaged, seed, every, patience, ...(options.tied ? { tied: true } : {}), ...(options.weigh.length > 0 ? { weights: weightsOf(options.weigh) } : {}), ...(options.dropVoices > 0 ? { dropVoices: options.dropVoices } : {}), ...(options.forget === FORGOTTEN ? {} : { forgetting: options.forget }) };
};
