import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { Ledger } from '../../src/midi/ledger.ts';
import { Scheduler, type Planned } from '../../src/midi/scheduler.ts';
import { CountingSynth } from './synth.ts';

const LIMIT = ms(25);
/** Everything is planned from here on, and nothing is wanted sooner than any lead after. */
const START = 0;
const FIRST = 100;

/** A note, and what is done about it later: its end moved, itself taken back. */
interface Deed {
  readonly key: number;
  readonly wanted: number;
  readonly duration: number;
  readonly moved: { readonly at: number; readonly end: number } | null;
  readonly taken: number | null;
}

const deed: fc.Arbitrary<Deed> = fc.record({
  key: fc.integer({ min: 60, max: 62 }),
  wanted: fc.integer({ min: FIRST, max: 400 }),
  duration: fc.integer({ min: 1, max: 120 }),
  moved: fc.option(fc.record({ at: fc.integer({ min: 1, max: 500 }), end: fc.integer({ min: FIRST, max: 600 }) })),
  taken: fc.option(fc.integer({ min: 1, max: 600 })),
});
const offset = fc.integer({ min: -100, max: 100 });

interface Fate {
  on: number | null;
  off: number | null;
}

/** What became of each note on outputs with an offset, an advance each millisecond. */
const played = (deeds: readonly Deed[], by: number): { fates: Fate[]; synth: CountingSynth; scheduler: Scheduler; late: number } => {
  const synth = new CountingSynth();
  const fates = deeds.map((): Fate => ({ on: null, off: null }));
  const ledger = new Ledger(synth.send);
  let late = 0;
  const scheduler = new Scheduler(ledger, {
    sounded: ({ id }, now, due) => {
      (fates[id] as Fate).on = now;
      late = Math.max(late, now - due);
    },
    ended: ({ id }, now) => void ((fates[id] as Fate).off = now),
  }, undefined, ms(by));
  deeds.forEach(({ key, wanted, duration }, id) => scheduler.plan({ id, role: 1, epoch: 0, port: 0, channel: channel(1), pitch: pitch(key), velocity: velocity(80), wanted: ms(wanted), duration: ms(duration), known: ms(START) } satisfies Planned));
  for (let now = 1; now < 900; now++) {
    scheduler.advance(ms(now), LIMIT);
    deeds.forEach(({ moved, taken }, id) => {
      if (moved?.at === now) scheduler.endAt(id, ms(moved.end), ms(now));
      if (taken === now) scheduler.withdraw(id, ms(now));
    });
  }
  return { fates, synth, scheduler, late };
};

describe('a scheduler whose outputs have an offset', () => {
  it('plays what is known in time as one without does, so much earlier or later, and as long', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 12 }), offset, (deeds, by) => {
        const settled = deeds.map((each) => ({ ...each, moved: null, taken: null }));
        const [here, there] = [played(settled, 0), played(settled, by)];
        expect(there.fates).toEqual(here.fates.map(({ on, off }) => ({ on: (on as number) + by, off: (off as number) + by })));
        expect([there.late, there.synth.sounding, there.synth.needless]).toEqual([0, 0, 0]);
      }),
      { seed: 1 },
    );
  });

  it('never plays what is taken back before its time there, ends at once what sounds, and leaves nothing', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 12 }), offset, (deeds, by) => {
        const { fates, synth, scheduler } = played(deeds, by);
        for (const [id, { wanted, duration, taken, moved }] of deeds.entries()) {
          const { on, off } = fates[id] as Fate;
          if (taken !== null && taken < wanted + by) expect(on).toBe(null);
          else expect(on).toBe(wanted + by);
          if (on !== null) expect(off).toBeGreaterThanOrEqual(on);
          if (taken !== null && off !== null) expect(off).toBeLessThanOrEqual(taken);
          if (!moved || taken !== null || moved.at >= wanted) continue;
          // Told before it has ended there, and before it is to.
          const length = Math.max(10, moved.end - wanted);
          if (moved.at < wanted + duration + by && moved.at <= wanted + length + by) expect((off as number) - (on as number)).toBe(length);
        }
        expect([synth.sounding, synth.needless, scheduler.waiting]).toEqual([0, 0, 0]);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('is not late with what it was told late, and drops what is too late for it', () => {
    const synth = new CountingSynth();
    const dues: number[] = [];
    const scheduler = new Scheduler(new Ledger(synth.send), { sounded: (_, __, due) => void dues.push(due), ended: () => {} }, undefined, ms(-40));
    const note = { id: 1, role: 1, epoch: 0, port: 0, channel: channel(1), pitch: pitch(60), velocity: velocity(80), wanted: ms(100), duration: ms(50) };
    scheduler.plan({ ...note, known: ms(85) });
    expect(scheduler.next()).toBe(85);
    scheduler.plan({ ...note, id: 2, wanted: ms(300), known: ms(85) });
    scheduler.plan({ ...note, id: 3, wanted: ms(90), known: ms(85), atOnce: true });
    scheduler.advance(ms(85), LIMIT);
    scheduler.advance(ms(90), LIMIT);
    expect(dues).toEqual([85, 90]);
    scheduler.advance(ms(286), LIMIT);
    expect([scheduler.dropped, synth.sounding]).toEqual([1, 0]);
  });
});
