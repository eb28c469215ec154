import { join } from 'node:path';
import type { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import { findTensorFlow, loadTensorFlow } from '../engine/tensorflow.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { projectFolder } from './models.ts';
import { trainAgain } from './train-again.ts';
import { trainModel, type Workshop } from './train-model.ts';
import { addTrainOptions, type TrainOptions } from './train-options.ts';
import { trainPersonal } from './train-personal.ts';
import { stopOnSignal } from './train-progress.ts';

export const trainCommand = (program: Command): void => {
  const command = program
    .command('train')
    .description('train a model on folders of MIDI; begun again with the same options it goes on where it stopped')
    .argument('<folders...>', 'folders of MIDI files; melody and harmony also read JSON')
    .option('--again <model>', 'train a model again as its card says, and what it began with before it; the folders are where its data sets lie');
  addTrainOptions(command)
    .addHelpText('after', '\nExamples:\n  $ antiphon train ../shared/data/folk --encoding melody --steps 3000\n  $ antiphon train --from performance recordings --name mine\n  $ antiphon train --again drums ../shared/data\n')
    .action(run);
};

const run = async (folders: string[], options: TrainOptions & { readonly again?: string }, command: Command): Promise<void> => {
  const said = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  let stopped: (() => boolean) | undefined;
  const workshop: Workshop = {
    // Reading ends at once when it is interrupted: from here on, the step in hand is finished.
    engine: () => {
      stopped ??= stopOnSignal();
      return loadTensorFlow();
    },
    stop: () => stopped?.() ?? false,
  };
  if (options.again !== undefined) {
    if (!findTensorFlow()) loadTensorFlow();
    return trainAgain(folders, options.again, options, said, workshop);
  }
  if (options.from !== undefined) return trainPersonal(folders, options.from, options, said);
  if (options.begin !== undefined && options.folds !== undefined) throw new AntiphonError('train.begin', 'Folds are trained from nothing: what begins with a model knows every fold', `--begin ${options.begin}`, 'Leave out --begin or --folds.');
  if (!findTensorFlow()) loadTensorFlow();
  const encoding = encodingOf<AnyEncodingName>(options.encoding);
  const name = options.name ?? encoding.name;
  await trainModel({ name, encoding, folders, options, place: projectFolder(join('models', name)), run: options.run ?? join('.runs', name) }, workshop);
};
