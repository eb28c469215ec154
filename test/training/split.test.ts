import { describe, expect, it } from 'vitest';
import { splitOf, type Split } from '../../src/training/split.ts';
import type { Piece } from '../../src/training/corpus.ts';
import { pieceOf } from './pieces.ts';

const pieces = Array.from({ length: 600 }, (_, i): Piece => ({ ...pieceOf(`piece ${i}`, [i]), family: `family ${Math.floor(i / 3)}` }));
const sideOf = (split: Split, id: string): string | undefined => Object.entries(split).find(([, side]) => (side as Piece[]).some((piece) => piece.id === id))?.[0];

describe('the split', () => {
  const split = splitOf(pieces, 1, 0.1, 0.2);

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
    const more = splitOf([...Array.from({ length: 99 }, (_, i) => pieceOf(`new ${i}`, [i])), ...pieces.toReversed().slice(0, 450)], 1, 0.1, 0.2);
    for (const { id } of pieces.slice(150)) expect(sideOf(more, id)).toBe(sideOf(split, id));
  });

  it('is another for another seed', () => {
    expect(splitOf(pieces, 2, 0.1, 0.2).tune).not.toEqual(split.tune);
  });
});
