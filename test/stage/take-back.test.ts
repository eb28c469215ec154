import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { IN, OUT } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';
import { endOf, noteOf, patchOf, Playing } from './playing.ts';

const upTo = (max: number, min = 0): fc.Arbitrary<number> => fc.integer({ min, max });
/** An answer as a model might give it: when each note comes after the one before, its length, and how long its words are on their way. */
const ANSWER = fc.array(fc.record({ gap: upTo(300), length: upTo(900, 30), key: upTo(90, 40), flight: upTo(900), offFlight: upTo(900) }), { minLength: 1, maxLength: 12 });
/** Keys the player strikes after the phrase, each held for a while. */
const KEYS = fc.array(fc.record({ after: upTo(1500, 1), held: upTo(400, 5), key: upTo(90, 40) }), { minLength: 1, maxLength: 6 });
const CLOCK = fc.constantFrom({}, { clock: { source: 'internal', bpm: 110 } });
type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

const SILENCE = 250;
const patch = (rest: object): ReturnType<typeof patchOf> => patchOf(['respond'], { silence: SILENCE, patience: 1 }, rest);

interface Sounded {
  readonly id: number;
  readonly wanted: number;
  readonly began: number;
  ended: number;
}

interface Played {
  readonly music: Playing;
  /** When the stage heard each key go down. */
  readonly struck: readonly number[];
  readonly notes: readonly Sounded[];
  readonly withdrawn: readonly { readonly id: number; readonly time: number }[];
  readonly log: readonly (readonly number[])[];
}

/** Plays a phrase, then strikes keys, while the words of each plan arrive whenever they do, those of plans given up too. */
const play = (rest: object, answer: Of<typeof ANSWER>, keys: Of<typeof KEYS>): Played => {
  const music = new Playing(patch(rest));
  const log: number[][] = [];
  const take = music.stage.take.bind(music.stage);
  music.stage.take = (record, now) => {
    log.push([...record.subarray(0, 7), now]);
    take(record, now);
  };
  const events: { readonly time: number; readonly act: () => void }[] = [];
  const at = (time: number, act: () => void): void => void events.push({ time, act });
  const struck: number[] = [];
  const strike = (time: number, key: number, held: number): void => {
    at(time + 0.5, () => {
      struck.push(music.now);
      music.on(key);
    });
    at(time + held, () => music.off(key));
  };
  [60, 64, 67, 65].forEach((key, n) => strike(n * 150, key, 120));
  keys.reduce((time, { after, held, key }) => {
    strike(time + after, key, held);
    return time + after;
  }, 600);
  let asked = 0;
  for (;;) {
    for (; asked < music.asks.length; asked++) {
      const ask = music.asks[asked];
      if (ask?.kind !== 'grow') continue;
      let time: number = ask.from;
      answer.forEach(({ gap, length, key, flight, offFlight }, index) => {
        time += gap;
        const [on, off] = noteOf(ask.plan, index, key, time, length);
        at(music.now + flight, () => music.complete(on as NonNullable<typeof on>));
        at(music.now + Math.max(flight, offFlight), () => music.complete(off as NonNullable<typeof off>));
      });
      at(music.now + 950, () => music.complete(endOf(ask.plan, ask.until)));
    }
    events.sort((a, b) => a.time - b.time);
    const next = Math.min(events[0]?.time ?? Infinity, music.stage.next());
    if (!(next <= 40_000)) break;
    music.now = ms(Math.max(music.now, next));
    if ((events[0]?.time ?? Infinity) <= music.now) events.shift()?.act();
    else music.take(IN.wake);
  }
  const told = (code: number): (readonly number[])[] => music.told.filter(([each]) => each === code);
  const ends = new Map(told(OUT.ended).map((numbers) => [numbers[1], numbers.at(-1) as number]));
  const notes = told(OUT.sounded).map(([, id, , , , , wanted, began]) => ({ id, wanted, began, ended: ends.get(id) ?? Infinity }) as Sounded);
  return { music, struck, notes, withdrawn: told(OUT.withdrawn).map((numbers) => ({ id: numbers[1] as number, time: numbers.at(-1) as number })), log };
};

describe('a key struck during an answer', () => {
  it('ends what sounds of it in the same moment; nothing of it sounds later, whatever is on its way', () => {
    const sums = { takenBack: 0, withdrawn: 0, stale: 0 };
    fc.assert(
      fc.property(ANSWER, KEYS, CLOCK, (answer, keys, rest) => {
        const { music, struck, notes, withdrawn } = play(rest, answer, keys);
        for (const { id, began, ended, wanted } of notes) {
          const down = struck.find((time) => time > began);
          if (down !== undefined) expect(ended).toBeLessThanOrEqual(down);
          expect(began).toBeGreaterThanOrEqual(wanted);
          // Between a key and what is heard of an answer lies the silence that ends a phrase.
          expect(began - (struck.findLast((time) => time <= began) as number)).toBeGreaterThanOrEqual(SILENCE);
          // Nothing but a key ends a note at half a millisecond: it was cut short, and whoever is told of notes is told so, once.
          expect(withdrawn.filter((each) => each.id === id).length).toBe(ended === down ? 1 : 0);
        }
        for (const { id, time } of withdrawn) {
          expect(struck).toContain(time);
          expect(notes.find((note) => note.id === id)?.ended).toBe(time);
        }
        expect(new Set(notes.map(({ id }) => id)).size).toBe(notes.length);
        expect(music.stage.ledger.sounding()).toBe(0);
        sums.takenBack += music.stage.counters.takenBack;
        sums.stale += music.stage.counters.stale;
        sums.withdrawn += withdrawn.length;
      }),
      { seed: 41, numRuns: 400 },
    );
    // There was enough to take back, and enough on its way.
    expect([sums.takenBack > 100, sums.withdrawn > 100, sums.stale > 1000]).toEqual([true, true, true]);
  });

  it('takes back a note that begins when the plan is over', () => {
    const music = new Playing(patch({}));
    music.key(60, 200).wait(300);
    const { plan, until } = music.asked('grow');
    music.complete(...noteOf(plan, 0, 64, until + 5, 300).slice(0, 1), endOf(plan, until)).wait(until + 3 - music.now).on(72).wait(500);
    expect(music.told.filter(([code]) => code === OUT.sounded)).toEqual([]);
  });

  it('does the same when its log is played again', () => {
    fc.assert(
      fc.property(ANSWER, KEYS, CLOCK, (answer, keys, rest) => {
        const { music, log } = play(rest, answer, keys);
        const again: number[][] = [];
        const stage = new Stage([patch(rest)], { send: () => {}, ask: () => {}, tell: (...numbers) => again.push(numbers as number[]) > 0 }, ms(0));
        for (const each of log) stage.take(Float64Array.from(each), ms(each.at(-1) as number));
        expect(again).toEqual(music.told);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('counts the words of a plan that was given up, and does nothing else with them', () => {
    const music = new Playing(patch({}));
    music.key(60, 200).wait(300);
    const { plan, from } = music.asked('grow');
    music.complete(...noteOf(plan, 0, 64, from, 300)).wait(300).on(72);
    const said = music.told.length;
    music.complete(...noteOf(plan, 1, 67, music.now + 50), endOf(plan, music.now + 500)).wait(200);
    expect(music.stage.counters.stale).toBe(3);
    expect(music.told.length).toBe(said);
  });
});
