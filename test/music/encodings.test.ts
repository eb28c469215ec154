import { describe, expect, it } from 'vitest';
import { ENCODINGS, encodingOf } from '../../src/music/encodings.ts';
import { MELODY } from '../../src/music/melody.ts';
import { NO_VELOCITY, WHAT } from '../../src/music/performance.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventsOf, transposed } from '../../src/training/piece.ts';
import { fixture } from '../fixtures/at.ts';
import { codeOf } from '../fixtures/code-of.ts';

describe('encodings', () => {
  it('are found by name, with what is wished last; by the hash of one before, without; and refused by another', () => {
    const [symbol, ...wishes] = encodingOf('melody').parts;
    expect([symbol, ...wishes]).toEqual([{ name: 'symbol', inputs: 131, outputs: 130 }, { name: 'style', inputs: 5, outputs: 0 }, { name: 'density', inputs: 6, outputs: 0 }, { name: 'register', inputs: 6, outputs: 0 }]);
    expect(encodingOf('melody', 'melody-1')).toMatchObject({ hash: 'melody-1', parts: [symbol], start: [MELODY.start] });
    const asked = [{ name: 'what', inputs: 259, outputs: 258 }, { name: 'time', inputs: 90, outputs: 90 }, { name: 'velocity', inputs: 33, outputs: 32 }];
    expect(encodingOf('performance').parts).toEqual([...asked, ...wishes]);
    expect(encodingOf('performance', 'performance-1').parts).toEqual(asked);
    expect(codeOf(() => encodingOf('performance', 'melody-1'))).toBe('encoding.hash');
    expect(codeOf(() => encodingOf('melody', 'melody-0'))).toBe('encoding.hash');
    expect(codeOf(() => encodingOf('toString'))).toBe('encoding.name');
  });

  it('ask when, what, and how hard a key goes down', () => {
    const { order, asks } = ENCODINGS.performance;
    expect(order).toEqual([1, 0, 2]);
    const asked = (what: number): number[] => order.filter((part) => asks(part, [what, 0, NO_VELOCITY]));
    expect([60, WHAT.off + 60, WHAT.pedalDown, WHAT.pedalUp].map(asked)).toEqual([[1, 0, 2], [1, 0], [1, 0], [1, 0]]);
  });

  it('move keys only, and never off the keyboard', () => {
    const { performance, melody } = ENCODINGS;
    expect(performance.transpose([60, 7, 16], 5)).toEqual([65, 7, 16]);
    expect(performance.transpose([WHAT.off + 60, 7, NO_VELOCITY], -60)).toEqual([WHAT.off, 7, NO_VELOCITY]);
    expect(performance.transpose([WHAT.pedalUp, 7, NO_VELOCITY], 5)).toEqual([WHAT.pedalUp, 7, NO_VELOCITY]);
    expect([performance.transpose([127, 0, 0], 1), performance.transpose([WHAT.off, 0, 32], -1)]).toEqual([undefined, undefined]);
    expect([melody.transpose([MELODY.hold], 3), melody.transpose([MELODY.off], 3), melody.transpose([MELODY.on + 60], 3)]).toEqual([[0], [1], [65]]);
    expect([melody.transpose([MELODY.on], -1), melody.transpose([MELODY.on + 127], 1)]).toEqual([undefined, undefined]);
  });

  it.each(['performance', 'melody'] as const)('bring real pieces up and down again: %s', (name) => {
    const { pieces } = readCorpus(name, [fixture('pop909'), fixture('lieder')]);
    expect(eventsOf(pieces)).toBeGreaterThan(1000);
    for (const piece of pieces) {
      for (const semitones of [-6, 1, 5]) {
        const there = transposed(name, piece, semitones);
        expect(there).not.toEqual(piece);
        expect(there && transposed(name, there, -semitones)).toEqual(piece);
      }
      expect(transposed(name, piece, 100)).toBeUndefined();
    }
  });
});
