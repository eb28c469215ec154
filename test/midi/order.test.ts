import { describe, expect, it } from 'vitest';
import { coins, keyOf, type Coin } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { HEARD } from '../../src/midi/feedback.ts';
import { Order } from '../../src/midi/order.ts';
import { APART, ORDERED_KIND } from '../../src/midi/run.ts';
import { doubling, gaussian, isOn, judge, LIED, POP, REEL, type Came, type Sent } from './returning.ts';
import { bytesEach } from '../heap.ts';

/** With nine velocities; ends in between. */
const varied = (song: readonly Sent[]): Sent[] => song.map((each, n) => (isOn([each[1], each[2], each[3]]) ? [each[0], each[1], each[2], each[3] - (n % 9)] : each));
const SONGS = { pop: POP, lied: varied(LIED), reel: varied(REEL) };

/** What goes out comes back through a client: late, by up to 60 ms more, in order, and its velocities of release are its own. */
const mirrored = (sent: readonly Sent[], lag: number, coin: Coin, jitter = 60): Came[] => {
  let last = 0;
  return sent.map(([time, status, a, b]) => {
    last = Math.max(last, time + lag + jitter * coin());
    return { time: last, bytes: [status & 0xf0, a, isOn([status, a, b]) ? b : 0], source: 0, loop: true };
  });
};

/** Hands that let go of each key early (or late), by a share of what it is long and so many milliseconds. */
const detached = (sent: readonly Sent[], late: number, spread: number, share: number, by: number, coin: Coin): Came[] => {
  const down = new Map<number, number>();
  return sent.map(([time, status, a, b]) => {
    const key = ((status & 0x0f) << 7) | a;
    const began = down.get(key) ?? time;
    const on = isOn([status, a, b]);
    if (on) down.set(key, time);
    return { time: (on ? time : began + (time - began) * share + by) + late + spread * gaussian(coin), bytes: [status, a, b], source: 0, loop: false };
  });
};

describe('a client that mirrors what it is told', () => {
  for (const [name, seconds] of [['pop', 18], ['lied', 6], ['reel', 12]] as const) {
    for (const lag of [0, 30, 90]) {
      it(`${lag} to ${lag + 60} ms late is found within ${seconds} s of a ${name}, and from then on nothing of it is heard`, () => {
        const song = SONGS[name];
        let most = 0;
        for (let seed = 0; seed < 20; seed++) {
          const { judged, loops } = judge(song, mirrored(song, lag, coins(keyOf(seed, lag))));
          expect(loops.at(-1)).toMatch(/^found in 0/);
          const last = judged.findLast(({ bytes, heard }) => isOn(bytes) && heard !== HEARD.looped);
          expect((last as Came).time - (song[0] as Sent)[0]).toBeLessThan(1000 * seconds);
          most = Math.max(most, loops.length);
        }
        // Some chords come back together, and are taken for a steady loop that is lost again.
        expect(most).toBeLessThanOrEqual(3);
      });
    }
  }

  it('and is found leaves a player on the same source alone: so many notes are heard as were played', () => {
    const tune = doubling(SONGS.reel, 500, 5, coins(7)).map((each) => ({ ...each, bytes: [each.bytes[0], each.bytes[1] + 12, each.bytes[2]] as const }));
    const { judged, loops } = judge(SONGS.lied, [...mirrored(SONGS.lied, 20, coins(6)), ...tune]);
    expect(loops.length).toBe(1);
    const found = judged.findIndex(({ heard }) => heard === HEARD.looped);
    expect(judged.filter(({ loop: each, heard, bytes }) => !each && isOn(bytes) && heard === HEARD.looped).length).toBeLessThanOrEqual(2);
    expect(judged.slice(found).filter(({ loop: each, heard, bytes }) => each && isOn(bytes) && heard !== HEARD.looped).length).toBeLessThanOrEqual(2);
  });

  it('and is gone leaves a player who is heard', () => {
    const { loops, judged } = judge(SONGS.lied, [...mirrored(SONGS.lied.slice(0, 500), 20, coins(4)), ...doubling(SONGS.lied.slice(700), 40, 10, coins(5))]);
    expect(loops).toEqual([expect.stringMatching(/^found/), 'lost in 0']);
    const heard = judged.filter(({ loop: each, bytes }) => !each && isOn(bytes));
    expect(heard.slice(0, 60).filter(({ heard: each }) => each === HEARD.looped).length).toBeLessThan(60);
    expect(heard.slice(60).filter(({ heard: each }) => each === HEARD.looped)).toEqual([]);
  });

  it('is not found where it leaves ends out and there is one voice', () => {
    expect(judge(SONGS.reel, mirrored(SONGS.reel, 20, coins(1)).filter(({ bytes }) => isOn(bytes))).loops).toEqual([]);
  });
});

/** The most neighbours, of velocities enough, that came back in order. */
const longest = (sent: readonly Sent[], came: readonly Came[]): number => {
  const order = new Order(1);
  let most = 0;
  let n = 0;
  for (const { time, bytes } of [...came].sort((a, b) => a.time - b.time)) {
    for (; n < sent.length && (sent[n] as Sent)[0] <= time; n++) {
      const [at, ...note] = sent[n] as Sent;
      order.told(messageOf(note), n, ms(at));
    }
    order.follow(0, messageOf(bytes), ms(time));
    const { varied: velocities, apart, streak } = order.of(0);
    if (velocities >= ORDERED_KIND.velocities && apart <= APART * streak) most = Math.max(most, streak);
  }
  return most;
};
const messageOf = ([status = 0, a = 0, b = 0]: readonly number[]): number => ((status & 0xf0) << 14) | (a << 7) | ((status & 0xf0) === 0x90 ? b : 0);

describe('a player who doubles us, as hard as we play', () => {
  for (const [how, share, by] of [['as long', 1, 0], ['staccato', 0.8, 0], ['legato', 1, 30], ['barely detached', 1, -10], ['detached', 1, -20]] as const) {
    it(`and ${how}, is always heard`, () => {
      for (const song of Object.values(SONGS)) {
        for (const [late, spread] of [[0, 10], [5, 10], [30, 10], [60, 15], [100, 25]] as const) {
          for (let seed = 0; seed < 12; seed++) expect(judge(song, detached(song, late, spread, share, by, coins(keyOf(seed, late)))).loops).toEqual([]);
        }
      }
    });

    it(`and ${how}, brings nothing back in order for long, not even with 2 ms of spread`, () => {
      for (const song of Object.values(SONGS)) {
        for (const spread of [5, 2]) {
          for (let seed = 0; seed < 200; seed++) expect(longest(song, detached(song, 60, spread, share, by, coins(keyOf(seed, spread))))).toBeLessThan(ORDERED_KIND.enough - 10);
        }
      }
    });
  }

  it('is told by how close neighbours are, where each is in order', () => {
    for (const song of Object.values(SONGS)) {
      expect(longest(song, mirrored(song, 20, coins(1)))).toBeGreaterThan(2 * ORDERED_KIND.enough);
      expect(longest(song, detached(song, 60, 2, 0.8, 0, coins(1)))).toBeLessThan(ORDERED_KIND.enough / 2);
    }
  });
});

it('follows at no cost in memory', () => {
  const order = new Order(2);
  let n = 0;
  const act = (): void => {
    n++;
    order.told((0x90 << 14) | ((n & 127) << 7) | 80, n, ms(n * 7));
    order.follow(0, (0x90 << 14) | ((n & 127) << 7) | 80, ms(n * 7 + 3));
    order.follow(1, (0x90 << 14) | (((n * 31) & 127) << 7) | 80, ms(n * 7 + 3));
  };
  expect(bytesEach(64, act)).toBeLessThan(64);
});
