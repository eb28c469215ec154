import type { Predictor, Request } from '../model/predictor.ts';
import type { Shape } from '../model/shape.ts';

/**
 * An engine whose every batch takes `factor` times as long: what an overloaded machine is to a performance, on purpose. It waits as an
 * engine computes, on its thread and to the exclusion of all else there; it needs no processor to do so.
 */
export class Slowed implements Predictor {
  private readonly predictor: Predictor;
  private readonly factor: number;
  private readonly never = new Int32Array(new SharedArrayBuffer(4));

  constructor(predictor: Predictor, factor: number) {
    this.predictor = predictor;
    this.factor = factor;
  }

  get shape(): Shape {
    return this.predictor.shape;
  }

  async submit(batch: readonly Request[]): ReturnType<Predictor['submit']> {
    const began = performance.now();
    const answers = await this.predictor.submit(batch);
    Atomics.wait(this.never, 0, 0, (this.factor - 1) * (performance.now() - began));
    return answers;
  }

  close(): void {
    this.predictor.close();
  }
}
