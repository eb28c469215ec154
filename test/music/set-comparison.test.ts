import { describe, expect, it } from 'vitest';
import { coinAt, keyOf } from '../../src/core/rng.ts';
import { MEASURES, type Measured } from '../../src/music/measures.ts';
import { compareSets, type ComparedMeasure } from '../../src/music/set-comparison.ts';
import { distancesBetween, within } from '../../src/music/set-distances.ts';

/** A bell of sorts (twelve coins), so that a set has a middle. */
const bell = (seed: number, i: number): number => Array.from({ length: 12 }, (_, n) => coinAt(keyOf(seed, i), n)).reduce((sum, coin) => sum + coin, -6);

/** Pieces that are nothing but their polyphony and their pitch classes. */
const pieces = (count: number, seed: number, middle = 3, width = 1): Measured[] =>
  Array.from({ length: count }, (_, i) => {
    const fifth = 0.3 + 0.05 * bell(seed + 1, i) + middle / 30;
    const measured: Partial<Record<keyof Measured, number | number[] | null>> = Object.fromEntries(MEASURES.map(({ name }) => [name, null]));
    return { ...measured, polyphony: middle + width * bell(seed, i), pitchClasses: [1 - fifth, ...[0, 0, 0, 0, 0, 0].slice(1), 0, fifth, 0, 0, 0, 0] } as Measured;
  });
const by = (name: 'polyphony' | 'pitchClasses', others: readonly Measured[], references: readonly Measured[], seed = 1): ComparedMeasure => compareSets(others, references, MEASURES, seed)[name];
const ratio = (...args: Parameters<typeof by>): number => by(...args).comparison?.ratio ?? NaN;

describe('two sets', () => {
  it('are told by the distance of each piece to each other', () => {
    const distances = distancesBetween([1, 2, 4], [1, 2, 4]);
    expect([...within(distances, [0, 1, 2])]).toEqual([1, 3, 1, 2, 3, 2]);
    expect([...distancesBetween([[0.5, 0.5]], [[0.5, 0.5], [1, 0]]).at]).toEqual([0, Math.SQRT1_2]);
  });

  it('of one source have a ratio of about 1, by a number and by a histogram', () => {
    const ratios = Array.from({ length: 12 }, (_, i) => (['polyphony', 'pitchClasses'] as const).map((name) => ratio(name, pieces(60, 100 + 7 * i), pieces(80, 900 + 5 * i)))).flat();
    expect(ratios.every((each) => each > 0.9 && each < 1.06)).toBe(true);
    expect(ratios.reduce((sum, each) => sum + each, 0) / ratios.length).toBeCloseTo(1, 1);
  });

  it('that differ in their middle or their width fall under 0.85', () => {
    expect(ratio('polyphony', pieces(60, 1, 6), pieces(80, 2))).toBeLessThan(0.6);
    expect(ratio('pitchClasses', pieces(60, 1, 9), pieces(80, 2))).toBeLessThan(0.6);
    expect(ratio('polyphony', pieces(60, 1, 3, 4), pieces(80, 2))).toBeLessThan(0.85);
  });

  it('have less variety in common where one says the same again and again', () => {
    const variety = (width: number): number => by('polyphony', pieces(60, 1, 3, width), pieces(80, 2)).comparison?.variety ?? NaN;
    expect([variety(1) > 0.9, variety(0.1) < 0.4]).toEqual([true, true]);
    expect(by('polyphony', pieces(1, 1), pieces(8, 2)).comparison?.variety).toBeNull();
  });

  it('gain nothing by size alone', () => {
    const reference = pieces(60, 2);
    expect(Math.abs(ratio('polyphony', pieces(400, 3), reference) - ratio('polyphony', pieces(400, 3).slice(0, 40), reference))).toBeLessThan(0.12);
  });

  it('give the same figures for the same seed, and others for another', () => {
    const [others, references] = [pieces(20, 1), pieces(30, 2)];
    expect(by('polyphony', others, references, 5)).toEqual(by('polyphony', others, references, 5));
    expect(ratio('polyphony', others, references, 5)).not.toBe(ratio('polyphony', others, references, 6));
    expect(by('polyphony', others, references, 5).comparison?.overlap).toBe(by('polyphony', others, references, 6).comparison?.overlap);
  });

  it('are summed up, and not compared where there is too little', () => {
    const { other, reference, comparison, densities } = by('polyphony', [{ ...pieces(1, 1)[0], polyphony: 2 } as Measured], [1, 2, 6].map((polyphony) => ({ ...pieces(1, 1)[0], polyphony }) as Measured));
    expect([other, reference.pieces, reference.mean, comparison, densities]).toEqual([{ pieces: 1, mean: 2, deviation: 0 }, 3, 3, null, null]);
    expect(reference.deviation).toBeCloseTo(Math.sqrt(14 / 3), 12);
    expect(compareSets(pieces(9, 1), pieces(9, 2), MEASURES, 1).noteLengths).toEqual({ other: { pieces: 0, mean: null, deviation: null }, reference: { pieces: 0, mean: null, deviation: null }, comparison: null, densities: null });
  });
});
