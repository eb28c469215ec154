import { describe, expect, it } from 'vitest';
import { coins, shuffled } from '../../src/core/rng.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { intervalsOf, joinFamilies, shinglesOf } from '../../src/training/families.ts';
import type { Piece } from '../../src/training/piece.ts';
import { openingOf } from '../../src/training/read-melody.ts';
import { dataSet } from '../fixtures/at.ts';
import { pieceOf } from './pieces.ts';

/** A line of `length` steps by chance, begun at 60. */
const walk = (key: number, length: number): number[] => {
  const coin = coins(key);
  let at = 60;
  return Array.from({ length }, () => (at = Math.min(90, Math.max(40, at + Math.floor(coin() * 9) - 4))));
};
const piece = (id: string, line: readonly number[]): Piece => ({ ...pieceOf(id, line), family: openingOf(line), line: Uint8Array.from(line) });
const families = (pieces: readonly Piece[]): Map<string, string> => new Map(joinFamilies(pieces).map(({ id, family }) => [id, family]));

const tune = walk(1, 100);
const variant = [...walk(2, 16), ...tune.slice(16).map((pitch) => pitch + 5)];
const others = Array.from({ length: 30 }, (_, i) => piece(`other ${i}`, walk(100 + i, 100)));

describe('families', () => {
  it('join a variant with another opening, in another key', () => {
    const found = families([piece('tune', tune), piece('variant', variant), ...others]);
    expect(openingOf(variant)).not.toBe(openingOf(tune));
    expect(found.get('variant')).toBe(found.get('tune'));
    expect(new Set(found.values()).size).toBe(31);
  });

  it('are joined through a piece that is like two that are not like each other', () => {
    const other = walk(3, 100);
    const found = families([piece('a', tune), piece('b', other), piece('medley', [...tune.slice(50), ...other.slice(50)])]);
    expect(new Set(found.values()).size).toBe(1);
  });

  it('do not join over a cadence or a repeated note', () => {
    const cadence = [67, 65, 64, 62, 60, 62, 64, 65, 67, 60];
    const repeated = Array.from({ length: 30 }, () => 60);
    const pieces = [4, 5].flatMap((key) => [piece(`cadence ${key}`, [...walk(key, 90), ...cadence])]);
    expect(new Set(families(pieces).values()).size).toBe(2);
    const many = Array.from({ length: 80 }, (_, i) => piece(`drone ${i}`, [...walk(200 + i, 12), ...repeated]));
    expect(new Set(families(many).values()).size).toBe(80);
  });

  it('have the name most of their pieces had, and are the same in any order', () => {
    const pieces = [piece('variant', variant), piece('tune', tune), piece('again', tune), ...others];
    const found = families(pieces);
    expect(found.get('variant')).toBe(openingOf(tune));
    expect(families(shuffled(pieces, coins(7)))).toEqual(found);
  });

  it('leave pieces without a line as they are', () => {
    const drums = [pieceOf('a', [1, 2, 3]), pieceOf('b', [1, 2, 3])];
    expect(joinFamilies(drums)).toEqual(drums);
  });

  it('are told by intervals, the same in any key', () => {
    const up = Uint8Array.from(tune, (pitch) => pitch + 7);
    expect(shinglesOf(up)).toEqual(shinglesOf(Uint8Array.from(tune)));
    expect(shinglesOf(up).length).toBe(92);
    expect(intervalsOf(up)).toBe(intervalsOf(Uint8Array.from(tune)));
    expect(intervalsOf(up.slice(1))).not.toBe(intervalsOf(up));
  });

  const folk = dataSet('folk');
  it.skipIf(!folk)('keep settings of one tune in three collections together', { timeout: 120_000 }, () => {
    const { pieces } = readCorpus('melody', [folk as string]);
    expect(new Set(pieces.map(({ family }) => family)).size).toBe(3211);
    const familyOf = (id: string): string | undefined => pieces.find((each) => each.id === id)?.family;
    const reel = ['oneills1850/1376-14751466.mid', 'ryansMammoth/AroundTheWorldReel1.mid', 'ryansMammoth/JollySevenReel1.mid', 'airdsAirs/book191.mid'].map(familyOf);
    expect(reel).toEqual(reel.map(() => expect.any(String) as string));
    expect(new Set(reel).size).toBe(1);
  });
});
