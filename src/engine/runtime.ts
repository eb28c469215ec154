import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Predictor, Request } from '../model/predictor.ts';
import { toldOf } from '../core/part.ts';
import { ATTENTION, askedParts, checkWeights, GATES, headInputs, type Shape, type Weights } from '../model/shape.ts';
import { denseLater, denseNow, feedHere, feedOnEngine, type Cells, type Dense, type Stack } from './cells.ts';
import type { Tf } from './tensorflow.ts';

type Feed = Extract<Request, { kind: 'feed' }>;
type Query = Extract<Request, { kind: 'query' }>;

/**
 * A model on a TensorFlow.js backend: one code for all of them. What a step can know beforehand is folded when it loads: embeddings
 * and bias into the first layer's gates, and into the heads where they see the event; and the first layers of all heads into one product.
 */
export class Runtime implements Predictor {
  readonly shape: Shape;
  private readonly tf: Tf;
  private readonly cells: Cells;
  private readonly gates: readonly Float32Array[];
  private readonly seen: readonly Float32Array[];
  private readonly stack: Stack;
  private readonly given: readonly (readonly (Float32Array | null)[])[];
  private readonly deep: readonly (readonly Dense[])[];
  private readonly out: readonly Dense[];

  /** @throws AntiphonError `model.weights` where weights and shape do not fit */
  static async open(tf: Tf, shape: Shape, weights: Weights, cells: Cells): Promise<Runtime> {
    checkWeights(shape, weights);
    const first = `${shape.kind}0`;
    const gates = await folded(tf, shape, weights, (weights.get(`${first}/kernel`) as Float32Array).subarray(0, inputSize(shape)));
    const bias = weights.get(`${first}/bias`) as Float32Array;
    const table = gates[0] as Float32Array;
    for (let i = 0; i < table.length; i++) table[i] = (table[i] as number) + (bias[i % bias.length] as number);
    const seen = shape.skip ? await folded(tf, shape, weights, seenKernel(shape, weights)) : [];
    return new Runtime(tf, shape, weights, cells, gates, seen);
  }

  private constructor(tf: Tf, shape: Shape, weights: Weights, cells: Cells, gates: readonly Float32Array[], seen: readonly Float32Array[]) {
    this.tf = tf;
    this.shape = shape;
    this.cells = cells;
    this.gates = gates;
    this.seen = seen;
    const { layers, head, kind, attention } = shape;
    const parts = askedParts(shape.parts);
    const of = (name: string): Float32Array => weights.get(name) as Float32Array;
    const matrix = (values: Float32Array, columns: number): Tensor2D => tf.tensor2d(values, [values.length / columns, columns]);
    const product = (kernel: string, bias: string): Dense => ({ kernel: matrix(of(kernel), of(bias).length), bias: tf.tensor1d(of(bias)) });
    const seenByStack = headInputs(shape) - (shape.skip ? shape.embedding : 0);
    this.stack = {
      layers: layers.map((units, i) => {
        const columns = GATES[kind] * units;
        const kernel = matrix(i === 0 ? of(`${kind}0/kernel`).subarray(inputSize(shape)) : of(`${kind}${i}/kernel`), columns);
        const whole: Dense = { kernel, bias: i === 0 ? null : tf.tensor1d(of(`${kind}${i}/bias`)) };
        if (kind === 'lstm') return [whole];
        const cut = (from: number, width: number): Dense => ({ kernel: tf.slice(kernel, [0, from], [kernel.shape[0], width]), bias: whole.bias && tf.slice(whole.bias, from, width) });
        const both = [cut(0, 2 * units), cut(2 * units, units)];
        tf.dispose(whole.bias ? [kernel, whole.bias] : [kernel]);
        return both;
      }),
      attention: attention ? { dense: { kernel: tf.tidy(() => tf.concat(ATTENTION.map((name) => matrix(of(`attention/${name}`), attention.size)), 1)), bias: null }, lag: of('attention/lag') } : null,
      heads: tf.tidy(() => ({
        kernel: tf.concat(parts.map(({ name }) => matrix(of(`head/${name}/kernel`).subarray(0, seenByStack * head), head)), 1),
        bias: tf.concat(parts.map(({ name }) => tf.tensor1d(of(`head/${name}/bias`)))) as Tensor1D,
      })),
    };
    this.given = parts.map((part) => parts.map((other) => (other === part ? null : of(`head/${part.name}/given/${other.name}`))));
    this.deep = parts.map(({ name }) => Array.from({ length: shape.deep ?? 0 }, (_, i) => product(`head/${name}/deep${i}/kernel`, `head/${name}/deep${i}/bias`)));
    this.out = parts.map(({ name }) => product(`head/${name}/out`, `head/${name}/outBias`));
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    const answers: (Float32Array | null)[] = batch.map(() => null);
    const feeds = batch.filter((request) => request.kind === 'feed');
    if (feeds.length > 0) {
      const states = feeds.map(({ state }) => state);
      const gates = sumsOf(this.gates, GATES[this.shape.kind] * (this.shape.layers[0] as number), feeds);
      if (this.cells === 'here') feedHere(this.tf, this.shape, this.stack, gates, states);
      else await feedOnEngine(this.tf, this.shape, this.stack, gates, states);
      if (this.seen.length > 0) for (const { state, event } of feeds) this.seen.forEach((table, p) => addRow(state.heads, table, event[p] as number, this.stack.heads.kernel.shape[1]));
    }
    if (feeds.length === batch.length) return answers;
    for (let part = 0; part < this.out.length; part++) {
      const asked = batch.flatMap((request, i) => (request.kind === 'query' && request.part === part ? [i] : []));
      if (asked.length === 0) continue;
      const hidden = this.hidden(part, asked.map((i) => batch[i] as Query));
      const through = (values: Float32Array, layer: Dense): Float32Array | Promise<Float32Array> => (this.cells === 'here' ? denseNow : denseLater)(this.tf, values, asked.length, layer);
      for (const layer of this.deep[part] as readonly Dense[]) {
        const added = await through(hidden, layer);
        for (let i = 0; i < hidden.length; i++) hidden[i] = (hidden[i] as number) + Math.tanh(added[i] as number);
      }
      const logits = await through(hidden, this.out[part] as Dense);
      const width = logits.length / asked.length;
      asked.forEach((i, n) => (answers[i] = logits.slice(n * width, (n + 1) * width)));
    }
    return answers;
  }

  close(): void {
    const { layers, attention, heads } = this.stack;
    for (const { kernel, bias } of [...layers.flat(), ...(attention ? [attention.dense] : []), heads, ...this.deep.flat(), ...this.out]) {
      kernel.dispose();
      bias?.dispose();
    }
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
        if (table) addRow(row, table, known < 0 ? toldOf(other) : known);
      });
      for (let i = 0; i < head; i++) row[i] = Math.tanh(row[i] as number);
    });
    return hidden;
  }
}

/** Numbers in the rows of the first layer's kernel that see the event. */
const inputSize = ({ kind, embedding, layers }: Shape): number => embedding * GATES[kind] * (layers[0] as number);

/** The rows of the heads' first layers that see the event, side by side. */
const seenKernel = (shape: Shape, weights: Weights): Float32Array => {
  const { head, embedding } = shape;
  const parts = askedParts(shape.parts);
  const kernel = new Float32Array(embedding * parts.length * head);
  parts.forEach(({ name }, p) => {
    const rows = (weights.get(`head/${name}/kernel`) as Float32Array).subarray(-embedding * head);
    for (let i = 0; i < embedding; i++) kernel.set(rows.subarray(i * head, (i + 1) * head), (i * parts.length + p) * head);
  });
  return kernel;
};

/** For each part the product of its embeddings and `kernel`: a row for each symbol. */
const folded = async (tf: Tf, shape: Shape, weights: Weights, values: Float32Array): Promise<Float32Array[]> => {
  const input = { kernel: tf.tensor2d(values, [shape.embedding, values.length / shape.embedding]), bias: null };
  const tables: Float32Array[] = [];
  for (const { name, inputs } of shape.parts) tables.push(Float32Array.from(await denseLater(tf, weights.get(`embed/${name}`) as Float32Array, inputs, input)));
  input.kernel.dispose();
  return tables;
};

/** What the events put into a layer: one folded row for each part, summed. */
const sumsOf = (tables: readonly Float32Array[], width: number, feeds: readonly Feed[]): Float32Array => {
  const sums = new Float32Array(feeds.length * width);
  feeds.forEach(({ event }, r) => {
    const row = sums.subarray(r * width, (r + 1) * width);
    tables.forEach((table, p) => addRow(row, table, event[p] as number));
  });
  return sums;
};

/** Adds a row of `table` to `sum`; a state's heads can be longer than the row, by parts that are never asked. */
const addRow = (sum: Float32Array, table: Float32Array, row: number, width = sum.length): void => {
  const from = row * width;
  for (let i = 0; i < width; i++) sum[i] = (sum[i] as number) + (table[from + i] as number);
};
