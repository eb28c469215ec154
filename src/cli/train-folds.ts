import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Encoding } from '../music/encodings.ts';
import { crossValidate, type Spread } from '../training/cross-validate.ts';
import { foldsOf, splitsOf } from '../training/folds.ts';
import type { Piece } from '../training/piece.ts';
import type { TrainSettings } from '../training/train.ts';
import { say } from './terminal.ts';

const spread = ({ mean, deviation }: Spread): string => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;

/** `train --folds`: cross-validates under `folder`, prints each fold and what they say together, and writes that to `folds.json` there. */
export const trainFolds = async (engine: { readonly tf: Tf; readonly raw: Raw | null }, encoding: Encoding, pieces: readonly Piece[], count: number, settings: TrainSettings, folder: string, stop: () => boolean): Promise<void> => {
  const splits = splitsOf(foldsOf(pieces, count, settings.seed), settings.seed);
  const result = await crossValidate(engine, encoding, splits, settings, folder, {
    progress: (fold, { step, steps, train, tune, eventsPerSecond, secondsLeft }) =>
      say(`fold ${fold}/${count}  step ${step}/${steps}  train ${train.toFixed(4)}${tune === null ? '' : `  tune ${tune.toFixed(4)}`}  ${Math.round(eventsPerSecond)} events/s  ${Math.ceil(secondsLeft / 60)} min left of it`),
    fold: ({ fold, pieces: held, nllPerEvent, nllPerNote }) => say(`fold ${fold}/${count}: ${nllPerEvent.toFixed(4)} nats an event, ${nllPerNote.toFixed(4)} a note, on ${held} pieces`),
    stop,
  });
  if (!result) return;
  const file = join(folder, 'folds.json');
  writeFileSync(`${file}.new`, `${JSON.stringify({ encoding: encoding.name, settings, ...result }, null, 1)}\n`);
  renameSync(`${file}.new`, file);
  process.stdout.write(`${count} folds: ${spread(result.nllPerEvent)} nats an event, ${spread(result.nllPerNote)} a note (mean and standard deviation); written to ${file}\n`);
};
