import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ppm, bigramNll, unigramNll, type Scorer } from '../../src/model/markov.ts';

/** The same model as its papers put it: a table of counts for every context, an explicit set of excluded symbols. */
const plain = (training: readonly (readonly number[])[], alphabet: number, order: number): ((context: readonly number[], symbol: number) => number) => {
  const tables = new Map<string, Map<number, number>>();
  for (const sequence of training) {
    for (const [i, symbol] of sequence.entries()) {
      for (let length = 0; length <= Math.min(order, i); length++) {
        const context = sequence.slice(i - length, i).join();
        const table = tables.get(`${length}:${context}`) ?? new Map<number, number>();
        table.set(symbol, (table.get(symbol) ?? 0) + 1);
        tables.set(`${length}:${context}`, table);
      }
    }
  }
  return (context, symbol) => {
    const excluded = new Set<number>();
    let share = 1;
    for (let length = Math.min(order, context.length); length >= 0; length--) {
      const table = tables.get(`${length}:${context.slice(context.length - length).join()}`);
      const open = [...(table ?? [])].filter(([other]) => !excluded.has(other));
      if (open.length === 0) continue;
      const counted = open.reduce((sum, [, count]) => sum + count, 0);
      const escape = excluded.size + open.length < alphabet ? open.length : 0;
      const count = open.find(([other]) => other === symbol)?.[1];
      if (count !== undefined) return (share * count) / (counted + escape);
      share *= escape / (counted + escape);
      for (const [other] of open) excluded.add(other);
    }
    return share / (alphabet - excluded.size);
  };
};

const symbols = (alphabet: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 0, max: alphabet - 1 }), { maxLength: 60 });
const letters = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const after = (model: { nll: (s: number[], order?: number) => Float64Array }, context: readonly number[], symbol: number, order?: number): number =>
  Math.exp(-(model.nll([...context, symbol], order).at(-1) ?? NaN));

describe('prediction by partial matching', () => {
  it('follows "abracadabra" as worked by hand at order 2', () => {
    const model = new Ppm(256, 2);
    const heard = letters('abracadabra');
    model.train(heard);
    // "ra" was followed by c once; "a" by b twice, c and d once; alone a came 5 times, b and r twice, c and d once.
    const expected: [string, number][] = [
      ['c', 1 / 2],
      ['b', (1 / 2) * (2 / 5)],
      ['d', (1 / 2) * (1 / 5)],
      ['a', (1 / 2) * (2 / 5) * (5 / 9)],
      ['r', (1 / 2) * (2 / 5) * (2 / 9)],
      ['x', (1 / 2) * (2 / 5) * (2 / 9) * (1 / 251)],
    ];
    for (const [letter, probability] of expected) {
      expect(after(model, heard, letter.charCodeAt(0)), letter).toBeCloseTo(probability, 12);
    }
    expect(after(model, heard, letters('b')[0] ?? 0, 1)).toBeCloseTo(2 / 7, 12);
    expect(after(model, heard, letters('a')[0] ?? 0, 0)).toBeCloseTo(5 / 16, 12);
  });

  it('knows nothing before it is trained', () => {
    expect([...new Ppm(8, 3).nll([1, 2, 1])]).toEqual([Math.log(8), Math.log(8), Math.log(8)]);
  });

  it('does not carry a context over the end of a sequence', () => {
    const model = new Ppm(5, 2);
    model.train([0, 1]);
    model.train([2, 3]);
    expect(after(model, [1], 2)).toBeCloseTo(1 / 8, 12); // nothing ever followed 1
    expect(after(model, [0], 1)).toBeCloseTo(1 / 2, 12);
  });

  const task = fc.integer({ min: 1, max: 5 }).chain((alphabet) =>
    fc.record({ alphabet: fc.constant(alphabet), order: fc.integer({ min: 0, max: 8 }), training: fc.array(symbols(alphabet), { maxLength: 4 }), heard: symbols(alphabet) }));

  it('agrees with a plain implementation, at every order up to the one trained', () => {
    fc.assert(fc.property(task, ({ alphabet, order, training, heard }) => {
      const model = new Ppm(alphabet, 8);
      for (const sequence of training) model.train(Int32Array.from(sequence));
      const slow = plain(training, alphabet, order);
      const scores = model.nll(heard, order);
      for (const [i, symbol] of heard.entries()) {
        expect(Math.exp(-(scores[i] ?? NaN))).toBeCloseTo(slow(heard.slice(0, i), symbol), 10);
      }
    }), { seed: 1, numRuns: 400 });
  });

  it('gives a model trained high the same scores as one trained low', () => {
    fc.assert(fc.property(task, ({ alphabet, order, training, heard }) => {
      const [high, low] = [new Ppm(alphabet, 8), new Ppm(alphabet, order)];
      for (const sequence of training) for (const model of [high, low]) model.train(sequence);
      expect(high.nll(heard, order)).toEqual(low.nll(heard));
    }), { seed: 2, numRuns: 200 });
  });

  it('gives probabilities that sum to one', () => {
    fc.assert(fc.property(task, ({ alphabet, order, training, heard }) => {
      const model = new Ppm(alphabet + 1, 8);
      for (const sequence of training) model.train(sequence);
      const sum = Array.from({ length: alphabet + 1 }, (_, symbol) => after(model, heard, symbol, order)).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
    }), { seed: 4, numRuns: 300 });
  });

  it('learns a sequence as it goes as one trained anew before each symbol would, and forgets it again', () => {
    fc.assert(fc.property(task, ({ alphabet, order, training, heard }) => {
      const trained = (...more: readonly number[][]): Ppm => {
        const model = new Ppm(alphabet, 8);
        for (const sequence of [...training, ...more]) model.train(sequence);
        return model;
      };
      const model = trained();
      const before = [model.nodes, model.nll(heard)];
      const online = model.nllOnline(heard, order);
      // Trained on what came before, it is asked after that very context.
      heard.forEach((_, i) => expect(online[i]).toBeCloseTo(trained(heard.slice(0, i)).nll(heard.slice(0, i + 1), order)[i] as number, 10));
      expect([model.nodes, model.nll(heard)]).toEqual(before);
      expect(model.nllOnline(heard, order)).toEqual(online);
    }), { seed: 5, numRuns: 200 });
  });

  it('forgets what made it grow', () => {
    const [one, other] = [new Ppm(50, 6), new Ppm(50, 6)];
    const random = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * i * 7 + (i >> 3)) % 50);
    for (const model of [one, other]) model.train(random(40));
    one.nllOnline(random(5000)); // beyond the room it begins with
    for (const model of [one, other]) model.train(random(300));
    expect(one.nll(random(200))).toEqual(other.nll(random(200)));
  });

  it('spells out few contexts of a text without repeats', () => {
    const model = new Ppm(1000, 8);
    model.train(Array.from({ length: 1000 }, (_, i) => i));
    expect(model.nodes).toBe(1001);
  });
});

describe('floors of one and two symbols', () => {
  it('counts with one added', () => {
    expect(Math.exp(-(unigramNll([[0, 0, 1]], 3)([0])[0] ?? NaN))).toBeCloseTo(3 / 6, 12);
    expect(Math.exp(-(unigramNll([[0, 0, 1]], 3)([2])[0] ?? NaN))).toBeCloseTo(1 / 6, 12);
  });

  it('mixes pairs with the unigram', () => {
    const scorer = bigramNll([[0, 1, 0, 1, 2]], 3); // after 1: 0 once, 2 once; unigram 3/8, 3/8, 2/8
    expect([...scorer([1, 2])].map((nats) => Math.exp(-nats))).toEqual([expect.closeTo(3 / 8, 12), expect.closeTo((1 + 2 * (2 / 8)) / 4, 12)]);
  });

  it.each<[string, (training: number[][], alphabet: number) => Scorer]>([['unigram', unigramNll], ['bigram', bigramNll]])('sums to one: %s', (_, floor) => {
    const scorer = floor([[0, 1, 1, 3, 1, 0], [3, 3]], 5);
    for (let before = 0; before < 5; before++) {
      const sum = [0, 1, 2, 3, 4].reduce((all, symbol) => all + Math.exp(-(scorer([before, symbol])[1] ?? NaN)), 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });
});
