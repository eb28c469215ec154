import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coins } from '../../src/core/rng.ts';
import { ms, type Ms } from '../../src/core/units.ts';
import type { Patch } from '../../src/live/patch.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { IN, NO_LOOP, OUT, SOURCES } from '../../src/stage/records.ts';
import { fixture } from '../fixtures/at.ts';
import { endOf, harmonyOf, noteOf, patchOf, Playing } from './playing.ts';

const THRU = { inputs: [{ port: '*', thru: true }] };
/** A tune, as a player's keys: time, key, velocity, how long. */
const TUNE = (readSmf(readFileSync(fixture('folk/AcaciaReel1.mid'))).tracks.find(({ notes }) => notes.length > 0)?.notes ?? []).slice(0, 120).map(({ start, duration, pitch, velocity }, n) => ({ time: start, key: pitch, velocity: velocity - (n % 9), length: duration }));

interface Looped {
  readonly music: Playing;
  /** Keys of the player's that were passed on or harmonised, and messages sent in all. */
  readonly sent: number;
  readonly found: number[][];
}

/** Plays messages in, while all that is sent comes back after `lag` and at most `jitter` more milliseconds, in order, up to `until`. Models harmonise at once. */
const looped = (patch: Patch, lag: number, messages: readonly (readonly [time: number, status: number, a: number, b: number])[], until: number, unplugged = Infinity, jitter = 1): Looped => {
  const coin = coins(lag);
  const music = new Playing(patch);
  const queue = messages.map(([time, ...bytes]) => ({ time, bytes }));
  let [seen, asked, last] = [0, 0, 0];
  for (;;) {
    for (; asked < music.asks.length; asked++) {
      const ask = music.asks[asked];
      if (ask?.kind === 'harmony') music.complete(...harmonyOf(ask.plan, ask.pitch - 3, ask.pitch - 8));
      if (ask?.kind === 'grow') music.complete(...[0, 1, 2, 3, 4].flatMap((n) => noteOf(ask.plan, n, 60 + 2 * n, ask.from + 150 * n, 120, 70 + 3 * n)), endOf(ask.plan, ask.until));
    }
    for (; seen < music.sent.length; seen++) {
      last = Math.max(last, music.now + lag + jitter * coin());
      if (music.now < unplugged) queue.push({ time: last, bytes: music.sent[seen] as [number, number, number] });
    }
    if (music.sent.length > 20_000) throw new Error('the loop multiplies');
    queue.sort((a, b) => a.time - b.time);
    const next = Math.min(queue[0]?.time ?? Infinity, music.stage.next());
    if (!(next <= until)) break;
    music.now = ms(Math.max(music.now, next));
    const due = queue[0];
    if (due && due.time <= music.now) music.midi(...(queue.shift() as typeof due).bytes);
    else music.stage.wake(music.now);
  }
  return { music, sent: seen, found: music.told.filter(([code]) => code === OUT.loop) };
};

const played = TUNE.flatMap(({ time, key, velocity, length }) => [[time, 0x90, key, velocity], [time + length * 0.8, 0x80, key, 64]] as const);
const over = (TUNE.at(-1)?.time ?? 0) + 5000;

describe('a cable from output to input', () => {
  for (const lag of [3, 20, 60]) {
    it(`of ${lag} ms makes thru forward each key once: nothing goes round`, () => {
      const { music, sent, found } = looped(patchOf([], {}, THRU), lag, played, over);
      expect(found).toEqual([[OUT.loop, 0, expect.closeTo(lag + 0.5, 0), 0, 0, 0, 0, expect.any(Number)]]);
      // Each of the first may have gone round until the loop was found.
      expect(sent).toBeLessThan(played.length + 40);
      expect(music.stage.ledger.sounding()).toBe(0);
      expect(music.stage.counters.looped).toBeGreaterThan(played.length - 40);
    });

    it(`of ${lag} ms is not harmonised over and over, with thru and a choir that would multiply by three`, () => {
      const { music, found } = looped(patchOf(['harmonise'], { voices: 2 }, THRU), lag, played, over);
      expect(found.length).toBe(1);
      const time = (found[0] as number[])[7] as Ms;
      const keys = TUNE.filter((each) => each.time > time);
      const harmonised = music.told.filter(([code, , , , , , wanted]) => code === OUT.sounded && (wanted as number) > time);
      // Since it was found, each key of the player's has its two notes, and nothing else has any.
      expect(keys.length).toBeGreaterThan(100);
      expect(harmonised.length).toBe(2 * keys.length);
      expect(new Set(harmonised.map(([, , , , , , wanted]) => wanted))).toEqual(new Set(keys.map((each) => each.time)));
      // What it had struck before has been ended.
      expect(music.stage.ledger.sounding()).toBe(0);
    });

    it(`of ${lag} ms costs an answer or two; then they are whole, and are not answered themselves`, () => {
      const phrase = (at: number): (readonly [number, number, number, number])[] => [[at, 0x90, 60, 80], [at + 200, 0x80, 60, 64], [at + 250, 0x90, 64, 84], [at + 450, 0x80, 64, 64]];
      const { music, found } = looped(patchOf(['respond'], { silence: 400, patience: 1 }), lag, [0, 4000, 8000, 12_000, 16_000].flatMap(phrase), 20_000);
      expect(found.length).toBe(1);
      const answers = music.told.filter(([code]) => code === OUT.sounded).map(([, , , pitch, , , wanted]) => [Math.floor((wanted as number) / 4000), pitch]);
      for (const n of [3, 4]) expect(answers.filter(([at]) => at === n).map(([, pitch]) => pitch)).toEqual([60, 62, 64, 66, 68]);
      expect(music.stage.counters.takenBack).toBeLessThan(4);
    });
  }

  for (const lag of [200, 500, 1900]) {
    for (const jitter of [1, 60]) {
      it(`of ${lag} to ${lag + jitter} ms, longer than any by which it is told, cannot multiply: a crowd is left out`, () => {
        for (const roles of [[], ['harmonise']] as const) {
          const { music, sent, found } = looped(patchOf([...roles], roles.length > 0 ? { voices: 2 } : {}, THRU), lag, played, over + 20_000, Infinity, jitter);
          // Without the cable each key is sent, and two notes with it: what went round until it was a crowd is the rest.
          expect(sent).toBeLessThan((1 + 2 * roles.length) * played.length + 700);
          expect(found.length).toBeGreaterThan(0);
          expect(music.stage.ledger.sounding()).toBe(0);
        }
      });
    }
  }

  it('of controllers goes round no more than once it is known', () => {
    const wheel = Array.from({ length: 400 }, (_, n) => [n * 25, 0xb0, 1, (n * 7) % 128] as const);
    const { sent, found } = looped(patchOf([], {}, THRU), 20, wheel, 12_000);
    expect(found.length).toBe(1);
    expect(sent).toBeLessThan(wheel.length + 40);
  });

  it('that is pulled leaves a player who is heard in full, and told so', () => {
    const { music, found } = looped(patchOf(['harmonise'], { voices: 2 }, THRU), 20, played, over, (TUNE[60] as (typeof TUNE)[number]).time);
    expect(found.map(([, source, lag]) => [source, (lag as number) > 0])).toEqual([[0, true], [0, false]]);
    expect((found[1] as number[])[2]).toBe(NO_LOOP);
    const last = music.told.filter(([code, , , , , , wanted]) => code === OUT.sounded && (wanted as number) > over / 2);
    expect(new Set(last.map(([, , , , , , wanted]) => wanted))).toEqual(new Set(TUNE.filter(({ time }) => time > over / 2).map(({ time }) => time)));
  });

  it('of an input that is unplugged is forgotten', () => {
    const { music, found } = looped(patchOf([], {}, THRU), 20, played, over);
    expect(found.length).toBe(1);
    music.take(IN.inputLost, 0);
    const before = music.sent.length;
    music.on(60, 90);
    expect(music.sent.length).toBe(before + 1);
  });
});

describe('a client that mirrors what it is told, over a network with 60 ms of jitter', () => {
  /** A third as fast: then no crowd of notes evens the jitter out. */
  const tune = TUNE.map(({ time, key, velocity, length }) => ({ time: 3 * time, key, velocity, length: 3 * length }));
  const end = 3 * over;

  /** Plays the tune, while the page plays all that clients are told of `lag` to `lag + 60` ms later, in order. */
  const mirrored = (patch: Patch, choir: readonly [number, number], lag: number, seed: number, ends = true): Playing => {
    const coin = coins(seed);
    const music = new Playing(patch);
    const keys = tune.flatMap(({ time, key, velocity, length }) => [{ time, bytes: [0x90, key, velocity] as const, source: 0 }, { time: time + length * 0.8, bytes: [0x80, key, 64] as const, source: 0 }]);
    const back: { time: number; bytes: readonly [number, number, number]; source: number }[] = [];
    let [seen, asked, last] = [0, 0, 0];
    for (;;) {
      for (; asked < music.asks.length; asked++) {
        const ask = music.asks[asked];
        if (ask?.kind === 'harmony') music.complete(...harmonyOf(ask.plan, ask.pitch + choir[0], ask.pitch + choir[1]));
      }
      for (; seen < music.told.length; seen++) {
        const [code, , , pitch = 0, velocity = 0] = music.told[seen] as number[];
        if (code !== OUT.sounded && !(ends && code === OUT.ended)) continue;
        last = Math.max(last, music.now + lag + 60 * coin());
        back.push({ time: last, bytes: code === OUT.sounded ? [0x90, pitch, velocity] : [0x80, pitch, 64], source: SOURCES.page });
      }
      if (music.sent.length > 10_000) throw new Error('the loop multiplies');
      const due = (keys[0]?.time ?? Infinity) <= (back[0]?.time ?? Infinity) ? keys : back;
      const time = due[0]?.time ?? Infinity;
      const next = Math.min(time, music.stage.next());
      if (!(next <= end)) return music;
      music.now = ms(Math.max(music.now, next));
      const first = time <= music.now ? due.shift() : undefined;
      if (first) music.midi(...first.bytes, first.source);
      else music.stage.wake(music.now);
    }
  };

  for (const [lag, ...choir] of [[0, 12, 24], [40, 12, 24], [90, 12, 24], [5, -3, -8]] as const) {
    it(`and no less than ${lag} ms, has a choir of ${choir.join(' and ')} multiply for a second at the most, and not after`, () => {
      for (let seed = 0; seed < 10; seed++) {
        const music = mirrored(patchOf(['harmonise'], { voices: 2 }), choir, lag, seed);
        const [, source, , , , , , time = 0] = music.told.findLast(([code]) => code === OUT.loop) as number[];
        expect(source).toBe(SOURCES.page);
        expect(music.told.findLast(([code]) => code === OUT.loop)?.[2]).not.toBe(NO_LOOP);
        expect(time).toBeLessThan(1000);
        const sounded = music.told.filter(([code]) => code === OUT.sounded).map(([, , , , , , wanted]) => wanted as number);
        const keys = tune.filter((each) => each.time > time);
        // Until then, notes of notes; from then on, each key has its two and nothing else has any.
        expect(sounded.filter((wanted) => wanted <= time).length).toBeGreaterThan(4 * (tune.length - keys.length));
        expect(sounded.filter((wanted) => wanted > time).length).toBe(2 * keys.length);
        expect(new Set(sounded.filter((wanted) => wanted > time))).toEqual(new Set(keys.map((each) => each.time)));
        expect(music.stage.ledger.sounding()).toBe(0);
      }
    });
  }

  for (const lag of [0, 40, 300]) {
    it(`and leaves ends out, no less than ${lag} ms late, is found by its pace, and leaves nothing sounding`, () => {
      const music = mirrored(patchOf(['harmonise'], { voices: 2 }), [-3, -8], lag, lag, false);
      expect(music.told.findLast(([code]) => code === OUT.loop)?.[2]).not.toBe(NO_LOOP);
      expect(music.told.filter(([code]) => code === OUT.sounded).length).toBeLessThan(2 * tune.length + 300);
      expect(music.stage.ledger.sounding()).toBe(0);
    });
  }
});
