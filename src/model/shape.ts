import { AntiphonError } from '../core/errors.ts';
import { toldOf, type Part } from '../core/part.ts';

/** Attention over the last `window` events: `heads` of them side by side, `size` numbers in all. */
export interface Attention {
  readonly window: number;
  readonly size: number;
  readonly heads: number;
}

/**
 * An LSTM or GRU stack over events of several parts. Every part is embedded and the sum is what the stack is fed; each part has a small
 * head that sees the stack's output and those of the other parts that are already known (any subset of them): the last row of a
 * `given` table stands for "not known". Parts that are only fed have no head.
 */
export interface Shape {
  readonly kind: 'lstm' | 'gru';
  readonly parts: readonly Part[];
  readonly embedding: number;
  readonly layers: readonly number[];
  readonly head: number;
  /** Layers that each head has after its first, each added to what it is given; none by default. */
  readonly deep?: number;
  /** Whether the heads see the event that was fed beside what the stack makes of it. */
  readonly skip?: boolean;
  readonly attention?: Attention;
}

/** The parts that are asked, which have heads and are told of one another. */
export const askedParts = (parts: readonly Part[]): readonly Part[] => parts.filter(({ outputs }) => outputs > 0);

/** Gates of a cell, as the columns of its kernel lie: i, c, f, o as TensorFlow's `BlockLSTM` has them; r, u, c as its `GRUBlockCell` has. */
export const GATES = { lstm: 4, gru: 3 } as const;

/** What attention makes of the stack's output: a query of the present, and of each past event a key and a value. */
export const ATTENTION = ['query', 'key', 'value'] as const;

/** Numbers that a head's first layer sees: the stack's output, then what attention found, then the event. */
export const headInputs = ({ layers, attention, skip, embedding }: Shape): number => (layers.at(-1) as number) + (attention?.size ?? 0) + (skip ? embedding : 0);

/** Numbers of one layer's state for a unit: h and c, or h alone. */
export const CELL_STATES = { lstm: 2, gru: 1 } as const;

/** Numbers that the cells of a stack remember, one layer after another. */
export const cellMemory = ({ kind, layers }: Shape): number => CELL_STATES[kind] * layers.reduce((sum, units) => sum + units, 0);

/** Numbers that a streaming state remembers: its cells, then for attention its place in the window, the last key, and the window's keys and values. */
export const memoryOf = (shape: Shape): number => {
  const { attention } = shape;
  return cellMemory(shape) + (attention ? 1 + attention.size + 2 * attention.window * attention.size : 0);
};

/** Name and shape of every weight, in the order they are stored. */
export const weightShapes = (shape: Shape): readonly { readonly name: string; readonly shape: readonly number[] }[] => {
  const rows: { name: string; shape: number[] }[] = [];
  for (const part of shape.parts) rows.push({ name: `embed/${part.name}`, shape: [part.inputs, shape.embedding] });
  let inputs = shape.embedding;
  const gates = GATES[shape.kind];
  shape.layers.forEach((units, i) => {
    rows.push({ name: `${shape.kind}${i}/kernel`, shape: [inputs + units, gates * units] }, { name: `${shape.kind}${i}/bias`, shape: [gates * units] });
    inputs = units;
  });
  const { attention } = shape;
  if (attention) {
    for (const name of ATTENTION) rows.push({ name: `attention/${name}`, shape: [inputs, attention.size] });
    rows.push({ name: 'attention/lag', shape: [attention.window, attention.heads] });
  }
  inputs = headInputs(shape);
  const asked = askedParts(shape.parts);
  for (const part of asked) {
    rows.push({ name: `head/${part.name}/kernel`, shape: [inputs, shape.head] }, { name: `head/${part.name}/bias`, shape: [shape.head] });
    for (const other of asked) if (other !== part) rows.push({ name: `head/${part.name}/given/${other.name}`, shape: [toldOf(other) + 1, shape.head] });
    for (let i = 0; i < (shape.deep ?? 0); i++) rows.push({ name: `head/${part.name}/deep${i}/kernel`, shape: [shape.head, shape.head] }, { name: `head/${part.name}/deep${i}/bias`, shape: [shape.head] });
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
