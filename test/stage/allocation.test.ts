import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import type { Ask } from '../../src/live/ask.ts';
import { IN } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';
import { bytesEach } from '../heap.ts';
import { patchOf, shipped } from './playing.ts';

/** A stage that answers nothing, and one record to tell it everything with. */
const stageOf = (patch: ReturnType<typeof patchOf>): { stage: Stage; take: (now: number, ...numbers: number[]) => void; plan: () => number } => {
  let plan = 0;
  const ask = (each: Ask): void => {
    if (each.kind === 'harmony') ({ plan } = each);
  };
  const stage = new Stage([patch], { send: () => {}, ask, tell: () => true }, ms(0));
  const record = new Float64Array(8);
  return { stage, plan: () => plan, take: (now, a, b = 0, c = 0, d = 0, e = 0) => {
    record[0] = a;
    record[1] = b;
    record[2] = c;
    record[3] = d;
    record[4] = e;
    stage.take(record, ms(now));
  } };
};

// One to three kilobytes; six more where the compiler boxes a number for each tempo that a key is compared with, and on a loaded machine, where it
// has not come to the code, 15 in all were seen.
const KEY = 20_000;

describe('allocation of the stage, in bytes', () => {
  it('of waking for nothing, and of saying when next, is next to nothing', () => {
    const { stage, take } = stageOf(shipped('duet'));
    take(0, IN.midi, 0x90, 60, 80, 0);
    expect(bytesEach(64, (n) => {
      stage.wake(ms(n / 1e6));
      stage.next();
    })).toBeLessThan(64);
  });

  it('of a key down and up passing through is at most 10 kB', () => {
    const { take } = stageOf(patchOf([], {}, { inputs: [{ port: '*', thru: true }] }));
    expect(bytesEach(10_000, (n) => {
      take(n * 10, IN.midi, 0x90, 60 + (n % 12), 80, n * 10);
      take(n * 10 + 5, IN.midi, 0x80, 60 + (n % 12), 0, n * 10 + 5);
    })).toBeLessThan(10_000);
  });

  it('of a key down and up with its harmony is at most 20 kB', () => {
    const { stage, take, plan } = stageOf(shipped('harmony'));
    expect(bytesEach(KEY, (n) => {
      take(n * 10, IN.midi, 0x90, 60 + (n % 12), 80, n * 10);
      take(n * 10 + 1, IN.harmony, plan(), 0, 48 + (n % 12));
      take(n * 10 + 1, IN.harmony, plan(), 1, 45 + (n % 12), 1);
      take(n * 10 + 5, IN.midi, 0x80, 60 + (n % 12), 0, n * 10 + 5);
    })).toBeLessThan(KEY);
    expect(stage.counters.fromModel).toBeGreaterThan(5000);
  });

  it('of a key in a phrase that may be answered is at most 20 kB', () => {
    const { stage, take } = stageOf(shipped('call-and-response'));
    expect(bytesEach(KEY, (n) => {
      take(n * 100, IN.midi, 0x90, 60 + (n % 12), 80, n * 100);
      stage.next();
      take(n * 100 + 50, IN.midi, 0x80, 60 + (n % 12), 0, n * 100 + 50);
      stage.next();
    })).toBeLessThan(KEY);
  });
});
