import { describe, expect, it } from 'vitest';
import { MELODY } from '../../src/music/melody.ts';
import { MelodyOstinato, Ostinato, ringRate } from '../../src/music/ostinato.ts';

const heard = (ostinato: Ostinato, ...symbols: readonly number[]): Ostinato => {
  for (const symbol of symbols) ostinato.take(symbol);
  return ostinato;
};
const times = (count: number, figure: readonly number[]): number[] => Array.from({ length: count }, () => figure).flat();
/** Nats against each of the symbols from 0 to 9. */
const costs = (ostinato: Ostinato): number[] => Array.from({ length: 10 }, (_, symbol) => ostinato.against(symbol));

describe('an ostinato', () => {
  it('costs two nats when it would begin a fourth time, and two more with every further one', () => {
    const figure = [1, 4, 2, 4];
    const ostinato = heard(new Ostinato(10, 8), ...times(2, figure), 1, 4, 2);
    expect(costs(ostinato)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const against = [1, 4, 2, 4, 1, 4, 2, 4].map((symbol, i) => {
      ostinato.take(i === 0 ? 4 : ([1, 4, 2, 4][(i - 1) % 4] as number));
      return [ostinato.against(symbol), costs(ostinato).filter((cost) => cost < 0).length];
    });
    expect(against).toEqual([-2, -2.5, -3, -3.5, -4, -4.5, -5, -5.5].map((cost) => [cost, 1]));
  });

  it('is left alone while it is short, and over with one other symbol', () => {
    const trill = heard(new Ostinato(10, 8), ...times(4, [1, 2]), 1);
    expect(costs(trill).some((cost) => cost < 0)).toBe(false);
    expect(heard(trill, 2).against(1)).toBe(-2 * (5 - 3 + 1)); // five times, four of them repeated: eight symbols
    expect(costs(heard(trill, 1, 2, 3)).every((cost) => cost === 0)).toBe(true);
  });

  it('is heard of one symbol, and of as many as 32', () => {
    expect(heard(new Ostinato(10, 8), ...times(9, [7])).against(7)).toBe(-2 * (9 - 3 + 1));
    const long = Array.from({ length: 32 }, (_, i) => (i < 16 ? i % 3 : 3 + (i % 5)));
    expect(heard(new Ostinato(10, 8), ...times(3, long)).against(long[0] as number)).toBe(-2);
    const longer = [...long, 3];
    expect(costs(heard(new Ostinato(10, 8), ...times(4, longer))).every((cost) => cost === 0)).toBe(true);
  });

  it('is told as a share of keys: those from the seventeenth repeated on', () => {
    // The first time is three keys, sixteen more are repeated before the next counts.
    expect(ringRate(times(8, [60, 64, 67]))).toBe((24 - 3 - 16) / 24);
    expect(ringRate(Array.from({ length: 24 }, (_, i) => 60 + i))).toBe(0);
    expect(ringRate([])).toBeNaN();
  });

  it('counts in a melody from two bars on, the pauses within it included, and by keys whatever their lengths', () => {
    const hear = (melody: MelodyOstinato, ...symbols: readonly number[]): MelodyOstinato => {
      for (const symbol of symbols) melody.take(symbol);
      return melody;
    };
    const [c, d] = [MELODY.on + 60, MELODY.on + 62];
    const bar = times(4, [c, MELODY.hold, d, MELODY.off]);
    const twoBars = hear(new MelodyOstinato(), ...bar, ...bar, c, MELODY.hold, d);
    // Eighteen keys, nine times two.
    expect([twoBars.against(c), hear(twoBars, MELODY.off).against(c)]).toEqual([-14, -14]);
    const slow = hear(new MelodyOstinato(), ...times(3, [c, ...times(15, [MELODY.hold])]));
    expect([slow.against(c), slow.against(d)]).toEqual([-2, 0]);
    const uneven = Array.from({ length: 18 }, (_, i) => [[c, d][i % 2] as number, ...times(i % 5, [MELODY.hold])]).flat();
    expect([hear(new MelodyOstinato(), ...uneven).against(c), hear(new MelodyOstinato(), ...uneven, MELODY.on + 64).against(d)]).toEqual([-2 * (9 - 3 + 1), 0]);
  });
});
