import { attend } from './attention.ts';
import type { ModelState, Predictor, Request } from './predictor.ts';
import { toldOf } from '../core/part.ts';
import { askedParts, cellMemory, GATES, sizeOf, type Shape, type Weights } from './shape.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * The model written out in plain loops over doubles: slow, and what every engine is checked against. The cells are those of
 * Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), and of Cho et al. (2014).
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
    const { parts, embedding, layers, head, kind, skip } = this.shape;
    const fed: Float64Array = Float64Array.from({ length: embedding }, (_, i) => parts.reduce((sum, { name }, p) => sum + this.row(`embed/${name}`, event[p] as number, embedding, i), 0));
    let x: Float64Array = fed;
    let at = 0;
    layers.forEach((units, layer) => {
      if (kind === 'lstm') x = this.lstm(layer, x, state.memory.subarray(at, at + units), state.memory.subarray(at + units, at + 2 * units));
      else x = this.gru(layer, x, state.memory.subarray(at, at + units));
      at += kind === 'lstm' ? 2 * units : units;
    });
    const seen = Float64Array.from([...x, ...this.found(state, x), ...(skip ? fed : [])]);
    askedParts(parts).forEach(({ name }, p) => state.heads.set(this.product(`head/${name}/kernel`, seen, head, `head/${name}/bias`), p * head));
    return null;
  }

  private lstm(layer: number, x: Float64Array, h: Float32Array, c: Float32Array): Float64Array {
    const units = h.length;
    const gates = this.product(`lstm${layer}/kernel`, Float64Array.from([...x, ...h]), 4 * units, `lstm${layer}/bias`);
    const gate = (which: number, u: number): number => gates[which * units + u] as number;
    const out = Float64Array.from({ length: units }, (_, u) => {
      const cell = sigmoid(gate(2, u)) * (c[u] as number) + sigmoid(gate(0, u)) * Math.tanh(gate(1, u));
      c[u] = cell;
      return sigmoid(gate(3, u)) * Math.tanh(cell);
    });
    h.set(out);
    return out;
  }

  private gru(layer: number, x: Float64Array, h: Float32Array): Float64Array {
    const units = h.length;
    const product = (past: ArrayLike<number>): Float64Array => this.product(`gru${layer}/kernel`, Float64Array.from([...x, ...Array.from(past)]), GATES.gru * units, `gru${layer}/bias`);
    const gates = product(h);
    const candidates = product(Float64Array.from(h, (value, u) => value * sigmoid(gates[u] as number)));
    const out = Float64Array.from(h, (value, u) => {
      const update = sigmoid(gates[units + u] as number);
      return update * value + (1 - update) * Math.tanh(candidates[2 * units + u] as number);
    });
    h.set(out);
    return out;
  }

  /** What attention finds for the stack's output; it moves the window. */
  private found(state: ModelState, top: Float64Array): Float32Array {
    const { attention } = this.shape;
    const found = new Float32Array(attention?.size ?? 0);
    if (!attention) return found;
    const [query, key, value] = ['query', 'key', 'value'].map((name) => Float32Array.from(this.product(`attention/${name}`, top, attention.size, null))) as [Float32Array, Float32Array, Float32Array];
    attend(attention, this.weights.get('attention/lag') as Float32Array, state.memory.subarray(cellMemory(this.shape)), query, key, value, found);
    return found;
  }

  private query(state: ModelState, part: number, given: readonly number[]): Float32Array {
    const { parts, head, deep } = this.shape;
    const { name, outputs } = parts[part] as Shape['parts'][number];
    let hidden = Float64Array.from({ length: head }, (_, i) => {
      const own = state.heads[part * head + i] as number;
      const told = askedParts(parts).reduce((sum, other, q) => {
        const known = given[q] ?? -1;
        return q === part ? sum : sum + this.row(`head/${name}/given/${other.name}`, known < 0 ? toldOf(other) : known, head, i);
      }, 0);
      return Math.tanh(own + told);
    });
    for (let layer = 0; layer < (deep ?? 0); layer++) {
      const added = this.product(`head/${name}/deep${layer}/kernel`, hidden, head, `head/${name}/deep${layer}/bias`);
      hidden = hidden.map((value, i) => value + Math.tanh(added[i] as number));
    }
    return Float32Array.from(this.product(`head/${name}/out`, hidden, outputs, `head/${name}/outBias`));
  }

  private row(name: string, row: number, width: number, i: number): number {
    return (this.weights.get(name) as Float32Array)[row * width + i] as number;
  }

  private product(name: string, x: Float64Array, columns: number, bias: string | null): Float64Array {
    const kernel = this.weights.get(name) as Float32Array;
    const out = bias === null ? new Float64Array(columns) : Float64Array.from(this.weights.get(bias) as Float32Array);
    if (kernel.length !== sizeOf([x.length, columns])) throw new RangeError(`${name} is not ${x.length} by ${columns}`);
    for (let i = 0; i < x.length; i++) for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + (x[i] as number) * (kernel[i * columns + j] as number);
    return out;
  }
}
