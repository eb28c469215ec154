import { describe, expect, it } from 'vitest';
import { judgedOf, splitOf, type Split } from '../../src/training/split.ts';
import type { Piece } from '../../src/training/piece.ts';
import { pieceOf } from './pieces.ts';

const pieces = Array.from({ length: 600 }, (_, i): Piece => ({ ...pieceOf(`piece ${i}`, [i]), family: `family ${Math.floor(i / 3)}` }));
const sideOf = (split: Split, id: string): string | undefined => Object.entries(split).find(([, side]) => (side as Piece[]).some((piece) => piece.id === id))?.[0];

describe('the split', () => {
  const split = splitOf(pieces, 1, { tune: 0.1, report: 0.2 });

  it('puts each piece on one side, about as many as asked', () => {
    expect([...split.train, ...split.tune, ...split.report].map(({ id }) => id).sort()).toEqual(pieces.map(({ id }) => id).sort());
    expect(split.tune.length).toBeGreaterThan(30);
    expect(split.tune.length).toBeLessThan(100);
    expect(split.report.length).toBeGreaterThan(80);
    expect(split.report.length).toBeLessThan(170);
  });

  it('keeps families together', () => {
    const families = Object.values(split).map((side: readonly Piece[]) => new Set(side.map(({ family }) => family)));
    expect(families.reduce((sum, { size }) => sum + size, 0)).toBe(200);
  });

  it('moves no piece when others come or go, or in another order', () => {
    const more = splitOf([...Array.from({ length: 99 }, (_, i) => pieceOf(`new ${i}`, [i])), ...pieces.toReversed().slice(0, 450)], 1, { tune: 0.1, report: 0.2 });
    for (const { id } of pieces.slice(150)) expect(sideOf(more, id)).toBe(sideOf(split, id));
  });

  it('is a data set\'s own where it has one: other sets train, but for what is judged', () => {
    const own: Piece[] = [{ ...pieceOf('a', [1]), side: 'train' }, { ...pieceOf('b', [2]), side: 'tune' }, pieceOf('c', [3]), { ...pieceOf('d', [4]), family: 'b' }];
    const ids = (given: readonly Piece[]) => Object.values(splitOf(given, 1)).map((side: readonly Piece[]) => side.map(({ id }) => id));
    expect(ids(own)).toEqual([['a', 'c'], [], ['b']]);
    expect(ids([...own, { ...pieceOf('e', [5]), side: 'report' }])).toEqual([['a', 'c'], ['b'], ['e']]);
    expect(judgedOf(own.slice(0, 2)).map(({ id }) => id)).toEqual(['b']);
    expect([judgedOf(own.slice(0, 1)), judgedOf(own.slice(2))]).toEqual([own.slice(0, 1), own.slice(2)]);
  });

  it('keeps families of a data set\'s training side for choices where it has no side for them', () => {
    const own: Piece[] = pieces.map((piece, i) => ({ ...piece, side: i < 300 ? 'train' : 'tune' }));
    const { train, tune, report } = splitOf(own, 1);
    expect(report).toEqual(own.slice(300));
    expect(tune.length).toBeGreaterThan(9);
    expect(tune.length).toBeLessThan(45);
    expect([...train, ...tune].map(({ id }) => id).sort()).toEqual(own.slice(0, 300).map(({ id }) => id).sort());
    expect(train.filter(({ family }) => tune.some((other) => other.family === family))).toEqual([]);
  });

  it('mixed, keeps a benchmark\'s split and a share of the other sets aside, no family on two sides but in the benchmark', () => {
    const own: Piece[] = pieces.map((piece, i) => (i < 300 ? { ...piece, side: i < 200 ? 'train' : 'tune' } : piece));
    const { train, tune, report } = splitOf([...own, { ...pieceOf('heard', [1]), family: 'family 80' }], 1, { mixed: true });
    expect(report.filter(({ side }) => side !== undefined)).toEqual(own.slice(200, 300));
    for (const side of [tune, report]) expect(side.filter(({ side: theirs }) => theirs === undefined).length).toBeGreaterThan(3);
    const judged = new Set([...tune, ...report].map(({ family }) => family));
    expect(train.filter(({ family }) => judged.has(family))).toEqual([]);
    expect(train.length + tune.length + report.length).toBeGreaterThan(595);
  });

  it('is another for another seed', () => {
    expect(splitOf(pieces, 2, { tune: 0.1, report: 0.2 }).tune).not.toEqual(split.tune);
  });
});
