import { describe, expect, it } from 'vitest';
import { IN } from '../../src/stage/records.ts';
import { endOf, noteOf, patchOf, Playing } from '../stage/playing.ts';

/** So much is left when a plan is extended. */
const HALF_HORIZON = 450;
const GO_ON = patchOf(['continue'], { softness: 0.5, density: 1 });

/** Four notes, 250 ms apart, the last struck at 750 and let go at 800. */
const start = (): Playing => {
  const music = new Playing(GO_ON);
  for (const key of [60, 62, 64]) music.key(key, 50).wait(200);
  return music.key(65, 50);
};

/** Fills what was last asked for with a note every 100 ms, and says that it is grown. */
class Filler {
  private index = 0;
  private plan = 0;
  private at = 0;

  fill(music: Playing): void {
    const { plan, from } = music.asked('grow');
    const extension = music.askedAll('extend').findLast((ask) => ask.plan === plan);
    const { until } = extension ?? music.asked('grow');
    if (this.plan !== plan) Object.assign(this, { plan, index: 0, at: from });
    for (; this.at < until; this.at += 100) music.complete(...noteOf(plan, this.index++, 40 + (this.index % 12), this.at));
    music.complete(endOf(plan, until));
  }
}

describe('going on', () => {
  it('begins after four notes, and is wanted from when it can be on time', () => {
    const music = new Playing(GO_ON);
    for (const key of [60, 62, 64]) music.key(key, 50).wait(200);
    expect(music.askedAll('grow')).toEqual([]);
    music.key(65, 50);
    expect(music.asked('grow')).toEqual({ kind: 'grow', plan: 1, role: 2, from: 810, until: 1710, density: 4000 / 750, velocity: 40, open: true });
  });

  it('goes on in silence, half a horizon at a time', () => {
    const music = start();
    const filler = new Filler();
    filler.fill(music);
    for (let i = 0; i < 40; i++) {
      const extended = music.askedAll('extend').length;
      music.wait(250);
      if (music.askedAll('extend').length > extended) filler.fill(music);
    }
    const onsets = music.heard().filter((line) => line.includes(' on ')).map((line) => Number.parseFloat(line));
    expect(onsets.length).toBeGreaterThan(90);
    expect(Math.max(...onsets.map((at, i) => at - (onsets[i - 1] ?? at)))).toBe(100);
    expect(music.stage.counters).toMatchObject({ answers: 1, moved: 0, dropped: 0 });
  });

  it('plans anew, at a key, what has not sounded; what sounds stays', () => {
    const music = start();
    new Filler().fill(music);
    music.wait(390);
    music.heard();
    music.on(67, 100).wait(400);
    // Struck at 1190 and heard at 1210: what lay after 1250 is gone.
    expect(music.heard()).toEqual(['1200 continue off 44', '1210 continue on 45 v70', '1300 continue off 45']);
    expect(music.asked('grow')).toMatchObject({ plan: 2, from: 1250, velocity: (4 * 80 + 100) / 10 });
  });

  it('plans anew once for a chord, and no oftener than it could think', () => {
    const music = start();
    const before = music.askedAll('grow').length;
    music.wait(200).on(60).wait(3).on(64).wait(3).on(67).wait(100);
    expect(music.askedAll('grow').length).toBe(before + 1);
    for (let i = 0; i < 30; i++) music.key(60, 10).wait(10);
    expect(music.askedAll('grow').length).toBeLessThanOrEqual(before + 7);
  });

  it('ends at a stop, notes of earlier plans too, and asks for no more', () => {
    const music = start();
    const { plan, from } = music.asked('grow');
    // A long note that is left to ring when the plan is replaced.
    music.complete(...noteOf(plan, 0, 40, from, 3000), endOf(plan, from + 900)).wait(50);
    music.on(67).wait(200);
    expect(music.asked('grow').plan).toBe(2);
    music.heard();
    music.take(IN.stop);
    expect(music.heard()).toEqual(['1050 continue off 40']);
    const asks = music.asks.length;
    music.complete(...noteOf(2, 0, 50, music.now + 50), endOf(2, music.now + 900)).wait(10_000);
    expect(music.heard()).toEqual([]);
    expect(music.asks.length).toBe(asks);
    expect(music.stage.counters.stale).toBe(3);
    expect([music.stage.ledger.sounding(), music.stage.next()]).toEqual([0, Infinity]);
  });

  it('follows how densely the player played before the last rest', () => {
    const music = start().wait(5000).key(60, 50);
    music.wait(200);
    expect(music.asked('grow').density).toBeCloseTo(5, 9); // four notes in 800 ms
  });
});

describe('going on with a model that is late or gone', () => {
  /** The four notes again, as hands leave them. */
  const echo = (at: number, velocity: number, keys: readonly number[] = [60, 62, 64, 65]): string[] => keys.flatMap((key, n) => [`${at + n * 250} continue on ${key} v${velocity}`, `${at + n * 250 + 50} continue off ${key}`]);

  it('plays what the player played, once, as softly as it is to play, and nothing hangs', () => {
    const music = start().wait(20_000);
    // Wanted from 810, and owed music since.
    expect(music.heard()).toEqual(echo(1210, 40));
    expect(music.stage.counters).toMatchObject({ answers: 1, fromModel: 0, fallback: 1, dropped: 0, moved: 0 });
    expect([music.stage.ledger.sounding(), music.stage.next()]).toEqual([0, Infinity]);
  });

  it('does so, too, where the model falls silent in the middle', () => {
    const music = start();
    const { plan, from } = music.asked('grow');
    music.complete(...noteOf(plan, 0, 40, from + 500).slice(0, 1)).wait(20_000);
    const heard = music.heard();
    expect(heard[0]).toBe('1310 continue on 40 v70');
    expect(heard.filter((line) => !line.includes(' 40'))).toEqual(echo(1710, 40));
    // A note that the model never ended is let go all the same.
    expect(heard.filter((line) => line.endsWith('off 40')).length).toBe(1);
    expect(music.stage.counters).toMatchObject({ answers: 2, fromModel: 1, fallback: 1 });
  });

  it('gives way to the model when that comes, which is moved and not late', () => {
    const music = start();
    const { plan, from } = music.asked('grow');
    music.wait(1020);
    const at = music.now;
    music.complete(...noteOf(plan, 0, 40, from, 100), ...noteOf(plan, 1, 43, from + 200, 100), endOf(plan, from + 900)).wait(2000);
    const heard = music.heard();
    expect(heard.filter((line) => / 4[03] ?/.test(line))).toEqual([`${at} continue on 40 v70`, `${at + 100} continue off 40`, `${at + 200} continue on 43 v70`, `${at + 300} continue off 43`]);
    expect(heard.filter((line) => / on 6\d/.test(line)).every((line) => Number.parseFloat(line) < at)).toBe(true);
    expect(music.stage.counters).toMatchObject({ answers: 2, fromModel: 1, fallback: 1, moved: 1 });
  });

  it('does not wait anew with each key, and plays no key twice', () => {
    const music = start();
    for (let n = 0; n < 40; n++) music.wait(200).key(48 + n, 50);
    music.wait(20_000);
    const keys = music.heard().flatMap((line) => / on (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(keys).toEqual([60, 62, 64, 65, ...Array.from({ length: 40 }, (_, n) => 48 + n)]);
    const { answers, fallback } = music.stage.counters;
    expect([answers, music.stage.ledger.sounding()]).toEqual([fallback, 0]);
  });

  it('begins on a beat where there is a clock', () => {
    const music = new Playing(patchOf(['continue'], { softness: 0.5 }, { clock: { source: 'internal', bpm: 120 } }));
    for (const key of [60, 62, 64, 65]) music.key(key, 50).wait(200);
    music.wait(20_000);
    // Late at 1210, as without a clock; beats are at 1000 and 1500.
    expect(music.heard()).toEqual(echo(1500, 40));
  });

  it('leaves a model that is silent on purpose alone', () => {
    const music = start();
    const { plan, until } = music.asked('grow');
    music.complete(endOf(plan, until)).wait(until - HALF_HORIZON - music.now);
    music.complete(endOf(plan, music.asked('extend').until)).wait(HALF_HORIZON - 100);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters).toMatchObject({ answers: 0, fallback: 0 });
  });

  it('counts as dropped what could not be replaced', () => {
    const music = new Playing(patchOf(['continue'], { low: 61, high: 61, scale: 1, root: 0 }));
    for (const key of [60, 62, 64, 65]) music.key(key, 50).wait(200);
    music.wait(20_000);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters).toMatchObject({ answers: 1, fromModel: 0, fallback: 0, dropped: 1 });
    expect(music.stage.next()).toBe(Infinity);
  });

  it('is silent after a stop, and remembers nothing', () => {
    const music = start().wait(700);
    music.take(IN.stop);
    music.heard();
    music.take(IN.play).wait(20_000);
    expect(music.heard()).toEqual([]);
    music.key(70, 50).wait(20_000);
    expect(music.heard()).toEqual([]);
  });
});
