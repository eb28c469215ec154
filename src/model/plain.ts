import type { ModelState, Predictor, Request } from './predictor.ts';
import { askedParts, sizeOf, type Shape, type Weights } from './shape.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * The model written out in plain loops over doubles: slow, and what every engine is checked against. The cell is that of
 * Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000).
 */
export class PlainPredictor implements Predictor {
  readonly shape: Shape;
  private readonly weights: Weights;

  constructor(shape: Shape, weights: Weights) {
    this.shape = shape;
    this.weights = weights;
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    return batch.map((request) => (request.kind === 'feed' ? this.feed(request.state, request.event) : this.query(request.state, request.part, request.given)));
  }

  close(): void {}

  private feed(state: ModelState, event: readonly number[]): null {
    const { parts, embedding, layers, head } = this.shape;
    let x = Float64Array.from({ length: embedding }, (_, i) => parts.reduce((sum, { name }, p) => sum + this.row(`embed/${name}`, event[p] as number, embedding, i), 0));
    let at = 0;
    layers.forEach((units, layer) => {
      const h = state.memory.subarray(at, at + units);
      const c = state.memory.subarray(at + units, at + 2 * units);
      at += 2 * units;
      const gates = this.product(`lstm${layer}/kernel`, Float64Array.from([...x, ...h]), 4 * units, `lstm${layer}/bias`);
      const gate = (which: number, u: number): number => gates[which * units + u] as number;
      x = Float64Array.from({ length: units }, (_, u) => {
        const cell = sigmoid(gate(2, u)) * (c[u] as number) + sigmoid(gate(0, u)) * Math.tanh(gate(1, u));
        c[u] = cell;
        return sigmoid(gate(3, u)) * Math.tanh(cell);
      });
      h.set(x);
    });
    askedParts(parts).forEach(({ name }, p) => state.heads.set(this.product(`head/${name}/kernel`, x, head, `head/${name}/bias`), p * head));
    return null;
  }

  private query(state: ModelState, part: number, given: readonly number[]): Float32Array {
    const { parts, head } = this.shape;
    const { name, outputs } = parts[part] as Shape['parts'][number];
    const hidden = Float64Array.from({ length: head }, (_, i) => {
      const own = state.heads[part * head + i] as number;
      const told = askedParts(parts).reduce((sum, other, q) => {
        const known = given[q] ?? -1;
        return q === part ? sum : sum + this.row(`head/${name}/given/${other.name}`, known < 0 ? other.inputs : known, head, i);
      }, 0);
      return Math.tanh(own + told);
    });
    return Float32Array.from(this.product(`head/${name}/out`, hidden, outputs, `head/${name}/outBias`));
  }

  private row(name: string, row: number, width: number, i: number): number {
    return (this.weights.get(name) as Float32Array)[row * width + i] as number;
  }

  private product(name: string, x: Float64Array, columns: number, bias: string): Float64Array {
    const kernel = this.weights.get(name) as Float32Array;
    const out = Float64Array.from(this.weights.get(bias) as Float32Array);
    if (kernel.length !== sizeOf([x.length, columns])) throw new RangeError(`${name} is not ${x.length} by ${columns}`);
    for (let i = 0; i < x.length; i++) for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + (x[i] as number) * (kernel[i * columns + j] as number);
    return out;
  }
}

