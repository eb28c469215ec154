import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { coins } from '../../src/core/rng.ts';
import { GuardFeed } from '../../src/midi/guard-feed.ts';
import { Guard } from '../../src/midi/guard.ts';
import { CountingSynth } from './synth.ts';

const HANG = 2000;

/** A stage's feed and its guard, a pipe between them that a test may stop up, and the synth that both play to. */
const guarded = (): { feed: GuardFeed; guard: Guard; synth: CountingSynth; ended: number[]; pipe: { room: number }; play: (status: number, a: number, b: number) => void; flow: (now: number) => void } => {
  const synth = new CountingSynth();
  const ended: number[] = [];
  const pipe = { room: Infinity };
  const held: Uint8Array[] = [];
  const feed = new GuardFeed((bytes) => {
    if (held.length >= pipe.room) return 'full';
    held.push(bytes.slice());
    return 'done';
  });
  const guard = new Guard({ send: (status, a, b) => synth.send(0, status, a, b), ended: ({ id }) => ended.push(id) }, HANG);
  return {
    feed, guard, synth, ended, pipe,
    play: (status, a, b) => {
      feed.sends(status, a, b);
      synth.send(0, status, a, b);
    },
    flow: (now) => {
      const bytes = Buffer.concat(held.splice(0));
      // A pipe delivers in any pieces.
      if (bytes.length > 5) guard.hear(bytes.subarray(0, 5), ms(now));
      if (bytes.length > 5) guard.hear(bytes.subarray(5), ms(now));
    },
  };
};

describe('the guard', () => {
  it('ends what outputs with offsets hold of one key, as often as each was struck', () => {
    const { feed, guard, synth, play, flow } = guarded();
    feed.attach(true, ms(0));
    // Two outputs that have eight each, and one of them already an off.
    for (let n = 0; n < 16; n++) play(0x90, 60, 80);
    play(0x80, 60, 64);
    flow(1);
    expect(guard.lost()).toBe(1);
    expect([synth.sounding, synth.needless]).toEqual([0, 0]);
  });

  it('ends a chord with a pedal and a bent string, message by message, when its stage is gone', () => {
    const { feed, guard, synth, ended, play, flow } = guarded();
    feed.attach(true, ms(0));
    play(0x91, 60, 80);
    play(0x91, 64, 80);
    play(0x91, 67, 80);
    play(0x91, 60, 90);
    play(0x81, 64, 64);
    play(0xb1, 64, 127);
    play(0xe4, 0, 80);
    play(0xf8, 0, 0);
    feed.begins(7, 3, 60, 2);
    feed.begins(8, 3, 64, 2);
    feed.ends(8);
    flow(1);
    synth.take();
    expect(guard.lost()).toBe(2);
    expect(synth.take().map(([, ...message]) => message)).toEqual([
      [0x81, 60, 64], [0x81, 60, 64], [0x81, 67, 64],
      [0xb1, 64, 0], [0xb1, 66, 0], [0xb1, 67, 0], [0xb1, 123, 0],
      [0xb4, 64, 0], [0xb4, 66, 0], [0xb4, 67, 0], [0xe4, 0, 64], [0xb4, 123, 0],
    ]);
    expect(ended).toEqual([7]);
    expect(guard.check(ms(99_999))).toBeNull();
    expect([synth.sounding, synth.pedalsDown]).toEqual([0, 0]);
  });

  it('goes without a word when the stage has ended everything', () => {
    const { feed, guard, synth, play, flow } = guarded();
    feed.attach(true, ms(0));
    play(0x90, 60, 80);
    play(0x80, 60, 64);
    feed.bye();
    flow(1);
    synth.take();
    expect([guard.lost(), guard.check(ms(99_999)), synth.take()]).toEqual([null, null, []]);
  });

  it('says nothing of a stage that never played', () => {
    expect(guarded().guard.lost()).toBeNull();
  });

  it('ends what sounds once when the stage hangs, and goes on with what it says after', () => {
    const { feed, guard, synth, play, flow } = guarded();
    feed.attach(true, ms(0));
    play(0x90, 60, 80);
    flow(0);
    const checks: (number | null)[] = [];
    for (let now = 0; now <= 6000; now += guard.every) checks.push(guard.check(ms(now)));
    expect(checks.filter((each) => each !== null)).toEqual([1]);
    expect(checks.indexOf(1) * guard.every).toBe(HANG);
    expect(synth.sounding).toBe(0);
    // The stage is back, and knows nothing of it: its own note-off comes too late, and a new note is guarded.
    play(0x80, 60, 64);
    play(0x90, 62, 80);
    feed.beat(ms(6100));
    flow(6100);
    expect(guard.isFed(ms(6200))).toBe(true);
    expect(guard.check(ms(6250))).toBeNull();
    expect([guard.lost(), synth.sounding]).toEqual([1, 0]);
  });

  it('is not deceived by its own sleep: what the stage said meanwhile is read first', () => {
    const { feed, guard, synth, play, flow } = guarded();
    feed.attach(true, ms(0));
    play(0x90, 60, 80);
    flow(0);
    guard.check(ms(250));
    expect(guard.check(ms(9000))).toBeNull();
    feed.beat(ms(9000));
    flow(9001);
    expect([guard.check(ms(9250)), synth.sounding]).toEqual([null, 1]);
  });

  it('hears of a beat while nothing sounds that all is well', () => {
    const { feed, guard, flow } = guarded();
    feed.attach(true, ms(0));
    for (let now = 0; now < 20_000; now += 250) {
      feed.beat(ms(now));
      flow(now);
      expect(guard.check(ms(now))).toBeNull();
    }
  });

  it('is told everything again after a full pipe, and a new guard at once', () => {
    const { feed, guard, synth, pipe, play, flow } = guarded();
    feed.attach(true, ms(0));
    play(0x90, 50, 80);
    flow(1);
    pipe.room = 0;
    play(0x90, 60, 80);
    play(0x80, 50, 64);
    play(0xb0, 64, 127);
    feed.begins(3, 1, 60, 1);
    expect(feed.full).toBe(1);
    pipe.room = Infinity;
    feed.beat(ms(400));
    flow(400);
    const second = new Guard({ send: (...message) => synth.send(0, ...message), ended: () => {} }, HANG);
    const fresh = new GuardFeed((bytes) => {
      second.hear(bytes, ms(500));
      return 'done';
    });
    fresh.sends(0x90, 60, 80);
    fresh.attach(true, ms(500));
    expect(second.lost()).toBe(1);
    synth.take();
    expect(guard.lost()).toBe(1);
    expect(synth.take().map(([, ...message]) => message)).toEqual([[0x80, 60, 64], [0xb0, 64, 0], [0xb0, 66, 0], [0xb0, 67, 0], [0xb0, 123, 0]]);
  });

  it('ends the old and the new when the stage dies while it tells everything again', () => {
    const { feed, guard, pipe, play, flow, synth } = guarded();
    feed.attach(true, ms(0));
    for (let key = 0; key < 40; key++) play(0x90, key, 80);
    flow(1);
    pipe.room = 0;
    play(0x90, 100, 80);
    pipe.room = 1;
    feed.beat(ms(400));
    flow(400);
    guard.lost();
    expect(synth.voices.get('0 0 39')).toBe(0);
  });

  it('leaves nothing sounding, whatever was played and whenever the stage dies', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const coin = coins(seed);
      const pick = (n: number): number => Math.floor(coin() * n);
      const { feed, guard, synth, pipe, play, flow } = guarded();
      feed.attach(true, ms(0));
      let now = 0;
      const steps = pick(400);
      for (let step = 0; step < steps; step++) {
        const kind = [0x90, 0x90, 0x80, 0xb0, 0xe0][pick(5)] as number;
        // As the ledger does: no key is struck more than eight times before it is paid.
        const line = pick(4);
        const key = 60 + pick(8);
        if (kind === 0x90 && (synth.voices.get(`0 ${line} ${key}`) ?? 0) >= 8) continue;
        play(kind | line, kind === 0xb0 ? [64, 66, 67, 1][pick(4)] as number : key, kind === 0xe0 ? 64 : pick(127) + 1);
        now += pick(60);
        pipe.room = coin() < 0.02 ? 0 : Infinity;
        feed.beat(ms(now));
        if (coin() < 0.7) flow(now);
      }
      pipe.room = Infinity;
      feed.beat(ms(now + 400));
      flow(now + 401);
      guard.lost();
      expect([seed, synth.sounding, synth.pedalsDown]).toEqual([seed, 0, 0]);
    }
  });
});
