import type { ModelState } from '../model/predictor.ts';
import type { Attention, Shape } from '../model/shape.ts';

/** A dense layer on an engine: `outputs` numbers for each row of its inputs. */
export interface Dense {
  readonly outputs: number;
  /** `values` (a row each of `rows`) through the layer, read back at once; good until the engine's next product. Not for engines that only answer later. */
  now(values: Float32Array, rows: number): Float32Array;
  later(values: Float32Array, rows: number): Promise<Float32Array>;
  close(): void;
}

/** Adds to `sum` what an event's symbols put there: a row of each part's table. */
export type Add = (sum: Float32Array, event: readonly number[]) => void;

/** `attend` of the model, on an engine: moves the window that is a state's share of memory, and fills `found`. */
export type Find = (memory: Float32Array, query: Float32Array, key: Float32Array, value: Float32Array, found: Float32Array) => void;

/**
 * The layers that a fed event passes. Of the recurrent ones an LSTM's is one product, a GRU's two: its gates, then its candidates, which
 * see the gated past; the first layer has neither its input nor its bias, which are folded into tables. Then what attention asks, and
 * the heads' first layers, side by side.
 */
export interface Stack<D extends Dense = Dense> {
  readonly layers: readonly (readonly D[])[];
  readonly attention: { readonly dense: D; readonly find: Find } | null;
  readonly heads: D;
}

/** What an engine computes of a model; the rest is the same for all of them. */
export interface Arithmetic<D extends Dense = Dense> {
  /** @param kernel a row of `outputs` for each input */
  dense(kernel: Float32Array, bias: Float32Array | null, outputs: number): D;
  /** @param tables for each part of an event a row of `width` for each symbol */
  tables(tables: readonly Float32Array[], width: number): Add;
  /** Moves an LSTM's cells by their gates: i, c, f, o, one after the other. */
  lstm(gates: Float32Array, h: Float32Array, c: Float32Array): void;
  /** The hyperbolic tangent, in place. */
  tanh(values: Float32Array): void;
  /** Attention with these biases of each lag. */
  attention(attention: Attention, lag: Float32Array): Find;
  /**
   * For an engine that answers late (a GPU), which must be asked once: moves `states` by one event each, with the cells computed there.
   * Null where products are had at once, and the cells are moved here between them.
   */
  readonly feed: ((shape: Shape, stack: Stack<D>, gates: Float32Array, states: readonly ModelState[]) => Promise<void>) | null;
}
