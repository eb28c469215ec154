import { beforeAll, describe, expect, it } from 'vitest';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { CACHE_WINDOW, type CacheSettings } from '../../src/model/cache.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { openState } from '../../src/model/predictor.ts';
import { Remembering } from '../../src/model/remembering.ts';
import { logProbability } from '../../src/model/sampling.ts';
import type { Shape } from '../../src/model/shape.ts';
import { ENCODINGS, type Encoding } from '../../src/music/encodings.ts';
import { startOf } from '../../src/training/batches.ts';
import { cachedNats, chooseCache } from '../../src/training/judge-cache.ts';
import { natsOf } from '../../src/training/judge.ts';
import { Network } from '../../src/training/network.ts';
import { eventAt, type Piece } from '../../src/training/piece.ts';
import { lateEvents, lateFrom } from '../../src/training/sums.ts';
import { randomWeights } from '../model/shape.ts';
import { loadTrainingCpu } from './cpu.ts';
import { pieceOf, randomPiece, repeating } from './pieces.ts';

let tf: Tf;
beforeAll(async () => void (tf = await loadTrainingCpu()));

const shapeOf = ({ parts }: Encoding, more: Partial<Shape> = {}): Shape => ({ kind: 'lstm', parts, embedding: 6, layers: [8, 5], head: 6, ...more });
const networkOf = (shape: Shape): Network => {
  const network = new Network(tf, null, shape, 3);
  network.load(randomWeights(shape, 9));
  return network;
};

/** Nats of each part, whole and late, as they would be played. */
const streamed = async (encoding: Encoding, shape: Shape, pieces: readonly Piece[], cache: CacheSettings): Promise<{ whole: number[]; late: number[] }> => {
  const predictor = new Remembering(new PlainPredictor(shape, randomWeights(shape, 9)));
  const sums = { whole: encoding.order.map(() => 0), late: encoding.order.map(() => 0) };
  for (const piece of pieces) {
    const state = openState(shape, CACHE_WINDOW);
    let fed = startOf(encoding, piece);
    for (let i = 0; i < (piece.parts[0] as Int32Array).length; i++) {
      const event = eventAt(piece, i);
      await predictor.submit([{ kind: 'feed', state, event: fed }]);
      const given = encoding.parts.map(() => -1);
      for (const part of encoding.order) {
        if (encoding.asks(part, event)) {
          const [logits] = await predictor.submit([{ kind: 'query', state, part, given, cache }]);
          const nats = -logProbability(logits as Float32Array, event[part] as number);
          sums.whole[part] = (sums.whole[part] as number) + nats;
          if (i >= lateFrom(encoding)) sums.late[part] = (sums.late[part] as number) + nats;
        }
        given[part] = event[part] as number;
      }
      fed = event;
    }
  }
  return sums;
};

describe('judging with a cache', () => {
  it.each([['melody', {}], ['performance', { kind: 'gru' }], ['drums', { skip: true }], ['accompaniment', { attention: { window: 24, size: 8, heads: 2 } }]] as const)('gives in batches what is played step by step: %s', async (name, more) => {
    const encoding = ENCODINGS[name];
    const shape = shapeOf(encoding, more);
    const network = networkOf(shape);
    // More than the window, more than a chunk, and short.
    const pieces = [randomPiece(name, 600, 1), randomPiece(name, 150, 2), randomPiece(name, 3, 3)];
    const settings = [{ weight: 0, sharpness: 1 }, { weight: 0.3, sharpness: 0.7 }, { weight: 0.1, sharpness: 2 }];
    const found = await cachedNats(tf, network, encoding, pieces, settings);
    for (const [s, each] of settings.entries()) {
      const wanted = await streamed(encoding, shape, pieces, each);
      for (const side of ['whole', 'late'] as const) encoding.order.forEach((p) => expect(Math.abs((found[s]?.[side][p] as number) - (wanted[side][p] as number)) / 753, `${s} ${side} ${p}`).toBeLessThan(1e-5));
    }
    const alone = await natsOf(tf, network, encoding, pieces);
    encoding.order.forEach((p) => expect(found[0]?.whole[p]).toBeCloseTo(alone.reduce((sum, parts) => sum + (parts[p] as number), 0), 2));
    network.dispose();
  });

  it('chooses what does best on music that repeats itself', async () => {
    const encoding = ENCODINGS.melody;
    const network = networkOf(shapeOf(encoding));
    const chosen = await chooseCache(tf, network, encoding, [repeating('a', [60, 62, 64, 65, 67, 0, 1], 300)]);
    expect(chosen).toEqual({ weight: 0.9, sharpness: expect.any(Number) as number, pieces: 1, events: 300 }); // of weights that a model untrained is worth, the largest
    const [alone, cached] = await cachedNats(tf, network, encoding, [repeating('b', [50, 52, 54, 0, 1], 300)], [{ ...chosen, weight: 0 }, chosen]);
    expect(cached?.whole[0]).toBeLessThan(0.5 * (alone?.whole[0] ?? 0));
    network.dispose();
  });

  it('counts what comes after 16 bars, of 16ths, 8ths or events', () => {
    expect([ENCODINGS.melody, ENCODINGS.accompaniment, ENCODINGS.performance].map(lateFrom)).toEqual([256, 128, 256]);
    expect(lateEvents([pieceOf('a', Array.from({ length: 300 }, () => 0)), pieceOf('b', [0])], 256)).toBe(44);
  });

  it('refuses encodings whose heads are told more than symbols', async () => {
    const shape = shapeOf(ENCODINGS.harmony);
    const network = networkOf(shape);
    await expect(cachedNats(tf, network, ENCODINGS.harmony, [], [])).rejects.toMatchObject({ code: 'evaluate.cache' });
    network.dispose();
  });
});
