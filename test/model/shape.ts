import { coins, keyOf } from '../../src/core/rng.ts';
import { sizeOf, weightShapes, type Shape, type Weights } from '../../src/model/shape.ts';

/** A model of two parts, small enough to check by hand; the first has a mark that is fed and never predicted. */
export const TINY: Shape = { kind: 'lstm', parts: [{ name: 'what', inputs: 5, outputs: 4 }, { name: 'time', inputs: 3, outputs: 3 }], embedding: 3, layers: [4, 3], head: 4 };

/** Weights between −1 and 1, always the same for a key. */
export const randomWeights = (shape: Shape, key: number): Weights =>
  new Map(weightShapes(shape).map(({ name, shape: size }, i) => {
    const coin = coins(keyOf(key, i));
    return [name, Float32Array.from({ length: sizeOf(size) }, () => 2 * coin() - 1)];
  }));
