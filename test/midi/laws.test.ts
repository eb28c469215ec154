import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { Ledger } from '../../src/midi/ledger.ts';
import { Scheduler, type Planned } from '../../src/midi/scheduler.ts';
import { CountingSynth } from './synth.ts';

const owner = fc.nat(12);
const port = fc.nat(2);
const line = fc.integer({ min: 1, max: 2 });
const key = fc.integer({ min: 60, max: 63 });
const span = fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(Infinity) });

/** One thing done to the ledger; `now` moves on with each. */
type Deed = (ledger: Ledger, now: number) => void;
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(owner, port, line, key, span).map(([who, to, on, what, until]): Deed => (ledger, now) => void ledger.strike(who, to, channel(on), what, 80, ms(now + until))) },
  { weight: 4, arbitrary: owner.map((who): Deed => (ledger) => void ledger.release(who)) },
  { weight: 4, arbitrary: fc.constant<Deed>((ledger, now) => void ledger.due(ms(now))) },
  { weight: 2, arbitrary: fc.tuple(owner, span).map(([who, until]): Deed => (ledger, now) => void ledger.endAt(who, ms(now + until))) },
  { weight: 3, arbitrary: fc.tuple(owner, port, line, fc.constantFrom(64, 66, 67, 1), fc.constantFrom(0, 40, 127)).map(([who, to, on, controller, value]): Deed => (ledger) => void ledger.control(who, to, channel(on), controller, value)) },
  { weight: 1, arbitrary: port.map((to): Deed => (ledger) => ledger.portLost(to)) },
  { weight: 2, arbitrary: port.map((to): Deed => (ledger) => ledger.portBack(to)) },
  { weight: 1, arbitrary: owner.map((who): Deed => (ledger) => ledger.releaseAll((other) => other < who)) },
  { weight: 1, arbitrary: fc.constant<Deed>((ledger) => ledger.panic()) },
);

const played = (deeds: readonly Deed[]): { synth: CountingSynth; ledger: Ledger; now: number } => {
  const synth = new CountingSynth();
  const ledger = new Ledger(synth.send, 8);
  let now = 0;
  for (const act of deeds) act(ledger, now++);
  for (let at = 0; at < 3; at++) ledger.portBack(at);
  return { synth, ledger, now };
};

const owners = (ledger: Ledger): number[] => {
  const found: number[] = [];
  ledger.each((who) => found.push(who));
  return found;
};

describe('laws of the ledger', () => {
  it('after panic nothing sounds, every on has had its off, and no pedal is down', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
        const { synth, ledger } = played(deeds);
        ledger.panic();
        expect([ledger.sounding(), synth.sounding, synth.needless, ledger.pedalsDown, synth.pedalsDown]).toEqual([0, 0, 0, 0, 0]);
      }),
      { seed: 21, numRuns: 3000 },
    );
  });

  it('after every owner is released nothing sounds; no off is sent for nothing', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
        const { synth, ledger } = played(deeds);
        for (const who of owners(ledger)) ledger.release(who);
        expect([ledger.sounding(), synth.sounding, synth.needless]).toEqual([0, 0, 0]);
      }),
      { seed: 22, numRuns: 2000 },
    );
  });

  it('after its time every note with an end has ended, and only those', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
        const { ledger, now } = played(deeds);
        const endless: number[] = [];
        ledger.each((who, _port, _channel, _pitch, _velocity, until) => { if (until === Infinity) endless.push(who); });
        ledger.due(ms(now + 100));
        expect(owners(ledger)).toEqual(endless);
      }),
      { seed: 23, numRuns: 2000 },
    );
  });

  it('while ports stand, a key sounds exactly while it has an owner', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
        const synth = new CountingSynth();
        const ledger = new Ledger(synth.send, 8);
        ledger.portLost = () => {};
        deeds.forEach((act, now) => {
          act(ledger, now);
          const keys = new Set<string>();
          ledger.each((_who, to, on, what) => keys.add(`${to} ${on - 1} ${what}`));
          expect(new Set([...synth.voices].filter(([, voices]) => voices > 0).map(([name]) => name))).toEqual(keys);
        });
      }),
      { seed: 24, numRuns: 1000 },
    );
  });
});

type Move =
  | { readonly kind: 'plan'; readonly id: number; readonly after: number; readonly duration: number; readonly pitch: number }
  | { readonly kind: 'withdraw'; readonly id: number }
  | { readonly kind: 'where'; readonly odd: number }
  | { readonly kind: 'retime'; readonly factor: number }
  | { readonly kind: 'advance'; readonly by: number }
  | { readonly kind: 'panic' };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('plan' as const), id: fc.nat(30), after: fc.integer({ min: -10, max: 60 }), duration: fc.integer({ min: 1, max: 50 }), pitch: key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), id: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('where' as const), odd: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retime' as const), factor: fc.constantFrom(0.5, 0.8, 1, 1.25, 2) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('advance' as const), by: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('panic' as const) }) },
);

const LIMIT = ms(8);

describe('laws of the scheduler', () => {
  it('nothing sounds before it is wanted, later than the limit, twice, or after it was withdrawn; everything ends', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 100 }), (moves) => {
        const synth = new CountingSynth();
        const ledger = new Ledger(synth.send, 16);
        /** The notes that may still be struck, by id, as planned last. */
        const awaited = new Map<number, Planned>();
        const sounding = new Set<number>();
        let struckAt = -Infinity;
        let missed = 0;
        const scheduler = new Scheduler(ledger, {
          sounded: (note, at) => {
            expect(awaited.get(note.id)).toEqual(note);
            expect(at).toBeGreaterThanOrEqual(note.wanted);
            expect(at - note.wanted).toBeLessThanOrEqual(LIMIT);
            expect(note.wanted).toBeGreaterThanOrEqual(struckAt);
            struckAt = note.wanted;
            awaited.delete(note.id);
            sounding.add(note.id);
          },
          ended: (note) => expect(sounding.delete(note.id)).toBe(true),
          missed: (note, at) => {
            expect(at - note.wanted).toBeGreaterThan(LIMIT);
            awaited.delete(note.id);
            missed++;
          },
        }, 16);
        let now = 0;
        for (const step of moves) {
          struckAt = -Infinity;
          if (step.kind === 'plan') {
            const note: Planned = { id: step.id, role: step.id % 2, epoch: 0, port: 0, channel: channel(1), pitch: pitch(step.pitch), velocity: velocity(9), wanted: ms(now + step.after), duration: ms(step.duration) };
            if (scheduler.plan(note)) awaited.set(step.id, note);
          }
          if (step.kind === 'withdraw') {
            const expected = awaited.has(step.id) || sounding.has(step.id);
            awaited.delete(step.id);
            expect(scheduler.withdraw(step.id, ms(now))).toBe(expected);
            expect(sounding.has(step.id)).toBe(false);
          }
          if (step.kind === 'where') {
            for (const id of awaited.keys()) if (id % 2 === step.odd) awaited.delete(id);
            scheduler.withdrawWhere((note) => note.role === step.odd, ms(now));
            expect([...sounding].filter((id) => id % 2 === step.odd)).toEqual([]);
          }
          if (step.kind === 'retime') {
            const origin = now;
            const to = (time: number) => ms(origin + (time - origin) * step.factor);
            scheduler.retime((time) => to(time));
            for (const [id, note] of awaited) {
              const wanted = to(note.wanted);
              awaited.set(id, { ...note, wanted, duration: ms(to(note.wanted + note.duration) - wanted) });
            }
          }
          if (step.kind === 'advance') {
            now += step.by;
            scheduler.advance(ms(now), LIMIT);
            for (const note of awaited.values()) expect(note.wanted).toBeGreaterThan(now);
            expect(scheduler.next()).toBeGreaterThan(now);
          }
          if (step.kind === 'panic') ledger.panic();
          expect([scheduler.waiting, ledger.sounding()]).toEqual([awaited.size, sounding.size]);
        }
        for (let at = scheduler.next(); at < Infinity; at = scheduler.next()) {
          struckAt = -Infinity;
          scheduler.advance(at, LIMIT);
        }
        expect([awaited.size, sounding.size, synth.sounding, synth.needless, missed]).toEqual([0, 0, 0, 0, scheduler.dropped]);
      }),
      { seed: 25, numRuns: 2000 },
    );
  });
});
