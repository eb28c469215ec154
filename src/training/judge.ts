import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tensorflow.ts';
import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { judgingBatches } from './batches.ts';
import { eventsOf, type Piece } from './piece.ts';
import type { Carry } from './lstm.ts';
import type { Network } from './network.ts';

/** Nats over whole pieces, each from a state that knows nothing. */
export interface Judgement {
  readonly events: number;
  readonly notes: number;
  /** Natural logarithm, per event: the sum over its parts. */
  readonly nllPerEvent: number;
  readonly nllPerNote: number;
  /** Each part's share of `nllPerEvent`. */
  readonly parts: Readonly<Record<string, number>>;
}

export const judge = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[]): Promise<Judgement> => {
  const asked = askedParts(encoding.parts);
  const totals = asked.map(() => 0);
  let carries: Carry[] = [];
  for (const { batch, first } of judgingBatches(encoding, pieces, 64, 128)) {
    if (first) {
      free(carries);
      carries = network.carries(batch.rows);
    }
    const before = carries.map((carry) => ({ ...carry }));
    const sums = tf.tidy(() => network.losses(batch, carries, 0, 0));
    free(before);
    for (const [p, sum] of sums.entries()) totals[p] = (totals[p] as number) + ((await sum.data())[0] as number);
    tf.dispose(sums);
  }
  free(carries);
  const events = eventsOf(pieces);
  const notes = pieces.reduce((sum, piece) => sum + piece.notes, 0);
  const nats = totals.reduce((sum, total) => sum + total, 0);
  return { events, notes, nllPerEvent: nats / events, nllPerNote: nats / notes, parts: Object.fromEntries(asked.map(({ name }, p) => [name, (totals[p] as number) / events])) };
};

/** Lets go of the states' tensors. */
export const free = (carries: readonly Carry[]): void => {
  for (const { h, c } of carries) for (const tensor of [h, c] as Tensor[]) tensor.dispose();
};
