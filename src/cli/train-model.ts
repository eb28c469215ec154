import { basename } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { ModelCard } from '../model/checkpoint.ts';
import type { AnyEncodingName, Encoding } from '../music/encodings.ts';
import { eventsOf } from '../training/piece.ts';
import { KEPT, splitOf } from '../training/split.ts';
import { train } from '../training/train.ts';
import { beginWith } from './begin.ts';
import { evaluatePieces } from './evaluate.ts';
import { gather } from './gather.ts';
import { asStored, cardOf, saveModel } from './models.ts';
import { say } from './terminal.ts';
import { trainFolds } from './train-folds.ts';
import { commandOf, settingsOf, shapeOf, type TrainOptions } from './train-options.ts';
import { sayProgress } from './train-progress.ts';

/** One training: what is learnt, from which data sets, and where what comes of it lies. */
export interface Training {
  readonly name: string;
  readonly encoding: Encoding<AnyEncodingName>;
  readonly folders: readonly string[];
  readonly options: TrainOptions;
  /** Where the model is saved, and where its checkpoints lie. */
  readonly place: string;
  readonly run: string;
}

/** What a training runs on: asked for an engine once it needs one, and whether it is to stop. */
export interface Workshop {
  readonly engine: () => { readonly tf: Tf; readonly raw: Raw | null };
  readonly stop: () => boolean;
}

/**
 * Trains a model, judges it on the report split beside floors, and saves it; its card, or null where it was stopped or only cross-validated.
 * @throws AntiphonError `train.split`, `train.begin` and what its options, data sets and engine throw
 */
export const trainModel = async ({ name, encoding, folders, options, place, run }: Training, { engine: open, stop }: Workshop): Promise<ModelCard | null> => {
  const shape = shapeOf(encoding, options);
  const begun = options.begin === undefined ? undefined : beginWith(options.begin, encoding, shape, folders, options);
  const corpus = await gather(encoding.name, folders);
  for (const { file, reason } of corpus.refused) say(`left out ${file}: ${reason}`);
  const settings = { ...settingsOf(shape, options), ...(begun ? { from: begun.base.hash } : {}) };
  const engine = open();
  if (options.folds !== undefined) {
    await trainFolds(engine, encoding, corpus.pieces, options.folds, settings, run, stop);
    return null;
  }
  const split = splitOf(corpus.pieces, options.seed, { mixed: options.mixed === true, kept: options.kept });
  if (split.tune === split.report) say('the data set\'s own split has no third side: what is reported is also what training stops by');
  for (const [side, pieces] of Object.entries(split)) {
    say(`${side}: ${pieces.length} pieces, ${eventsOf(pieces)} events`);
    if (pieces.length === 0 && !(side === 'tune' && options.kept === 0)) throw new AntiphonError('train.split', 'No piece left for', side, 'Give more files: a split needs some twenty pieces.');
  }
  // A floor's order is chosen too: on pieces that are kept from the floor, where all of them trained the model.
  const floors = split.tune.length > 0 ? split : splitOf(corpus.pieces, options.seed, { mixed: options.mixed === true });
  const result = await train(engine, encoding, split, settings, run, sayProgress, stop, begun?.weights);
  if (stop()) return null;
  say('judging on the report split, beside floors');
  const report = await evaluatePieces(engine.tf, engine.raw, { name, encoding, shape, weights: asStored(shape, result.weights) }, split.report, { split: floors, floorSymbols: options.floorSymbols, seed: options.seed });
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
  return cardOf(place);
};
