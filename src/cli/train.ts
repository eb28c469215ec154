import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { findTensorFlow, loadTensorFlow } from '../engine/tensorflow.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { eventsOf } from '../training/piece.ts';
import { KEPT, splitOf } from '../training/split.ts';
import { train } from '../training/train.ts';
import { beginWith } from './begin.ts';
import { evaluatePieces } from './evaluate.ts';
import { gather } from './gather.ts';
import { asStored, projectFolder, saveModel } from './models.ts';
import { say } from './terminal.ts';
import { trainFolds } from './train-folds.ts';
import { addTrainOptions, commandOf, settingsOf, shapeOf, type TrainOptions } from './train-options.ts';
import { trainPersonal } from './train-personal.ts';
import { sayProgress, stopOnSignal } from './train-progress.ts';

export const trainCommand = (program: Command): void => {
  const command = program
    .command('train')
    .description('train a model on folders of MIDI; begun again with the same options it goes on where it stopped')
    .argument('<folders...>', 'folders of MIDI files; melody and harmony also read JSON');
  addTrainOptions(command)
    .addHelpText('after', '\nExamples:\n  $ antiphon train ../shared/data/folk --encoding melody --steps 3000\n  $ antiphon train --from performance recordings --name mine\n')
    .action(run);
};

const run = async (folders: string[], options: TrainOptions, command: Command): Promise<void> => {
  if (options.from !== undefined) return trainPersonal(folders, options.from, options, (name) => command.getOptionValueSource(name) === 'cli');
  const encoding = encodingOf<AnyEncodingName>(options.encoding);
  const name = options.name ?? encoding.name;
  if (options.begin !== undefined && options.folds !== undefined) throw new AntiphonError('train.begin', 'Folds are trained from nothing: what begins with a model knows every fold', `--begin ${options.begin}`, 'Leave out --begin or --folds.');
  if (!findTensorFlow()) loadTensorFlow();
  const shape = shapeOf(encoding, options);
  const begun = options.begin === undefined ? undefined : beginWith(options.begin, encoding, shape, folders, options);
  const corpus = await gather(encoding.name, folders);
  for (const { file, reason } of corpus.refused) say(`left out ${file}: ${reason}`);
  const settings = { ...settingsOf(shape, options), ...(begun ? { from: begun.base.hash } : {}) };
  const engine = loadTensorFlow();
  const stopped = stopOnSignal();
  const folder = options.run ?? join('.runs', name);
  if (options.folds !== undefined) return trainFolds(engine, encoding, corpus.pieces, options.folds, settings, folder, stopped);
  const split = splitOf(corpus.pieces, options.seed, { mixed: options.mixed === true, kept: options.kept });
  if (split.tune === split.report) say('the data set\'s own split has no third side: what is reported is also what training stops by');
  for (const [side, pieces] of Object.entries(split)) {
    say(`${side}: ${pieces.length} pieces, ${eventsOf(pieces)} events`);
    if (pieces.length === 0 && !(side === 'tune' && options.kept === 0)) throw new AntiphonError('train.split', 'No piece left for', side, 'Give more files: a split needs some twenty pieces.');
  }
  // A floor's order is chosen too: on pieces that are kept from the floor, where all of them trained the model.
  const floors = split.tune.length > 0 ? split : splitOf(corpus.pieces, options.seed, { mixed: options.mixed === true });
  const result = await train(engine, encoding, split, settings, folder, sayProgress, stopped, begun?.weights);
  if (stopped()) return;
  say('judging on the report split, beside floors');
  const report = await evaluatePieces(engine.tf, engine.raw, { name, encoding, shape, weights: asStored(shape, result.weights) }, split.report, { split: floors, floorSymbols: options.floorSymbols, seed: options.seed });
  const place = projectFolder(join('models', name));
  saveModel(place, {
    name,
    encoding: encoding.name,
    encodingHash: encoding.hash,
    shape,
    training: {
      command: commandOf(folders, options),
      ...(begun ? { base: begun.base } : {}),
      folders: folders.map((each) => basename(each)),
      licences: options.licence,
      pieces: split.train.length,
      events: eventsOf(split.train),
      ...settings,
      ...(options.mixed ? { mixed: true } : {}),
      ...(options.kept === KEPT ? {} : { kept: options.kept }),
      shape: undefined,
      stepsDone: result.steps,
      hours: Number((result.seconds / 3600).toFixed(2)),
      epochs: Number(result.epochs.toFixed(2)),
      curve: result.curve.filter((_, i) => i % Math.ceil(result.curve.length / 24) === 0 || i === result.curve.length - 1),
    },
    report: { ...report },
  }, result.weights);
  say(JSON.stringify(report, null, 1));
  say(`saved ${place}`);
};
