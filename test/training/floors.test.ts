import { describe, expect, it } from 'vitest';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { MELODY, MELODY_SYMBOLS } from '../../src/music/melody.ts';
import { NO_VELOCITY, WHAT } from '../../src/music/performance.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventsOf } from '../../src/training/piece.ts';
import { floorsOf } from '../../src/training/floors.ts';
import { splitOf } from '../../src/training/split.ts';
import { fixture } from '../fixtures/at.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { pieceOf, repeating } from './pieces.ts';

const { hold, off } = MELODY;
/** Nats an event, of two that had these chances. */
const nats = (...shares: readonly [number, number]): unknown => expect.closeTo(-Math.log(shares[0] * shares[1]) / 2, 10);

describe('floors', () => {
  it('of a melody are those worked out by hand', () => {
    // No key in it, so that transposition changes nothing: rest, hold, hold.
    const floors = floorsOf(ENCODINGS.melody, { train: [pieceOf('a', [off, hold, hold])], tune: [pieceOf('b', [hold, hold])], judged: [pieceOf('c', [hold, off])], seed: 1, symbols: 3 });
    const [ofHold, ofOff] = [(2 + 1) / (3 + MELODY_SYMBOLS), (1 + 1) / (3 + MELODY_SYMBOLS)];
    expect(floors).toEqual({
      unigram: nats(ofHold, ofOff),
      bigram: nats(ofHold, (0 + ofOff) / 2), // one thing followed a hold, once: half is left to the unigram
      // Hold: 2 of 3 and 2 kinds. Off after hold: escape from what followed it (1/2), then the only one left against its escape.
      markov: { order: 1, nllPerEvent: nats(2 / 5, 1 / 4), factored: 'one stream', parts: { symbol: { order: 1, over: 'symbol', nllPerEvent: nats(2 / 5, 1 / 4) } } },
      symbols: 3,
    });
  });

  it('take the order that does best on the tuning split', () => {
    const cycle = [hold, hold, hold, hold, hold, off]; // after four holds the fifth and the rest are told apart by five
    const floors = floorsOf(ENCODINGS.melody, { train: [repeating('a', cycle, 400)], tune: [repeating('b', cycle, 100, 1)], judged: [repeating('c', cycle, 120, 2)], seed: 1, symbols: 400 });
    expect(floors.markov.order).toBe(5);
    expect(floors.markov.nllPerEvent).toBeLessThan(0.06);
    expect(floors.bigram).toBeGreaterThan(0.4);
  });

  it('of a performance ask what the model is asked, and find what tells a part', () => {
    // All at one instant and no key in it: the pedal goes up and down, and nothing has a velocity.
    const { pedalDown, pedalUp } = WHAT;
    const pedals = (id: string, length: number, from: number) => {
      const { parts } = repeating(id, [pedalDown, pedalUp], length, from);
      return { ...pieceOf(id), parts: [parts[0] as Int32Array, new Int32Array(length), new Int32Array(length).fill(NO_VELOCITY)] };
    };
    const floors = floorsOf(ENCODINGS.performance, { train: [pedals('a', 200, 0)], tune: [pedals('b', 50, 1)], judged: [pedals('c', 100, 1)], seed: 1, symbols: 400 });
    expect(floors.symbols).toBe(400);
    const [what, time, velocity] = ['what', 'time', 'velocity'].map((part) => floors.markov.parts[part]?.nllPerEvent ?? NaN) as [number, number, number];
    expect(velocity).toBe(0);
    expect(what).toBeLessThan(0.03);
    expect(what + time).toBeCloseTo(floors.markov.nllPerEvent, 12);
    expect(floors.unigram).toBeGreaterThan(0.6);
  });

  it('hear nothing of what they are scored on, under another name either', () => {
    const song = repeating('song', [hold, off], 60);
    const task = { train: [song, repeating('other', [hold, hold, off], 60)], tune: [repeating('third', [hold, off, off], 60)], judged: [{ ...song, id: 'copy' }], seed: 1, symbols: 60 };
    const without = floorsOf(ENCODINGS.melody, { ...task, train: task.train.slice(1) });
    expect(floorsOf(ENCODINGS.melody, task)).toEqual(without);
    expect(codeOf(() => floorsOf(ENCODINGS.melody, { ...task, train: [song] }))).toBe('floors.data');
    expect(floorsOf(ENCODINGS.melody, { ...task, tune: [song] })).toEqual(floorsOf(ENCODINGS.melody, { ...task, tune: [] })); // chosen on what is judged
  });

  it('of real music fall as more is known, and are the same each time', () => {
    const { pieces } = readCorpus('melody', [fixture('folk')]);
    const split = splitOf(pieces, 5, { tune: 0.2, report: 0.2 });
    expect(Object.values(split).every((side) => eventsOf(side) > 300)).toBe(true);
    const task = { ...split, judged: split.report, seed: 5, symbols: 60_000 };
    const floors = floorsOf(ENCODINGS.melody, task);
    expect(floors.markov.nllPerEvent).toBeLessThan(floors.bigram);
    expect(floors.bigram).toBeLessThan(floors.unigram);
    expect(floorsOf(ENCODINGS.melody, task)).toEqual(floors);
  });
});
