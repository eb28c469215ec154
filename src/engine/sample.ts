import { coins, keyOf } from '../core/rng.ts';
import { sizeOf, weightShapes, type Shape, type Weights } from '../model/shape.ts';

/** A model's shape where none is at hand: that of `performance` with the usual two layers of 256. */
export const SAMPLE: Shape = {
  kind: 'lstm',
  parts: [{ name: 'what', inputs: 259, outputs: 258 }, { name: 'time', inputs: 100, outputs: 100 }, { name: 'velocity', inputs: 33, outputs: 32 }],
  embedding: 192,
  layers: [256, 256],
  head: 256,
};

/** Weights drawn evenly from ±`range`: they say nothing, and cost what trained ones do. */
export const sampleWeights = (shape: Shape, seed: number, range = 0.1): Weights =>
  new Map(weightShapes(shape).map(({ name, shape: sides }, i) => {
    const coin = coins(keyOf(seed, i));
    return [name, Float32Array.from({ length: sizeOf(sides) }, () => (2 * coin() - 1) * range)];
  }));
