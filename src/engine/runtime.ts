import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Predictor, Request } from '../model/predictor.ts';
import { askedParts, checkWeights, type Shape, type Weights } from '../model/shape.ts';
import { denseLater, denseNow, feedHere, feedOnEngine, type Cells, type Dense, type Stack } from './cells.ts';
import type { Tf } from './tensorflow.ts';

type Feed = Extract<Request, { kind: 'feed' }>;
type Query = Extract<Request, { kind: 'query' }>;

/**
 * A model on a TensorFlow.js backend: one code for all of them. What a step can know beforehand is folded when it loads: embeddings
 * and bias into the first layer's gates, and the first layers of all heads into one product.
 */
export class Runtime implements Predictor {
  readonly shape: Shape;
  private readonly tf: Tf;
  private readonly cells: Cells;
  private readonly gates: readonly Float32Array[];
  private readonly stack: Stack;
  private readonly given: readonly (readonly (Float32Array | null)[])[];
  private readonly out: readonly Dense[];

  /** @throws AntiphonError `model.weights` where weights and shape do not fit */
  static async open(tf: Tf, shape: Shape, weights: Weights, cells: Cells): Promise<Runtime> {
    checkWeights(shape, weights);
    const input = { kernel: tf.tensor2d((weights.get('lstm0/kernel') as Float32Array).subarray(0, inputSize(shape)), [shape.embedding, inputSize(shape) / shape.embedding]), bias: null };
    const gates: Float32Array[] = [];
    for (const { name, inputs } of shape.parts) gates.push(Float32Array.from(await denseLater(tf, weights.get(`embed/${name}`) as Float32Array, inputs, input)));
    input.kernel.dispose();
    const bias = weights.get('lstm0/bias') as Float32Array;
    const first = gates[0] as Float32Array;
    for (let i = 0; i < first.length; i++) first[i] = (first[i] as number) + (bias[i % bias.length] as number);
    return new Runtime(tf, shape, weights, cells, gates);
  }

  private constructor(tf: Tf, shape: Shape, weights: Weights, cells: Cells, gates: readonly Float32Array[]) {
    this.tf = tf;
    this.shape = shape;
    this.cells = cells;
    this.gates = gates;
    const { layers, head } = shape;
    const parts = askedParts(shape.parts);
    const of = (name: string): Float32Array => weights.get(name) as Float32Array;
    const matrix = (values: Float32Array, columns: number): Tensor2D => tf.tensor2d(values, [values.length / columns, columns]);
    this.stack = {
      layers: layers.map((units, i) =>
        i === 0 ? { kernel: matrix(of('lstm0/kernel').subarray(inputSize(shape)), 4 * units), bias: null } : { kernel: matrix(of(`lstm${i}/kernel`), 4 * units), bias: tf.tensor1d(of(`lstm${i}/bias`)) }),
      heads: tf.tidy(() => ({
        kernel: tf.concat(parts.map(({ name }) => matrix(of(`head/${name}/kernel`), head)), 1),
        bias: tf.concat(parts.map(({ name }) => tf.tensor1d(of(`head/${name}/bias`)))) as Tensor1D,
      })),
    };
    this.given = parts.map((part) => parts.map((other) => (other === part ? null : of(`head/${part.name}/given/${other.name}`))));
    this.out = parts.map(({ name, outputs }) => ({ kernel: matrix(of(`head/${name}/out`), outputs), bias: tf.tensor1d(of(`head/${name}/outBias`)) }));
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    const answers: (Float32Array | null)[] = batch.map(() => null);
    const feeds = batch.filter((request) => request.kind === 'feed');
    if (feeds.length > 0) {
      const states = feeds.map(({ state }) => state);
      if (this.cells === 'here') feedHere(this.tf, this.shape, this.stack, this.firstGates(feeds), states);
      else await feedOnEngine(this.tf, this.shape, this.stack, this.firstGates(feeds), states);
    }
    if (feeds.length === batch.length) return answers;
    for (let part = 0; part < this.out.length; part++) {
      const asked = batch.flatMap((request, i) => (request.kind === 'query' && request.part === part ? [i] : []));
      if (asked.length === 0) continue;
      const hidden = this.hidden(part, asked.map((i) => batch[i] as Query));
      const out = this.out[part] as Dense;
      const logits = this.cells === 'here' ? denseNow(this.tf, hidden, asked.length, out) : await denseLater(this.tf, hidden, asked.length, out);
      const width = logits.length / asked.length;
      asked.forEach((i, n) => (answers[i] = logits.slice(n * width, (n + 1) * width)));
    }
    return answers;
  }

  close(): void {
    for (const { kernel, bias } of [...this.stack.layers, this.stack.heads, ...this.out]) {
      kernel.dispose();
      bias?.dispose();
    }
  }

  /** What the events put into the first layer's gates: one folded row for each part, summed. */
  private firstGates(feeds: readonly Feed[]): Float32Array {
    const width = 4 * (this.shape.layers[0] as number);
    const sums = new Float32Array(feeds.length * width);
    feeds.forEach(({ event }, r) => {
      const row = sums.subarray(r * width, (r + 1) * width);
      this.gates.forEach((table, p) => addRow(row, table, event[p] as number));
    });
    return sums;
  }

  /** The hidden layer of one part's head: what the stack gave it and what is known of the other parts. */
  private hidden(part: number, queries: readonly Query[]): Float32Array {
    const { head } = this.shape;
    const parts = askedParts(this.shape.parts);
    const hidden = new Float32Array(queries.length * head);
    queries.forEach(({ state, given }, r) => {
      const row = hidden.subarray(r * head, (r + 1) * head);
      row.set(state.heads.subarray(part * head, (part + 1) * head));
      parts.forEach((other, q) => {
        const table = (this.given[part] as readonly (Float32Array | null)[])[q];
        const known = given[q] ?? -1;
        if (table) addRow(row, table, known < 0 ? other.inputs : known);
      });
      for (let i = 0; i < head; i++) row[i] = Math.tanh(row[i] as number);
    });
    return hidden;
  }
}

/** Numbers in the rows of the first layer's kernel that see the event. */
const inputSize = ({ embedding, layers }: Shape): number => embedding * 4 * (layers[0] as number);

const addRow = (sum: Float32Array, table: Float32Array, row: number): void => {
  const from = row * sum.length;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (table[from + i] as number);
};
