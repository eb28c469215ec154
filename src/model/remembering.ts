import { softmax } from './cache.ts';
import type { ModelState, Predictor, Request } from './predictor.ts';
import { CELL_STATES, cellMemory, type Shape } from './shape.ts';

/** Where the last layer's output lies in a state's memory. */
export const topOf = (shape: Shape, { memory }: ModelState): Float32Array => {
  const units = shape.layers.at(-1) as number;
  const from = cellMemory(shape) - CELL_STATES[shape.kind] * units;
  return memory.subarray(from, from + units);
};

/** A predictor that keeps the caches of states that have one, and mixes their vote in where a query asks for it: then its answers are logarithms of the mixture. */
export class Remembering implements Predictor {
  private readonly predictor: Predictor;

  constructor(predictor: Predictor) {
    this.predictor = predictor;
  }

  get shape(): Shape {
    return this.predictor.shape;
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    const answers = await this.predictor.submit(batch);
    return batch.map((request, i) => {
      const { state } = request;
      if (request.kind === 'feed') {
        state.cache?.feed(request.event, topOf(this.shape, state));
        return null;
      }
      const logits = answers[i] as Float32Array;
      if (!state.cache || !request.cache || request.cache.weight <= 0) return logits;
      const probabilities = softmax(logits);
      state.cache.mix(probabilities, request.part, request.given, request.cache);
      return Float32Array.from(probabilities, Math.log);
    });
  }

  close(): void {
    this.predictor.close();
  }
}
