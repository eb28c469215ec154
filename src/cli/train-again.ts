import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { AntiphonError } from '../core/errors.ts';
import type { ModelCard } from '../model/checkpoint.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { dataSetIn } from './data-set.ts';
import { cardOf, projectFolder } from './models.ts';
import { say } from './terminal.ts';
import { trainModel, type Training, type Workshop } from './train-model.ts';
import { addTrainOptions, type TrainOptions } from './train-options.ts';

/** One of the trainings that made a model, the first first, and the encoding as it was then. */
interface Making {
  /** Of what it made. */
  readonly name: string;
  readonly training: ModelCard['training'];
  readonly encodingHash: string;
}

const makingsOf = (making: Making): Making[] => {
  const base = making.training['base'] as Making | undefined;
  return [...(base ? makingsOf(base) : []), making];
};

/** What a card's command says, and the data sets it names. @throws AntiphonError `train.again` where it is none that can be given again */
const readCommand = (command: unknown): { readonly sets: readonly string[]; readonly options: TrainOptions } => {
  const words = typeof command === 'string' ? command.split(' ') : [];
  if (words[0] !== 'antiphon' || words[1] !== 'train' || words.includes('--from')) throw new AntiphonError('train.again', 'A model that was made by no command which can be given again', command, 'Models that are shipped can be; one of your own files is tuned again with --from.');
  const program = addTrainOptions(new Command().argument('<folders...>')).exitOverride().configureOutput({ writeErr: () => {} });
  try {
    program.parse(words.slice(2), { from: 'user' });
  } catch {
    throw new AntiphonError('train.again', 'A command that this Antiphon does not know any more', command, 'Train it with the Antiphon that made it.');
  }
  return { sets: program.args, options: program.opts<TrainOptions>() };
};

/** @throws AntiphonError `train.again` where a data set is in none of the folders */
const find = (set: string, folders: readonly string[]): string => {
  const place = folders.map((folder) => dataSetIn(folder, set)).find((each) => each !== undefined);
  if (place === undefined) throw new AntiphonError('train.again', `The model learnt from a data set that is not in ${folders.join(', ')}`, set, 'Give the folder that holds it.');
  return place;
};

/** What a command leaves unsaid and a card says. */
const unsaid = ({ licences, patience }: ModelCard['training']): Partial<TrainOptions> => ({
  ...(Array.isArray(licences) ? { licence: licences.map(String) } : {}),
  ...(typeof patience === 'number' ? { patience } : {}),
});

/** What is heeded beside what the card says. */
const HEEDED = ['again', 'name', 'run'];

/**
 * Trains a model again as its card says, what it began with first, each from the same data sets, seed and settings; `NAME-again` by
 * default. Begun again it goes on where it stopped. Then says what either's report is.
 * @throws AntiphonError `train.again` and what training throws
 */
export const trainAgain = async (folders: readonly string[], model: string, options: TrainOptions, said: (option: string) => boolean, workshop: Workshop, models = projectFolder('models')): Promise<void> => {
  const card = cardOf(model);
  const name = options.name ?? `${card.name}-again`;
  const decided = Object.keys(options).find((option) => said(option) && !HEEDED.includes(option));
  if (decided !== undefined) throw new AntiphonError('train.again', 'What the card decides already', `--${decided}`, `Leave it out: with --again, ${HEEDED.slice(1).map((each) => `--${each}`).join(' and ')} may be chosen.`);
  // It would be found there, made before.
  if (name === card.name) throw new AntiphonError('train.again', 'A model made again needs a name of its own', name, 'Give another --name.');
  const makings = makingsOf(card).map((making) => ({ ...making, ...readCommand(making.training['command']) }));
  const places = makings.map(({ sets }) => sets.map((set) => find(set, folders)));
  let begin: string | undefined;
  for (const [i, { name: called, training, encodingHash, options: own }] of makings.entries()) {
    const last = i === makings.length - 1;
    const run = join(options.run ?? join('.runs', name), ...(last ? [] : [`before-${makings.length - 1 - i}`]));
    // A command names the model it began with by the last word of its path.
    const place = last ? join(models, name) : join(run, called);
    if (makings.length > 1) say(`training ${i + 1} of ${makings.length}: ${String(training['command'])}`);
    const task: Training = {
      name: last ? name : called,
      encoding: encodingOf<AnyEncodingName>(card.encoding, encodingHash),
      folders: places[i] as string[],
      options: { ...own, ...unsaid(training), ...(begin === undefined ? {} : { begin }) },
      place,
      run,
    };
    const made = madeBefore(place, training) ?? (await trainModel(task, workshop));
    if (!made) return;
    for (const what of ['pieces', 'events']) if (made.training[what] !== training[what]) say(`other data: ${String(training[what])} ${what} then, ${String(made.training[what])} now`);
    begin = place;
    if (last) process.stdout.write(`${card.name}: ${figureOf(card)} nats an event on its report split; made again: ${figureOf(made)}\n`);
  }
};

/** A model that was made by the same command, where it was finished before training stopped. */
const madeBefore = (place: string, { command }: ModelCard['training']): ModelCard | null => {
  if (!existsSync(join(place, 'model.json'))) return null;
  const card = cardOf(place);
  return card.training['command'] === command ? card : null;
};

const figureOf = ({ report }: ModelCard): string => (report['nllPerEvent'] as number).toFixed(4);
