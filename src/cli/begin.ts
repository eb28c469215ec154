import { basename } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import type { ModelCard } from '../model/checkpoint.ts';
import { sizeOf, weightShapes, type Shape, type Weights } from '../model/shape.ts';
import { toldParts, type AnyEncodingName, type Encoding } from '../music/encodings.ts';
import { KEPT } from '../training/split.ts';
import { loadModel, modelHash } from './models.ts';
import type { TrainOptions } from './train-options.ts';

/** What a training begins with. */
export interface Beginning {
  readonly weights: Weights;
  /** The model they are of, for the card of what becomes of it. */
  readonly base: { readonly name: string; readonly hash: string; readonly encodingHash: string; readonly training: ModelCard['training'] };
}

type Sides = Pick<TrainOptions, 'seed' | 'mixed' | 'kept'>;

/** What decides which pieces a model learnt from. */
const sidesOf = (folders: readonly string[], { seed, mixed, kept }: Partial<Sides>): string =>
  JSON.stringify([folders.map((each) => basename(each)).toSorted(), seed, mixed ?? false, kept ?? KEPT]);

/**
 * The weights of a model to train on: of the same shape, but that it may have been told less. What it does not know of means nothing at first, so
 * that training begins with the very model. It must have learnt from the same side of the same data sets: else pieces kept aside here were not kept from it.
 * @throws AntiphonError `train.begin`, `model.name` and what else a damaged model throws
 */
export const beginWith = (model: string, encoding: Encoding<AnyEncodingName>, shape: Shape, folders: readonly string[], sides: Sides): Beginning => {
  const { card, weights } = loadModel(model);
  const { training } = card;
  const refuse = (what: string, value: unknown, help: string): AntiphonError => new AntiphonError('train.begin', what, value, help);
  if (card.encoding !== encoding.name) throw refuse(`A ${encoding.name} model cannot begin with one of another encoding`, card.encoding, `Give a ${encoding.name} model, or --encoding ${card.encoding}.`);
  const learnt = Array.isArray(training['folders']) ? sidesOf(training['folders'].map(String), training as Partial<Sides>) : 'other files';
  if (learnt !== sidesOf(folders, sides)) throw refuse('The model to begin with learnt from other pieces, and may know some that are kept aside here', model, `Its data sets, seed, mixed and kept: ${learnt}; here: ${sidesOf(folders, sides)}.`);
  const otherShape = (weight: string): AntiphonError => refuse('The model to begin with has another shape: its weights differ from those wanted in', weight, `It was made by: ${String(training['command'])}`);
  const untold = new Set(toldParts(encoding).map(({ name }) => `embed/${name}`));
  const begun = new Map<string, Float32Array>();
  for (const row of weightShapes(shape)) {
    const size = sizeOf(row.shape);
    const own = weights.get(row.name) ?? (untold.has(row.name) ? new Float32Array(size) : undefined);
    if (own?.length !== size) throw otherShape(row.name);
    begun.set(row.name, own);
  }
  for (const name of weights.keys()) if (!begun.has(name)) throw otherShape(name);
  return { weights: begun, base: { name: card.name, hash: modelHash(model), encodingHash: card.encodingHash, training } };
};
