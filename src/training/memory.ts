import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tensorflow.ts';
import { CELL_STATES, type Shape } from '../model/shape.ts';

/** A layer's state before a sequence and, once it ran, after it: `h` and, of an LSTM, `c`, each [rows, units]. */
export interface Carry {
  h: Tensor2D;
  c?: Tensor2D;
}

/** The last events' outputs of the stack, [window, rows, units], and which piece each was of, [window, rows]: −1 where there was none. */
export interface Past {
  tops: Tensor3D;
  segments: Tensor2D;
}

/** What a batch of sequences remembers from one chunk to the next. */
export interface Memory {
  readonly cells: readonly Carry[];
  readonly past: Past | null;
}

/** The memory of `rows` sequences that heard nothing. */
export const openMemory = (tf: Tf, { layers, kind, attention }: Shape, rows: number): Memory => ({
  cells: layers.map((units) => ({ h: tf.keep(tf.zeros([rows, units])), ...(CELL_STATES[kind] > 1 ? { c: tf.keep(tf.zeros([rows, units]) as Tensor2D) } : {}) })),
  past: attention ? { tops: tf.keep(tf.zeros([attention.window, rows, layers.at(-1) as number])), segments: tf.keep(tf.tidy(() => tf.sub(tf.zeros([attention.window, rows]), 1) as Tensor2D)) } : null,
});

/** Every tensor of a memory by name, in the order of its layers. */
export const tensorsOf = ({ cells, past }: Memory): readonly (readonly [string, Tensor])[] => [
  ...cells.flatMap(({ h, c }, i): [string, Tensor][] => [[`h/${i}`, h], ...(c ? [[`c/${i}`, c] as [string, Tensor]] : [])]),
  ...(past ? [['past/tops', past.tops] as const, ['past/segments', past.segments] as const] : []),
];

/** Lets go of a memory's tensors. */
export const free = (memory: Memory): void => {
  for (const [, tensor] of tensorsOf(memory)) tensor.dispose();
};

/** The same tensors under another roof: what a pass moves on is not what is still to be let go. */
export const held = ({ cells, past }: Memory): Memory => ({ cells: cells.map((carry) => ({ ...carry })), past: past && { ...past } });

/** Memory with the rows of `kept` that are 0 set to nothing; what was before stays to be let go. */
export const forget = (tf: Tf, { cells, past }: Memory, kept: Float32Array): Memory => {
  const keep = <T extends Tensor>(of: () => Tensor): T => tf.keep(tf.tidy(of)) as T;
  const masked = (state: Tensor2D): Tensor2D => keep(() => tf.mul(state, tf.tensor2d(kept, [kept.length, 1])));
  return {
    cells: cells.map(({ h, c }) => ({ h: masked(h), ...(c ? { c: masked(c) } : {}) })),
    past: past && { tops: keep(() => tf.clone(past.tops)), segments: keep(() => tf.sub(tf.mul(tf.add(past.segments, 1), tf.tensor2d(kept, [1, kept.length])), 1)) },
  };
};

/** Puts stored numbers in the place of a memory's tensors. */
export const fill = (tf: Tf, memory: Memory, arrays: ReadonlyMap<string, Float32Array>): void => {
  const put = <T extends Tensor>(name: string, into: T): T => {
    const out = tf.keep(tf.tensor(arrays.get(name) as Float32Array, into.shape)) as T;
    into.dispose();
    return out;
  };
  memory.cells.forEach((carry, i) => {
    carry.h = put(`h/${i}`, carry.h);
    if (carry.c) carry.c = put(`c/${i}`, carry.c);
  });
  if (!memory.past) return;
  memory.past.tops = put('past/tops', memory.past.tops);
  memory.past.segments = put('past/segments', memory.past.segments);
};
