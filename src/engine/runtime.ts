import type { Predictor, Request } from '../model/predictor.ts';
import { toldOf } from '../core/part.ts';
import { ATTENTION, askedParts, checkWeights, GATES, headInputs, type Shape, type Weights } from '../model/shape.ts';
import type { Add, Arithmetic, Dense, Stack } from './arithmetic.ts';
import { addRow, feedHere } from './cells.ts';

type Query = Extract<Request, { kind: 'query' }>;

/**
 * A model on an engine: one code for all of them. What a step can know beforehand is folded when it loads: embeddings
 * and bias into the first layer's gates, and into the heads where they see the event; and the first layers of all heads into one product.
 */
export class Runtime<D extends Dense = Dense> implements Predictor {
  readonly shape: Shape;
  private readonly arithmetic: Arithmetic<D>;
  private readonly gates: Add;
  private readonly seen: Add | null;
  private readonly stack: Stack<D>;
  private readonly given: readonly (readonly (Float32Array | null)[])[];
  private readonly deep: readonly (readonly D[])[];
  private readonly out: readonly D[];

  /** @throws AntiphonError `model.weights` where weights and shape do not fit */
  static async open<D extends Dense>(arithmetic: Arithmetic<D>, shape: Shape, weights: Weights): Promise<Runtime<D>> {
    checkWeights(shape, weights);
    const first = `${shape.kind}0`;
    const gates = await folded(arithmetic, shape, weights, (weights.get(`${first}/kernel`) as Float32Array).subarray(0, inputSize(shape)));
    const bias = weights.get(`${first}/bias`) as Float32Array;
    const table = gates[0] as Float32Array;
    for (let i = 0; i < table.length; i++) table[i] = (table[i] as number) + (bias[i % bias.length] as number);
    const seen = shape.skip ? await folded(arithmetic, shape, weights, seenKernel(shape, weights)) : null;
    return new Runtime(arithmetic, shape, weights, gates, seen);
  }

  private constructor(arithmetic: Arithmetic<D>, shape: Shape, weights: Weights, gates: readonly Float32Array[], seen: readonly Float32Array[] | null) {
    this.arithmetic = arithmetic;
    this.shape = shape;
    const { layers, head, kind, attention } = shape;
    const parts = askedParts(shape.parts);
    this.gates = arithmetic.tables(gates, GATES[kind] * (layers[0] as number));
    this.seen = seen && arithmetic.tables(seen, parts.length * head);
    const of = (name: string): Float32Array => weights.get(name) as Float32Array;
    const layer = (kernel: string, bias: string): D => arithmetic.dense(of(kernel), of(bias), of(bias).length);
    const seenByStack = headInputs(shape) - (shape.skip ? shape.embedding : 0);
    this.stack = {
      layers: layers.map((units, i) => {
        const columns = GATES[kind] * units;
        const kernel = i === 0 ? of(`${kind}0/kernel`).subarray(inputSize(shape)) : of(`${kind}${i}/kernel`);
        const bias = i === 0 ? null : of(`${kind}${i}/bias`);
        const cut = (from: number, to: number): D => arithmetic.dense(columnsOf(kernel, columns, from, to), bias && bias.subarray(from, to), to - from);
        return kind === 'lstm' ? [arithmetic.dense(kernel, bias, columns)] : [cut(0, 2 * units), cut(2 * units, columns)];
      }),
      attention: attention ? { dense: arithmetic.dense(beside(ATTENTION.map((name) => of(`attention/${name}`)), attention.size), null, ATTENTION.length * attention.size), find: arithmetic.attention(attention, of('attention/lag')) } : null,
      heads: arithmetic.dense(
        beside(parts.map(({ name }) => of(`head/${name}/kernel`).subarray(0, seenByStack * head)), head),
        Float32Array.from(parts.flatMap(({ name }) => [...of(`head/${name}/bias`)])),
        parts.length * head,
      ),
    };
    this.given = parts.map((part) => parts.map((other) => (other === part ? null : of(`head/${part.name}/given/${other.name}`))));
    this.deep = parts.map(({ name }) => Array.from({ length: shape.deep ?? 0 }, (_, i) => layer(`head/${name}/deep${i}/kernel`, `head/${name}/deep${i}/bias`)));
    this.out = parts.map(({ name }) => layer(`head/${name}/out`, `head/${name}/outBias`));
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    const { feed: late } = this.arithmetic;
    const answers: (Float32Array | null)[] = batch.map(() => null);
    const feeds = batch.filter((request) => request.kind === 'feed');
    if (feeds.length > 0) {
      const states = feeds.map(({ state }) => state);
      const width = GATES[this.shape.kind] * (this.shape.layers[0] as number);
      const gates = new Float32Array(feeds.length * width);
      feeds.forEach(({ event }, r) => this.gates(gates.subarray(r * width, (r + 1) * width), event));
      if (late) await late(this.shape, this.stack, gates, states);
      else feedHere(this.arithmetic, this.shape, this.stack, gates, states);
      if (this.seen) for (const { state, event } of feeds) this.seen(state.heads, event);
    }
    if (feeds.length === batch.length) return answers;
    for (let part = 0; part < this.out.length; part++) {
      const asked = batch.flatMap((request, i) => (request.kind === 'query' && request.part === part ? [i] : []));
      if (asked.length === 0) continue;
      const hidden = this.hidden(part, asked.map((i) => batch[i] as Query));
      // Nothing is awaited where it need not be: what `now` gives is good until the next product, and another batch's may come in between.
      for (const layer of this.deep[part] as readonly D[]) {
        const added = late ? await layer.later(hidden, asked.length) : layer.now(hidden, asked.length);
        this.arithmetic.tanh(added);
        for (let i = 0; i < hidden.length; i++) hidden[i] = (hidden[i] as number) + (added[i] as number);
      }
      const out = this.out[part] as D;
      const logits = late ? await out.later(hidden, asked.length) : out.now(hidden, asked.length);
      const width = logits.length / asked.length;
      asked.forEach((i, n) => (answers[i] = logits.slice(n * width, (n + 1) * width)));
    }
    return answers;
  }

  close(): void {
    const { layers, attention, heads } = this.stack;
    for (const layer of [...layers.flat(), ...(attention ? [attention.dense] : []), heads, ...this.deep.flat(), ...this.out]) layer.close();
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
    });
    this.arithmetic.tanh(hidden);
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

/** Columns of a matrix of `width`, from one to before another. */
const columnsOf = (matrix: Float32Array, width: number, from: number, to: number): Float32Array => {
  const cut = new Float32Array((matrix.length / width) * (to - from));
  for (let row = 0; row * width < matrix.length; row++) cut.set(matrix.subarray(row * width + from, row * width + to), row * (to - from));
  return cut;
};

/** Matrices of `width` side by side. */
const beside = (matrices: readonly Float32Array[], width: number): Float32Array => {
  const rows = (matrices[0] as Float32Array).length / width;
  const wide = new Float32Array(rows * width * matrices.length);
  for (let row = 0; row < rows; row++) matrices.forEach((matrix, m) => wide.set(matrix.subarray(row * width, (row + 1) * width), (row * matrices.length + m) * width));
  return wide;
};

/** For each part the product of its embeddings and `kernel`: a row for each symbol. */
const folded = async (arithmetic: Pick<Arithmetic, 'dense'>, shape: Shape, weights: Weights, kernel: Float32Array): Promise<Float32Array[]> => {
  const input = arithmetic.dense(kernel, null, kernel.length / shape.embedding);
  const tables: Float32Array[] = [];
  for (const { name, inputs } of shape.parts) tables.push(Float32Array.from(await input.later(weights.get(`embed/${name}`) as Float32Array, inputs)));
  input.close();
  return tables;
};
