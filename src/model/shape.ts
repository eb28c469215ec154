import { AntiphonError } from '../core/errors.ts';
import type { Part } from '../core/part.ts';

/**
 * An LSTM stack over events of several parts. Every part is embedded and the sum is what the stack is fed; each part has a small
 * head that sees the stack's output and those of the other parts that are already known (any subset of them): the last row of a
 * `given` table stands for "not known". Parts that are only fed have no head.
 */
export interface Shape {
  readonly kind: 'lstm';
  readonly parts: readonly Part[];
  readonly embedding: number;
  readonly layers: readonly number[];
  readonly head: number;
}

/** The parts that are asked, which have heads and are told of one another. */
export const askedParts = (parts: readonly Part[]): readonly Part[] => parts.filter(({ outputs }) => outputs > 0);

/** Name and shape of every weight, in the order they are stored. Gates lie i, c, f, o, as TensorFlow's `BlockLSTM` has them. */
export const weightShapes = (shape: Shape): readonly { readonly name: string; readonly shape: readonly number[] }[] => {
  const rows: { name: string; shape: number[] }[] = [];
  for (const part of shape.parts) rows.push({ name: `embed/${part.name}`, shape: [part.inputs, shape.embedding] });
  let inputs = shape.embedding;
  shape.layers.forEach((units, i) => {
    rows.push({ name: `lstm${i}/kernel`, shape: [inputs + units, 4 * units] }, { name: `lstm${i}/bias`, shape: [4 * units] });
    inputs = units;
  });
  const asked = askedParts(shape.parts);
  for (const part of asked) {
    rows.push({ name: `head/${part.name}/kernel`, shape: [inputs, shape.head] }, { name: `head/${part.name}/bias`, shape: [shape.head] });
    for (const other of asked) if (other !== part) rows.push({ name: `head/${part.name}/given/${other.name}`, shape: [other.inputs + 1, shape.head] });
    rows.push({ name: `head/${part.name}/out`, shape: [shape.head, part.outputs] }, { name: `head/${part.name}/outBias`, shape: [part.outputs] });
  }
  return rows;
};

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Weights by name, as float32. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** @throws AntiphonError `model.weights` where a weight is missing or has another size */
export const checkWeights = (shape: Shape, weights: Weights): void => {
  for (const { name, shape: wanted } of weightShapes(shape)) {
    const found = weights.get(name)?.length ?? 0;
    if (found !== sizeOf(wanted)) throw new AntiphonError('model.weights', `Weight ${name} should hold ${sizeOf(wanted)} numbers and holds`, found, 'The model folder is incomplete or of another version; train it again.');
  }
};
