import type { ModelState } from '../model/predictor.ts';
import { CELL_STATES, cellMemory, type Attention, type Shape } from '../model/shape.ts';
import type { Arithmetic, Dense, Stack } from './arithmetic.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Moves `states` by one event each; `gates` is what the events put into the first layer, a row a state. */
export const feedHere = (arithmetic: Pick<Arithmetic, 'lstm'>, shape: Shape, stack: Stack, gates: Float32Array, states: readonly ModelState[]): void => {
  const rows = states.length;
  let below = new Float32Array(0);
  let at = 0;
  shape.layers.forEach((units, layer) => {
    const inputs = layer === 0 ? 0 : (shape.layers[layer - 1] as number);
    const pasts = states.map(({ memory }) => memory.subarray(at, at + units));
    /** The layer's product over what comes from below and these pasts. */
    const product = (which: number, past: readonly Float32Array[]): Float32Array => {
      const x = new Float32Array(rows * (inputs + units));
      past.forEach((values, r) => {
        x.set(below.subarray(r * inputs, (r + 1) * inputs), r * (inputs + units));
        x.set(values, r * (inputs + units) + inputs);
      });
      return ((stack.layers[layer] as readonly Dense[])[which] as Dense).now(x, rows);
    };
    /** Row r of what an event puts into the first layer: `columns` of its gates from `from` on. */
    const folded = (into: Float32Array, from: number, columns: number): Float32Array => {
      if (layer > 0) return into;
      const width = gates.length / rows;
      for (let r = 0; r < rows; r++) for (let i = 0; i < columns; i++) into[r * columns + i] = (into[r * columns + i] as number) + (gates[r * width + from + i] as number);
      return into;
    };
    if (shape.kind === 'lstm') {
      const moved = folded(product(0, pasts), 0, 4 * units);
      states.forEach(({ memory }, r) => arithmetic.lstm(moved.subarray(4 * r * units, 4 * (r + 1) * units), pasts[r] as Float32Array, memory.subarray(at + units, at + 2 * units)));
    } else {
      const ru = folded(product(0, pasts), 0, 2 * units).slice();
      const reset = pasts.map((past, r) => past.map((value, u) => value * sigmoid(ru[2 * r * units + u] as number)));
      const candidates = folded(product(1, reset), 2 * units, units);
      pasts.forEach((past, r) => moveGru(ru.subarray((2 * r + 1) * units, (2 * r + 2) * units), candidates.subarray(r * units, (r + 1) * units), past));
    }
    below = new Float32Array(rows * units);
    pasts.forEach((past, r) => below.set(past, r * units));
    at += CELL_STATES[shape.kind] * units;
  });
  putHeads(states, stack.heads.now(stack.attention ? withFound(shape, stack, stack.attention.dense.now(below, rows), below, states) : below, rows));
};

/** An LSTM's cells in JavaScript, for engines without a quicker way. */
export const moveLstm = (gates: Float32Array, h: Float32Array, c: Float32Array): void => {
  const units = h.length;
  for (let u = 0; u < units; u++) {
    const cell = sigmoid(gates[2 * units + u] as number) * (c[u] as number) + sigmoid(gates[u] as number) * Math.tanh(gates[units + u] as number);
    c[u] = cell;
    h[u] = sigmoid(gates[3 * units + u] as number) * Math.tanh(cell);
  }
};

const moveGru = (updates: Float32Array, candidates: Float32Array, h: Float32Array): void => {
  for (let u = 0; u < h.length; u++) {
    const update = sigmoid(updates[u] as number);
    h[u] = update * (h[u] as number) + (1 - update) * Math.tanh(candidates[u] as number);
  }
};

/** The stack's output with what attention found beside it, a row a state; moves the states' windows. */
export const withFound = (shape: Shape, { attention }: Stack, asked: Float32Array, top: Float32Array, states: readonly ModelState[]): Float32Array => {
  const { size } = shape.attention as Attention;
  const units = top.length / states.length;
  const out = new Float32Array(states.length * (units + size));
  states.forEach(({ memory }, r) => {
    const [query, key, value] = [0, 1, 2].map((which) => asked.subarray((3 * r + which) * size, (3 * r + which + 1) * size)) as [Float32Array, Float32Array, Float32Array];
    const row = out.subarray(r * (units + size), (r + 1) * (units + size));
    row.set(top.subarray(r * units, (r + 1) * units));
    (attention as NonNullable<Stack['attention']>).find(memory.subarray(cellMemory(shape)), query, key, value, row.subarray(units));
  });
  return out;
};

export const putHeads = (states: readonly ModelState[], heads: Float32Array): void => {
  const width = heads.length / states.length;
  states.forEach((state, r) => state.heads.set(heads.subarray(r * width, (r + 1) * width)));
};

/** Adds a row of `table` to `sum`, which can be longer than the row. */
export const addRow = (sum: Float32Array, table: Float32Array, row: number, width = sum.length): void => {
  const from = row * width;
  for (let i = 0; i < width; i++) sum[i] = (sum[i] as number) + (table[from + i] as number);
};
