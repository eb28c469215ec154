import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { coins } from '../../src/core/rng.ts';
import type { Raw, Tf } from '../../src/engine/tensorflow.ts';
import type { Shape } from '../../src/model/shape.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { judgingBatches } from '../../src/training/batches.ts';
import { free, held, openMemory, tensorsOf } from '../../src/training/memory.ts';
import { Network, WHOLE } from '../../src/training/network.ts';
import { randomWeights } from '../model/shape.ts';
import { syntheticPiece } from '../../src/training/synthetic.ts';

/** The encoding that the stored gradients are of. */
const encoding = encodingOf('performance', 'performance-1');

/** Every way a model can be built, and all of them at once. */
export const BUILDS: Readonly<Record<string, Partial<Shape>>> = {
  'an LSTM stack': {},
  'a GRU stack': { kind: 'gru' },
  'deep heads': { deep: 2 },
  'heads that see the event': { skip: true },
  attention: { attention: { window: 24, size: 8, heads: 2 } },
  'all at once': { kind: 'gru', deep: 1, skip: true, attention: { window: 70, size: 12, heads: 3 } },
};

/** A small model of that build. */
export const shapeOf = (build: string): Shape => ({ kind: 'lstm', parts: encoding.parts, embedding: 12, layers: [16, 8], head: 10, ...(BUILDS[build] as Partial<Shape>) });

/** Losses, and of the last batch gradients and states, by name: those hang on all that came before. */
export const passesOf = async (tf: Tf, raw: Raw | null, shape: Shape): Promise<[string, Float32Array][]> => {
  const rows = 4;
  const pieces = Array.from({ length: rows }, (_, i) => syntheticPiece(encoding, 50 + 4 * i, i));
  const network = new Network(tf, raw, shape, 3);
  // Larger than those it begins with: every gate then bends, and attention finds something.
  network.load(randomWeights(shape, 9));
  const memory = openMemory(tf, shape, rows);
  const out: [string, Float32Array][] = [];
  const put = async (name: string, tensor: Tensor | undefined): Promise<void> => void out.push([name, Float32Array.from((await tensor?.data()) ?? [])]);
  let b = 0;
  let last: Readonly<Record<string, Tensor>> = {};
  for (const { batch } of judgingBatches(encoding, pieces, rows, 32)) {
    const before = held(memory);
    const { value, grads } = tf.variableGrads(() => tf.div(network.losses(batch, memory, WHOLE, 0).reduce((sum, each) => tf.add(sum, each)), 100) as Scalar, [...network.variables.values()]);
    free(before);
    await put(`loss ${b++}`, value);
    last = grads;
  }
  for (const [name, variable] of network.variables) await put(name, last[variable.name]);
  // Which piece an event is of is no result.
  for (const [name, tensor] of tensorsOf(memory)) if (name !== 'past/segments') await put(name, tensor);
  free(memory);
  network.dispose();
  return out;
};

/** Two numbers that every value of an array has a part in: its length as a vector, and what it comes to along a direction by chance. */
export type Told = readonly [length: number, along: number];

/** Those of each array that passes give. */
export const toldOf = (passes: readonly (readonly [string, Float32Array])[]): Record<string, Told> =>
  Object.fromEntries(passes.map(([name, values]) => {
    const coin = coins(values.length);
    let [squares, along] = [0, 0];
    for (const value of values) {
      squares += value * value;
      along += value * (2 * coin() - 1);
    }
    return [name, [Number(Math.sqrt(squares).toPrecision(6)), Number(along.toPrecision(6))]];
  }));

/** How far numbers are from those that are wanted, at most, as a share of the array's length. */
export const furthest = (found: Readonly<Record<string, Told>>, wanted: Readonly<Record<string, Told>>): number =>
  Math.max(...Object.entries(wanted).map(([name, [length, along]]) => {
    const [otherLength, otherAlong] = found[name] ?? [NaN, NaN];
    return Math.max(Math.abs(otherLength - length), Math.abs(otherAlong - along)) / Math.max(length, 1e-6);
  }));
