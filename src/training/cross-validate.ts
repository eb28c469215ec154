import { join } from 'node:path';
import { mean, standardDeviation } from '../core/statistics.ts';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Encoding } from '../music/encodings.ts';
import { judge } from './judge.ts';
import { Network } from './network.ts';
import type { Split } from './split.ts';
import { train, type Progress, type TrainSettings } from './train.ts';

/** What one fold's model makes of the pieces kept out of it; natural logarithms. */
export interface FoldResult {
  readonly fold: number;
  readonly pieces: number;
  readonly events: number;
  readonly steps: number;
  readonly nllPerEvent: number;
  readonly nllPerNote: number;
}

/** Mean over the folds, and their standard deviation. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Every fold, and what they say together. */
export interface CrossValidation {
  readonly folds: readonly FoldResult[];
  readonly nllPerEvent: Spread;
  readonly nllPerNote: Spread;
}

/** What folds say together. */
export const spreadOf = (folds: readonly FoldResult[]): CrossValidation => {
  const over = (of: (fold: FoldResult) => number): Spread => ({ mean: mean(folds.map(of)), deviation: standardDeviation(folds.map(of)) });
  return { folds, nllPerEvent: over((fold) => fold.nllPerEvent), nllPerNote: over((fold) => fold.nllPerNote) };
};

/** How a cross-validation tells of itself, and is stopped. */
export interface Told {
  readonly progress: (fold: number, progress: Progress) => void;
  readonly fold: (result: FoldResult) => void;
  readonly stop: () => boolean;
}

/**
 * Trains a model for each split in a run folder of its own under `folder`, and judges it on the split's report side; begun again it goes
 * on where it stopped. Null where it was stopped before the end.
 *
 * @throws AntiphonError `train.resume`
 */
export const crossValidate = async (engine: { readonly tf: Tf; readonly raw: Raw | null }, encoding: Encoding, splits: readonly Split[], settings: TrainSettings, folder: string, told: Told): Promise<CrossValidation | null> => {
  const folds: FoldResult[] = [];
  for (const [i, split] of splits.entries()) {
    const fold = i + 1;
    // The count belongs to the name: a fold of another number of folds is another run.
    const run = join(folder, `fold-${fold}-of-${splits.length}`);
    const { weights, steps } = await train(engine, encoding, split, settings, run, (progress) => told.progress(fold, progress), told.stop);
    if (told.stop()) return null;
    const network = new Network(engine.tf, engine.raw, settings.shape, 0);
    network.load(weights);
    const { events, nllPerEvent, nllPerNote } = await judge(engine.tf, network, encoding, split.report);
    network.dispose();
    const result = { fold, pieces: split.report.length, events, steps, nllPerEvent, nllPerNote };
    told.fold(result);
    folds.push(result);
  }
  return spreadOf(folds);
};
