import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { Ledger } from '../../src/midi/ledger.ts';
import { Scheduler, type Planned } from '../../src/midi/scheduler.ts';
import { CountingSynth } from './synth.ts';

const planned = (id: number, wanted: number, duration: number, more: Partial<Planned> = {}): Planned => ({
  id, role: 1, epoch: 0, port: 0, channel: channel(1), pitch: pitch(60), velocity: velocity(80), wanted: ms(wanted), duration: ms(duration), ...more,
});

const LIMIT = ms(20);

/** Half the tempo from `origin` on, for all but role 2, which follows no pulse. */
const slower = (origin: number) => (time: number, note: Planned) => ms(note.role === 2 ? time : origin + (time - origin) * 2);

const stage = (capacity?: number): { synth: CountingSynth; ledger: Ledger; scheduler: Scheduler; said: string[] } => {
  const synth = new CountingSynth();
  const ledger = new Ledger(synth.send);
  const said: string[] = [];
  const scheduler = new Scheduler(ledger, {
    sounded: (note, now) => void said.push(`+${note.id}@${now}`),
    ended: (note, now) => void said.push(`-${note.id}@${now}`),
    missed: (note, now) => void said.push(`x${note.id}@${now}`),
  }, capacity);
  return { synth, ledger, scheduler, said };
};

describe('Scheduler', () => {
  it('plays a note at its time and ends it at its end', () => {
    const { synth, scheduler, said } = stage();
    scheduler.plan(planned(1, 100, 50));
    expect(scheduler.next()).toBe(100);
    scheduler.advance(ms(99.999), LIMIT);
    expect(synth.take()).toEqual([]);
    scheduler.advance(ms(100), LIMIT);
    expect(synth.take()).toEqual([[0, 0x90, 60, 80]]);
    expect(scheduler.next()).toBe(150);
    scheduler.advance(ms(150), LIMIT);
    expect(synth.take()).toEqual([[0, 0x80, 60, 64]]);
    expect([said, scheduler.next()]).toEqual([['+1@100', '-1@150'], Infinity]);
  });

  it('plays in order of wanted time whatever the order of planning, offs before ons at one time', () => {
    const { synth, scheduler } = stage();
    scheduler.plan(planned(3, 10, 10, { pitch: pitch(64) }));
    scheduler.plan(planned(2, 10, 10, { pitch: pitch(62) }));
    scheduler.plan(planned(1, 0, 10));
    scheduler.plan(planned(4, 5, 100, { pitch: pitch(65) }));
    scheduler.advance(ms(0), LIMIT);
    scheduler.advance(ms(10), LIMIT);
    expect(synth.take().map(([, status, key]) => `${status === 0x90 ? '+' : '-'}${key}`)).toEqual(['+60', '+65', '-60', '+64', '+62']);
  });

  it('repeats a key without a gap: off, then on', () => {
    const { synth, scheduler } = stage();
    scheduler.plan(planned(1, 0, 10));
    scheduler.plan(planned(2, 10, 10));
    for (const now of [0, 10, 20]) scheduler.advance(ms(now), LIMIT);
    expect(synth.take().map(([, status]) => status)).toEqual([0x90, 0x80, 0x90, 0x80]);
  });

  it('records how late each note was struck', () => {
    const { scheduler } = stage();
    scheduler.plan(planned(1, 10, 50));
    scheduler.plan(planned(2, 12, 50));
    scheduler.advance(ms(13), LIMIT);
    expect([scheduler.lateness.count, scheduler.lateness.sum, scheduler.lateness.max]).toEqual([2, 4, 3]);
  });

  it('drops what is later than the limit, never plays it, and counts it', () => {
    const { synth, scheduler, said } = stage();
    scheduler.plan(planned(1, 0, 500));
    scheduler.plan(planned(2, 0.5, 500));
    scheduler.advance(ms(20.5), LIMIT);
    expect([said, scheduler.dropped, synth.sounding]).toEqual([['x1@20.5', '+2@20.5'], 1, 1]);
    scheduler.advance(ms(1e6), LIMIT);
    expect([scheduler.lateness.count, synth.sounding]).toEqual([1, 0]);
  });

  it('lets a short note that is struck late be heard, for 10 ms or its duration', () => {
    const { scheduler } = stage();
    scheduler.plan(planned(1, 0, 12));
    scheduler.advance(ms(11), LIMIT);
    expect(scheduler.next()).toBe(21);
    scheduler.advance(ms(21), LIMIT);
    scheduler.plan(planned(2, 30, 4));
    scheduler.advance(ms(40), LIMIT);
    expect(scheduler.next()).toBe(44);
  });

  it('withdraws: what is planned vanishes, what sounds ends at once', () => {
    const { synth, scheduler, said } = stage();
    scheduler.plan(planned(1, 0, 100));
    scheduler.plan(planned(2, 50, 100));
    scheduler.advance(ms(0), LIMIT);
    expect([scheduler.withdraw(1, ms(5)), scheduler.withdraw(2, ms(6)), scheduler.withdraw(2, ms(7))]).toEqual([true, true, false]);
    for (let now = 7; now < 300; now++) scheduler.advance(ms(now), LIMIT);
    expect([said, synth.sent.length, scheduler.waiting]).toEqual([['+1@0', '-1@5'], 2, 0]);
  });

  it('withdraws a role and its older epochs only', () => {
    const { scheduler, said } = stage();
    for (const [id, role, epoch] of [[1, 1, 0], [2, 1, 1], [3, 2, 0], [4, 1, 0]] as const) scheduler.plan(planned(id, id === 4 ? 500 : 0, 100, { role, epoch, pitch: pitch(60 + id) }));
    scheduler.advance(ms(0), LIMIT);
    expect(scheduler.withdrawWhere((note) => note.role === 1 && note.epoch < 1, ms(1))).toBe(2);
    scheduler.advance(ms(600), LIMIT);
    expect(said).toEqual(['+1@0', '+2@0', '+3@0', '-1@1', '-2@600', '-3@600']);
  });

  it('does not withdraw a note of the ledger that is not its own', () => {
    const { ledger, scheduler } = stage();
    ledger.strike(9, 0, channel(1), 60, 80, ms(Infinity));
    expect([scheduler.withdraw(9, ms(0)), ledger.has(9)]).toEqual([false, true]);
    scheduler.plan(planned(7, 0, 10));
    scheduler.advance(ms(0), LIMIT);
    scheduler.advance(ms(10), LIMIT);
    ledger.strike(7, 0, channel(1), 62, 80, ms(Infinity));
    expect([scheduler.withdraw(7, ms(20)), ledger.has(7)]).toEqual([false, true]);
  });

  it('plays a note planned anew under its id once, as planned last', () => {
    const { scheduler, said } = stage();
    scheduler.plan(planned(1, 10, 10));
    scheduler.plan(planned(1, 30, 10));
    for (let now = 0; now <= 50; now += 10) scheduler.advance(ms(now), LIMIT);
    expect(said).toEqual(['+1@30', '-1@40']);
  });

  it('moves starts and ends for a change of tempo, again and again, and leaves free time be', () => {
    const { scheduler, said } = stage();
    scheduler.plan(planned(1, 0, 100));
    scheduler.plan(planned(2, 100, 100));
    scheduler.plan(planned(3, 100, 100, { role: 2 }));
    scheduler.advance(ms(0), LIMIT);
    scheduler.retime(slower(0));
    scheduler.retime(slower(50));
    for (let now = 0; now <= 1000; now += 50) scheduler.advance(ms(now), LIMIT);
    // Note 1 was to end at 100: 200, then 350. Note 2, from 100 to 200: 200 to 400, then 350 to 750.
    expect(said).toEqual(['+1@0', '+3@100', '-3@200', '-1@350', '+2@350', '-2@750']);
  });

  it('leaves a note where it was when its new times are none', () => {
    const { scheduler } = stage();
    scheduler.plan(planned(1, 10, 10));
    scheduler.retime(() => ms(NaN));
    scheduler.retime(() => ms(5));
    expect([scheduler.next(), scheduler.waiting, scheduler.refused]).toEqual([10, 1, 2]);
  });

  it('refuses notes over its capacity and without a time, and counts them; withdrawn ones take no room', () => {
    const { scheduler, said } = stage(4);
    for (let id = 0; id < 6; id++) scheduler.plan(planned(id, 100 + id, 10));
    expect([scheduler.overflowed, scheduler.waiting]).toEqual([2, 4]);
    expect(scheduler.plan(planned(3, 200, 10))).toBe(true);
    for (let id = 100; id < 200; id++) {
      expect(scheduler.withdraw(id === 100 ? 3 : id - 1, ms(0))).toBe(true);
      expect(scheduler.plan(planned(id, 300, 10))).toBe(true);
    }
    expect([scheduler.plan(planned(1, NaN, 10)), scheduler.plan(planned(1, 0, 0)), scheduler.plan(planned(1, Infinity, 1)), scheduler.refused]).toEqual([false, false, false, 3]);
    for (let now = 100; now <= 310; now++) scheduler.advance(ms(now), LIMIT);
    expect(said.filter((line) => line.startsWith('+'))).toEqual(['+0@100', '+1@101', '+2@102', '+199@300']);
  });

  it('reports the end of a note that the ledger ended: panic, theft, or the same id struck again', () => {
    const { ledger, scheduler, said } = stage();
    scheduler.plan(planned(1, 0, 100));
    scheduler.advance(ms(0), LIMIT);
    ledger.panic();
    scheduler.plan(planned(2, 5, 100));
    scheduler.advance(ms(5), LIMIT);
    scheduler.plan(planned(2, 10, 100));
    scheduler.advance(ms(10), LIMIT);
    expect(said).toEqual(['+1@0', '-1@0', '+2@5', '-2@10', '+2@10']);
  });

  it('counts a note that is no MIDI, and goes on', () => {
    const { scheduler, said } = stage();
    scheduler.plan(planned(1, 0, 10, { pitch: pitch(128) }));
    scheduler.plan(planned(2, 0, 10));
    scheduler.advance(ms(0), LIMIT);
    expect([said, scheduler.refused]).toEqual([['x1@0', '+2@0'], 1]);
  });
});
