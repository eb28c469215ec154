import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { Crowd } from '../../src/midi/crowd.ts';
import { bytesEach } from '../heap.ts';
import { doubling, isOn, LIED, loop, POP, REEL, type Came, type Sent } from './returning.ts';

/** Strikes sent and heard in the order of time: which of those heard were left out. */
const leftOut = (sent: readonly Sent[], came: readonly Came[]): boolean[] => {
  const crowd = new Crowd(1);
  const strikes = sent.filter(([, ...bytes]) => isOn(bytes));
  const called = (pitch: number, velocity: number): number => (pitch << 7) | velocity;
  let n = 0;
  return came
    .filter(({ bytes }) => isOn(bytes))
    .sort((a, b) => a.time - b.time)
    .map(({ time, bytes }) => {
      for (; n < strikes.length && (strikes[n] as Sent)[0] <= time; n++) crowd.sent(called((strikes[n] as Sent)[2], (strikes[n] as Sent)[3]), ms((strikes[n] as Sent)[0]));
      return crowd.judge(0, called(bytes[1], bytes[2]), ms(time));
    });
};
/** Eight times as fast: more strikes a second than any hands have. */
const FAST = POP.map(([time, ...bytes]): Sent => [time / 8, ...bytes]);

describe('a crowd', () => {
  it('is what comes back faster than anybody plays, at whatever lag and in whatever order', () => {
    for (const lag of [10, 300, 1500]) {
      const out = leftOut(FAST, loop(FAST, lag, coins(lag), undefined, 400));
      const first = out.indexOf(true);
      expect(first).toBeGreaterThan(30);
      expect(first).toBeLessThan(200);
      expect(out.slice(first).filter((each) => !each).length).toBeLessThan(0.02 * out.length);
    }
  });

  it('is none of hands that double us as hard as we play, however late', () => {
    for (const song of [POP, LIED, REEL]) {
      for (const late of [0, 30, 100, 300, 800, 1900]) {
        for (let seed = 0; seed < 10; seed++) expect(leftOut(song, doubling(song, late, 15, coins(keyOf(seed, late)))).includes(true)).toBe(false);
      }
    }
  });

  it('is over once what is sent no longer comes back, and the player is heard', () => {
    const crowd = new Crowd(1);
    for (let n = 0; n < 200; n++) {
      crowd.sent(n, ms(10 * n));
      crowd.judge(0, n, ms(10 * n + 5));
    }
    expect(crowd.isIn(0)).toBe(true);
    let heard = 0;
    for (let n = 0; n < 80; n++) {
      crowd.sent(1000 + n, ms(2000 + 100 * n));
      heard += crowd.judge(0, 2000 + n, ms(2000 + 100 * n)) ? 0 : 1;
    }
    expect([crowd.isIn(0), heard]).toEqual([false, 80]);
  });

  it('is over soon where a player repeats one key just as hard, which looks the same but for its share', () => {
    const crowd = new Crowd(1);
    for (let n = 0; n < 200; n++) {
      crowd.sent(n, ms(10 * n));
      crowd.judge(0, n, ms(10 * n + 5));
    }
    const out = Array.from({ length: 300 }, (_, n) => {
      const left = crowd.judge(0, 1000, ms(3000 + 125 * n));
      if (!left) crowd.sent(1000, ms(3000 + 125 * n));
      return left;
    });
    expect([out.lastIndexOf(true) < 280, crowd.isIn(0)]).toEqual([true, false]);
  });

  it('is forgotten with its input, and is of one input of two', () => {
    const crowd = new Crowd(2);
    for (let n = 0; n < 100; n++) {
      crowd.sent(n, ms(10 * n));
      crowd.judge(1, n, ms(10 * n + 5));
    }
    expect([crowd.isIn(0), crowd.isIn(1), crowd.lag(1)]).toEqual([false, true, 5]);
    crowd.clear(1);
    expect([crowd.isIn(1), crowd.judge(1, 5, ms(2000))]).toEqual([false, false]);
  });

  it('is none of a sequencer that repeats its pattern twenty times a second', () => {
    const crowd = new Crowd(1);
    const out = Array.from({ length: 2000 }, (_, n) => {
      const left = crowd.judge(0, n % 16, ms(50 * n));
      crowd.sent(n % 16, ms(50 * n));
      return left;
    });
    expect(out.includes(true)).toBe(false);
  });
});

it('a crowd is judged at no cost in memory', () => {
  const crowd = new Crowd(18);
  let n = 0;
  const act = (): void => {
    n++;
    crowd.sent(n & 127, ms(n * 7));
    crowd.judge(3, n & 127, ms(n * 7 + 3));
  };
  expect(bytesEach(64, act)).toBeLessThan(64);
});
