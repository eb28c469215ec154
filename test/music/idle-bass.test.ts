import { describe, expect, it } from 'vitest';
import { BASS } from '../../src/music/accompaniment.ts';
import { againstIdleBass } from '../../src/music/idle-bass.ts';

const { hold, rest, on } = BASS;

describe('a bass that strikes no key', () => {
  it('is let be for a bar, then speaks against itself on each beat, the more the longer', () => {
    expect([0, 8, 9, 10, 18].map((idle) => againstIdleBass(hold, idle, 2))).toEqual([0, 0, -0.4, -0.8, -4].map((nats) => expect.closeTo(nats, 12) as number));
    expect([0, 2, 4, 6].map((place) => againstIdleBass(rest, 13, place))).toEqual([-2, -2, -2, -2]);
  });

  it('is left to the model between beats, as is a key that is struck', () => {
    expect([1, 3, 5, 7].map((place) => againstIdleBass(hold, 64, place))).toEqual([0, 0, 0, 0]);
    expect([on, on + 40].map((symbol) => againstIdleBass(symbol, 64, 0))).toEqual([0, 0]);
  });
});
