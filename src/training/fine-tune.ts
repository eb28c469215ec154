import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Weights } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { judge, type Judgement } from './judge.ts';
import { Network } from './network.ts';
import type { Split } from './split.ts';
import { train, type Progress, type TrainResult, type TrainSettings } from './train.ts';

/** A base model's weights gone on with, and what both say of the pieces kept aside. */
export interface FineTuned extends TrainResult {
  readonly before: Judgement;
  readonly after: Judgement;
}

/**
 * Goes on training `base` on a few pieces. What is kept is the best on the tuning side, the base itself among those compared, so that it
 * is never worse there. Begun again it goes on where it stopped; null where it was stopped.
 *
 * @param stored the weights as they come back from a model's folder: what is judged is what is kept
 * @throws AntiphonError `train.resume`
 */
export const fineTune = async (
  engine: { readonly tf: Tf; readonly raw: Raw | null },
  encoding: Encoding,
  base: Weights,
  split: Split,
  settings: TrainSettings,
  folder: string,
  report: (progress: Progress) => void,
  stop: () => boolean,
  stored: (weights: Weights) => Weights,
): Promise<FineTuned | null> => {
  const result = await train(engine, encoding, split, settings, folder, report, stop, base);
  if (stop()) return null;
  const network = new Network(engine.tf, engine.raw, settings.shape, 0);
  const judged = async (weights: Weights): Promise<Judgement> => {
    network.load(weights);
    return judge(engine.tf, network, encoding, split.report);
  };
  const [before, after] = [await judged(base), await judged(stored(result.weights))];
  network.dispose();
  return { ...result, before, after };
};
