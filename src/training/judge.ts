import type { Tf } from '../engine/tensorflow.ts';
import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import { judgingBatches } from './batches.ts';
import { free, held, openMemory, type Memory } from './memory.ts';
import { WHOLE, type Network } from './network.ts';
import { eventsOf, transposed, type Piece } from './piece.ts';

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

/** Nats of each piece, by part that is asked. */
export const natsOf = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[]): Promise<number[][]> => {
  const nats = pieces.map(() => askedParts(encoding.parts).map(() => 0));
  let memory: Memory | undefined;
  for (const { batch, first, indices } of judgingBatches(encoding, pieces, 64, 128)) {
    if (first) {
      if (memory) free(memory);
      memory = openMemory(tf, network.shape, batch.rows);
    }
    const current = memory as Memory;
    const before = held(current);
    const sums = tf.tidy(() => network.pass(batch, current, WHOLE, 0).nats.map((each) => tf.sum(each, 0)));
    free(before);
    for (const [p, sum] of sums.entries()) {
      const values = await sum.data();
      indices.forEach((index, r) => {
        const row = nats[index] as number[];
        row[p] = (row[p] as number) + (values[r] as number);
      });
    }
    tf.dispose(sums);
  }
  if (memory) free(memory);
  return nats;
};

/**
 * Where an encoding is learnt in one key, what is judged is a mixture: the piece in each of twelve keys, each as likely beforehand. The
 * parts' shares are those of its likeliest key, which is told at a price of log 12 at most; the sum is the mixture's own.
 */
export const judge = async (tf: Tf, network: Network, encoding: Encoding, pieces: readonly Piece[]): Promise<Judgement> => {
  if (!encoding.keyed) return judgementOf(encoding, pieces, await natsOf(tf, network, encoding, pieces));
  const keys = pieces.flatMap((piece, index) => Array.from({ length: 12 }, (_, key) => transposed(encoding.name, piece, key - 6)).flatMap((moved) => (moved ? [{ index, moved }] : [])));
  const all = await natsOf(tf, network, encoding, keys.map(({ moved }) => moved));
  const mixed = pieces.map((_, index) => {
    const own = keys.flatMap((key, at) => (key.index === index ? [all[at] as number[]] : []));
    const totals = own.map((parts) => parts.reduce((sum, nats) => sum + nats, 0));
    const least = Math.min(...totals);
    const mixture = least - Math.log(totals.reduce((sum, total) => sum + Math.exp(least - total), 0)) + Math.log(12);
    // What finding the key costs is spread over the parts.
    return (own[totals.indexOf(least)] as number[]).map((nats) => nats * (mixture / least));
  });
  return judgementOf(encoding, pieces, mixed);
};

/** Figures out of the nats of each piece, by part. */
export const judgementOf = (encoding: Encoding, pieces: readonly Piece[], nats: readonly (readonly number[])[]): Judgement => {
  const events = eventsOf(pieces);
  const notes = pieces.reduce((sum, piece) => sum + piece.notes, 0);
  const totals = askedParts(encoding.parts).map(({ name }, p) => [name, nats.reduce((sum, parts) => sum + (parts[p] as number), 0)] as const);
  const total = totals.reduce((sum, [, each]) => sum + each, 0);
  return { events, notes, nllPerEvent: total / events, nllPerNote: total / notes, parts: Object.fromEntries(totals.map(([name, each]) => [name, each / events])) };
};
