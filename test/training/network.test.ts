import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coins } from '../../src/core/rng.ts';
import { openEngine } from '../../src/engine/choose.ts';
import { Runtime } from '../../src/engine/runtime.ts';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { tensors } from '../../src/engine/tensors.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { openState, type Predictor } from '../../src/model/predictor.ts';
import { logProbability } from '../../src/model/sampling.ts';
import { askedParts, type Shape } from '../../src/model/shape.ts';
import { pitch } from '../../src/core/units.ts';
import { ENCODINGS, type AnyEncodingName, type Encoding } from '../../src/music/encodings.ts';
import { encodeHarmony, HARMONY_PARTS } from '../../src/music/harmony.ts';
import { judgingBatches, startOf } from '../../src/training/batches.ts';
import { columnsOf, eventAt, type Piece } from '../../src/training/piece.ts';
import { judgementOf, natsOf } from '../../src/training/judge.ts';
import { free, openMemory } from '../../src/training/memory.ts';
import { Network, WHOLE, type Batch } from '../../src/training/network.ts';
import { randomWeights } from '../model/shape.ts';
import { loadTrainingCpu } from './cpu.ts';
import { randomPiece } from './pieces.ts';

let tf: Tf;
beforeAll(async () => void (tf = await loadTrainingCpu()));

const shapeOf = (encoding: Encoding, more: Partial<Shape> = {}): Shape => ({ kind: 'lstm', parts: encoding.parts, embedding: 12, layers: [16, 8], head: 10, ...more });

/** Every way a model can be built, and all of them at once. */
const BUILDS: readonly (readonly [string, Partial<Shape>])[] = [
  ['an LSTM stack', {}],
  ['a GRU stack', { kind: 'gru' }],
  ['deep heads', { deep: 2 }],
  ['heads that see the event', { skip: true }],
  ['attention', { attention: { window: 24, size: 8, heads: 2 } }],
  ['all at once', { kind: 'gru', deep: 1, skip: true, attention: { window: 100, size: 12, heads: 3 } }],
];

/** Nats of each part, event by event as they would be played. */
const streamed = async (encoding: Encoding, predictor: Predictor, piece: Piece): Promise<number[]> => {
  const state = openState(predictor.shape);
  const nats = encoding.parts.map(() => 0);
  let fed = startOf(encoding, piece);
  for (let i = 0; i < (piece.parts[0] as Int32Array).length; i++) {
    const event = eventAt(piece, i);
    await predictor.submit([{ kind: 'feed', state, event: fed }]);
    const given = encoding.parts.map(() => -1);
    for (const part of encoding.order) {
      if (encoding.asks(part, event)) {
        const [logits] = await predictor.submit([{ kind: 'query', state, part, given }]);
        nats[part] = (nats[part] as number) - logProbability(logits as Float32Array, event[part] as number);
      }
      given[part] = encoding.tell?.(part, event) ?? (event[part] as number);
    }
    fed = event;
  }
  return nats;
};

describe('the network', () => {
  it.each([...(Object.keys(ENCODINGS) as AnyEncodingName[]).map((name) => [name, 'all at once'] as const), ...BUILDS.map(([build]) => ['melody', build] as const)])('computes in batches what the model says step by step: %s, %s', async (name, build) => {
    const encoding = ENCODINGS[name];
    const shape = shapeOf(encoding, new Map(BUILDS).get(build) as Partial<Shape>);
    const network = new Network(tf, null, shape, 3);
    // Larger than those it begins with: attention then finds something, and each place counts.
    const weights = randomWeights(shape, 9);
    network.load(weights);
    // More than a chunk of 128, and two lengths in one batch.
    const pieces = [randomPiece(name, 150, 1), randomPiece(name, 60, 2)];
    const judged = judgementOf(encoding, pieces, await natsOf(tf, network, encoding, pieces));
    expect(judged.events).toBe(210);
    expect(Object.keys(judged.parts)).toEqual(askedParts(encoding.parts).map((part) => part.name));
    const runtime = await Runtime.open(tensors(tf, 'here'), shape, weights);
    const embedded = await openEngine('wasm', shape, weights);
    for (const [predictor, close] of [[new PlainPredictor(shape, weights), 1e-5], [runtime, 1e-5], [embedded, 1e-3]] as const) {
      const sums = encoding.parts.map(() => 0);
      for (const piece of pieces) (await streamed(encoding, predictor, piece)).forEach((nats, p) => (sums[p] = (sums[p] as number) + nats));
      askedParts(encoding.parts).forEach((part, p) => expect(Math.abs((judged.parts[part.name] as number) - (sums[p] as number) / 210), part.name).toBeLessThan(close));
    }
    runtime.close();
    expect(judged.nllPerEvent).toBeCloseTo(Object.values(judged.parts).reduce((sum, nats) => sum + nats, 0), 12);
    network.dispose();
  });

  it('gives tied weights in each of their places, and learns in both', async () => {
    const encoding = ENCODINGS.performance;
    const shape = shapeOf(encoding, { head: 12, skip: true });
    const network = new Network(tf, null, shape, 3, true);
    expect([...network.variables.keys()].filter((name) => name.endsWith('/out'))).toEqual([]);
    const random = randomWeights(shape, 9);
    network.load(random);
    const weights = await network.weights();
    for (const { name, outputs } of askedParts(shape.parts)) {
      const [table, kernel] = [weights.get(`embed/${name}`), weights.get(`head/${name}/out`)] as [Float32Array, Float32Array];
      expect(kernel.length).toBe(12 * outputs);
      for (let unit = 0; unit < 12; unit++) for (let symbol = 0; symbol < outputs; symbol++) expect(kernel[unit * outputs + symbol]).toBe(table[symbol * 12 + unit]);
    }
    // An untied network of those weights computes the same; its two gradients for an embedding add up to the tied one's.
    const untied = new Network(tf, null, shape, 3);
    untied.load(weights);
    const piece = randomPiece('performance', 60, 1);
    const judge = async (each: Network): Promise<number> => judgementOf(encoding, [piece], await natsOf(tf, each, encoding, [piece])).nllPerEvent;
    expect(await judge(network)).toBeCloseTo(await judge(untied), 6);
    const slopes = (each: Network): Record<string, Tensor> => {
      const [{ batch } = { batch: null }] = judgingBatches(encoding, [piece], 1, 128);
      const memory = openMemory(tf, shape, 1);
      const { grads, value } = tf.variableGrads(() => each.losses(batch as Batch, memory, WHOLE, 0).reduce((sum, loss) => tf.add(sum, loss)) as Scalar, [...each.variables.values()]);
      value.dispose();
      free(memory);
      return Object.fromEntries([...each.variables].map(([name, variable]) => [name, grads[variable.name] as Tensor]));
    };
    const [tied, two] = [slopes(network), slopes(untied)];
    const own = await (two['embed/velocity'] as Tensor).data();
    const last = await (two['head/velocity/out'] as Tensor).data();
    const both = await (tied['embed/velocity'] as Tensor).data();
    const { outputs } = shape.parts[2] as { outputs: number };
    for (let symbol = 0; symbol < outputs; symbol++) for (let unit = 0; unit < 12; unit++) expect(both[symbol * 12 + unit]).toBeCloseTo((own[symbol * 12 + unit] as number) + (last[unit * outputs + symbol] as number), 3);
    expect(last.some((slope) => Math.abs(slope) > 0.01)).toBe(true);
    network.dispose();
    untied.dispose();
    expect(() => new Network(tf, null, shapeOf(encoding), 3, true)).toThrow(/--head 12/);
  });

  it('asks of how long the last frame lasts no more than that it lasts so long', async () => {
    const voices = [[72, 71], [67, 67], [64, 62], [48, 43]].map(([first, second]) => [{ step: 0, steps: 4, pitch: pitch(first as number) }, { step: 4, steps: 6, pitch: pitch(second as number) }]);
    const frames = encodeHarmony(voices);
    const piece: Piece = { id: 'a', source: 'a', family: 'a', parts: columnsOf(HARMONY_PARTS.length, frames), notes: 40 };
    const shape = shapeOf(ENCODINGS.harmony);
    const network = new Network(tf, null, shape, 3);
    const weights = randomWeights(shape, 5);
    network.load(weights);
    const [[wait] = []] = await natsOf(tf, network, ENCODINGS.harmony, [piece]);
    network.dispose();
    const predictor = new PlainPredictor(shape, weights);
    const state = openState(shape);
    let nats = 0;
    for (const [i, frame] of frames.entries()) {
      await predictor.submit([{ kind: 'feed', state, event: i === 0 ? ENCODINGS.harmony.start : (frames[i - 1] as number[]) }]);
      const [logits] = (await predictor.submit([{ kind: 'query', state, part: 0, given: [-1, -1, -1, -1, -1] }])) as [Float32Array];
      const first = frame[0] as number;
      const met = Array.from({ length: i === frames.length - 1 ? logits.length - first : 1 }, (_, more) => Math.exp(logProbability(logits, first + more)));
      nats -= Math.log(met.reduce((sum, share) => sum + share, 0));
    }
    expect(frames.map(([waited]) => waited)).toEqual([0, 3, 5]);
    expect(wait).toBeCloseTo(nats, 4);
  });

  it('asks each event once, and velocity of keys going down only', () => {
    const pieces = [randomPiece('performance', 40, 1), randomPiece('performance', 300, 2), randomPiece('performance', 129, 3)];
    const asked = [0, 0, 0];
    for (const { batch } of judgingBatches(ENCODINGS.performance, pieces, 2, 128)) batch.targets.forEach((part, p) => (asked[p] = (asked[p] as number) + part.filter((target) => target >= 0).length));
    const downs = pieces.reduce((sum, piece) => sum + (piece.parts[0] as Int32Array).filter((what) => what < 128).length, 0);
    expect(asked).toEqual([469, 469, downs]);
  });

  it('has the gradient that finite differences have', { timeout: 120_000 }, async () => {
    const encoding = ENCODINGS.performance;
    const shape: Shape = { ...shapeOf(encoding), embedding: 4, layers: [5, 4], head: 4 };
    const network = new Network(tf, null, shape, 3);
    network.load(randomWeights(shape, 3)); // larger than those it begins with, and so steeper
    const [{ batch } = { batch: null }] = judgingBatches(encoding, [randomPiece('performance', 12, 5), randomPiece('performance', 9, 6)], 2, 128);
    const loss = (): Scalar => tf.tidy(() => {
      const carries = openMemory(tf, shape, 2);
      const total = network.losses(batch as Batch, carries, WHOLE, 0).reduce((sum, each) => tf.add(sum, each));
      free(carries);
      return total as Scalar;
    });
    const variables = [...network.variables.values()];
    const { grads } = tf.variableGrads(loss, variables);
    const coin = coins(7);
    for (const [name, variable] of network.variables) {
      const values = variable.dataSync().slice() as Float32Array;
      const slope = (grads[variable.name] as Tensor).dataSync();
      // The steepest places and some by chance.
      const steepest = Array.from(slope.keys()).sort((a, b) => Math.abs(slope[b] as number) - Math.abs(slope[a] as number)).slice(0, 2);
      expect(Math.abs(slope[steepest[0] as number] as number), name).toBeGreaterThan(0.15); // or the bound below would prove little
      for (const at of [...steepest, ...Array.from({ length: 3 }, () => Math.floor(coin() * values.length))]) {
        const moved = (by: number): number => {
          put(variable, values.with(at, (values[at] as number) + by));
          return loss().dataSync()[0] as number;
        };
        const step = 0.02;
        const measured = (moved(step) - moved(-step)) / (2 * step);
        put(variable, values);
        expect(Math.abs(measured - (slope[at] as number)), `${name}[${at}]: ${slope[at]}, by differences ${measured}`).toBeLessThan(5e-3 * Math.max(1, Math.abs(measured)));
      }
    }
    network.dispose();
  });
});

const put = (variable: Variable, values: Float32Array): void => tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
