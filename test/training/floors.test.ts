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
import { coins } from '../../src/core/rng.ts';
import { readingOf } from '../../src/training/readings.ts';
import { transposed } from '../../src/training/piece.ts';
import { pieceOf, randomPiece, repeating } from './pieces.ts';

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

  it('know what the model is fed and never asked', () => {
    // What happens hangs on the place before it, and on nothing else.
    const drums = (id: string, length: number, key: number) => {
      const coin = coins(key);
      const places = Array.from({ length }, () => Math.floor(coin() * 9));
      const zeros = places.map(() => 0);
      return pieceOf(id, places.map((_, i) => places[i - 1] ?? 0), zeros, zeros, places, zeros, zeros, zeros);
    };
    const floors = floorsOf(ENCODINGS.drums, { train: [drums('a', 400, 1)], tune: [drums('b', 100, 2)], judged: [drums('c', 300, 3)], seed: 1, symbols: 1200 });
    expect(floors.markov.parts['what']).toMatchObject({ order: 1, over: expect.stringMatching(/ given (.+\+)?place$/) as string });
    expect(floors.markov.parts['what']?.nllPerEvent).toBeLessThan(0.3);
    expect(floors.unigram - floors.bigram).toBeGreaterThan(1.5); // by itself it is as likely as eight others
  });

  it('score nothing that is only known, and tell the event before', () => {
    const reading = readingOf(ENCODINGS.drums, [0, 1], [4, 3]);
    const piece = pieceOf('a', [0, 9], [3, 32], [8, 17], [0, 1], [5, 5], [0, 0], [0, 0]);
    const [styles, places, whats] = [19, 32, 10];
    // Style and place before each question, what, how hard; a step has no force.
    expect([...reading.symbols(piece)]).toEqual([0, styles + 0, styles + places + 0, styles + places + whats + 3, 5, styles + 0, styles + places + 9]);
    expect([reading.over, reading.alphabet]).toEqual(['what+velocity given style+place', styles + places + whats + 32]);
    expect(reading.score([piece], (symbols) => Float64Array.from(symbols, (_, i) => 10 ** i)).whole).toEqual([10 ** 2 + 10 ** 6, 10 ** 3, 0]);
  });

  it('of what is learnt in one key are judged in it, which is told', () => {
    const tuned = (id: string, key: number, events = 40) => {
      const piece = randomPiece('harmony', events, key);
      return { ...piece, id, family: id, parts: piece.parts.map((part, p) => (p >= 1 && p < 5 ? part.map((symbol) => (symbol < 2 ? symbol : 42 + (symbol % 30))) : p >= 5 && p < 9 ? part.map(() => 60) : part)), home: 0 };
    };
    const task = { train: [tuned('a', 1), tuned('b', 2)], tune: [tuned('c', 3)], judged: [tuned('d', 4, 30), tuned('e', 5, 30)], seed: 1, symbols: 1500 };
    const home = floorsOf(ENCODINGS.harmony, task);
    const away = task.judged.map((piece) => ({ ...(transposed('harmony', piece, 3) ?? piece), home: -3 }));
    expect(floorsOf(ENCODINGS.harmony, { ...task, judged: away })).toEqual(home);
    const { keyed, ...keyless } = ENCODINGS.harmony;
    expect(keyed).toBe(true);
    const untold = floorsOf(keyless, task);
    for (const name of ['unigram', 'bigram'] as const) expect(home[name] - untold[name]).toBeCloseTo((2 * Math.log(12)) / 60, 10);
    expect(home.markov.nllPerEvent - untold.markov.nllPerEvent).toBeCloseTo((2 * Math.log(12)) / 60, 10);
    expect(Object.values(home.markov.parts).reduce((sum, { nllPerEvent }) => sum + nllPerEvent, 0)).toBeCloseTo(home.markov.nllPerEvent, 10);
  });

  it('learn each judged piece as they go where that is asked, and none for the next', () => {
    const [cycle, other] = [[hold, hold, off, hold, off], [hold, off, off, off]];
    const task = { train: [repeating('a', other, 200)], tune: [repeating('b', [off, hold, hold], 60)], judged: [repeating('c', cycle, 400)], seed: 1, symbols: 200, online: true };
    const one = floorsOf(ENCODINGS.melody, task);
    expect(one.online?.nllPerEvent).toBeLessThan(0.5 * one.markov.nllPerEvent);
    expect(one.online?.late).toBeLessThan(one.online?.nllPerEvent ?? 0);
    expect(one.markov.late).toBeGreaterThan(one.online?.late ?? NaN);
    const twice = floorsOf(ENCODINGS.melody, { ...task, judged: [...task.judged, { ...repeating('d', cycle, 400), id: 'again' }] });
    expect(twice.online?.nllPerEvent).toBeCloseTo(one.online?.nllPerEvent ?? NaN, 12);
    expect('online' in floorsOf(ENCODINGS.melody, { ...task, online: false })).toBe(false);
  });
});
