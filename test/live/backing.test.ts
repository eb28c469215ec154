import { describe, expect, it } from 'vitest';
import { ms, pitch } from '../../src/core/units.ts';
import type { Completion } from '../../src/live/ask.ts';
import { IN } from '../../src/stage/records.ts';
import { endOf, noteOf, patchOf, Playing } from '../stage/playing.ts';

const clock = { clock: { source: 'internal', bpm: 120 } };
const drummer = (): Playing => new Playing(patchOf(['drum'], { fills: 0 }, clock));
/** What was said, at whole milliseconds. */
const heard = (music: Playing): string[] => music.heard().map((line) => line.replace(/^[\d.]+/, (time) => String(Math.round(Number(time)))));
const open = (plan: number, index: number, key: number, time: number, bass?: true): Completion => ({ kind: 'note', plan, index, pitch: pitch(key), velocity: 64, time: ms(time), ...(bass ? { bass } : {}) });

describe('drums on the clock', () => {
  it('begin with the next beat that can be in time, and are asked for two beats before each bar', () => {
    const music = drummer().wait(0);
    expect(music.asked('grid')).toEqual({ kind: 'grid', role: 6, bpm: 120, time: 0, beat: 0 });
    expect(music.asked('grow')).toMatchObject({ role: 6, plan: 1, from: 500, until: 2000, open: true });
    music.complete(...noteOf(1, 0, 36, 500), ...noteOf(1, 1, 38, 1000), endOf(1, 2000)).wait(999);
    expect(music.askedAll('extend')).toEqual([]);
    music.wait(1);
    expect(music.asked('extend')).toEqual({ kind: 'extend', plan: 1, until: 4000 });
    music.complete(...noteOf(1, 2, 36, 1980), endOf(1, 4000)).wait(1500);
    expect(heard(music)).toEqual(['500 drum on 36 v70', '590 drum off 36', '1000 drum on 38 v70', '1090 drum off 38', '1980 drum on 36 v70', '2070 drum off 36']);
    expect(music.stage.counters).toMatchObject({ answers: 2, fromModel: 2, fallback: 0, late: 0 });
  });

  it('are not taken back by a key', () => {
    const music = drummer().wait(0).complete(...noteOf(1, 0, 36, 500), ...noteOf(1, 1, 38, 1000), endOf(1, 2000)).wait(400);
    music.key(60, 200).key(64, 500);
    expect(heard(music)).toEqual(['500 drum on 36 v70', '590 drum off 36', '1000 drum on 38 v70', '1090 drum off 38']);
    expect(music.askedAll('cancel')).toEqual([]);
  });

  it('play the bar before once more where the model is late, and ask anew from the next bar on', () => {
    const music = drummer().wait(0).complete(...noteOf(1, 0, 36, 500), endOf(1, 2000)).wait(1000);
    music.complete(...noteOf(1, 1, 38, 2250), endOf(1, 4000)).wait(3100);
    expect(heard(music).filter((line) => line.includes('on'))).toEqual(['500 drum on 36 v70', '2250 drum on 38 v70']);
    // Nothing came for the bar from 4000 on.
    expect(music.asked('cancel')).toEqual({ kind: 'cancel', plan: 1 });
    expect(music.asked('grow')).toMatchObject({ plan: 2, from: 6000, until: 8000 });
    music.complete(...noteOf(1, 2, 49, 4500)).wait(300);
    expect(heard(music)).toEqual(['4250 drum on 38 v70', '4340 drum off 38']);
    expect(music.stage.counters).toMatchObject({ answers: 3, fromModel: 2, fallback: 1, stale: 2 });
  });

  it('leave out the notes that come too late, and play what follows', () => {
    const music = drummer().wait(520).complete(...noteOf(1, 0, 36, 500), endOf(1, 2000));
    expect(music.stage.counters).toMatchObject({ stale: 3, fallback: 1 });
    const { plan, from } = music.asked('grow');
    expect([plan, from]).toEqual([2, 2000]);
    music.wait(1400).complete(...noteOf(2, 0, 36, 1900), ...noteOf(2, 1, 38, 2000), endOf(2, 4000)).wait(200);
    expect(heard(music)).toEqual(['2000 drum on 38 v70', '2090 drum off 38']);
    expect(music.stage.counters).toMatchObject({ late: 1, fallback: 1, fromModel: 1 });
  });

  it('move what has not sounded with the tempo', () => {
    const music = drummer().wait(0).complete(...noteOf(1, 0, 36, 500, 500), ...noteOf(1, 1, 38, 1000), endOf(1, 2000)).wait(750);
    music.param('tempo', 60).wait(1000);
    // From beat 1.5 on a beat lasts a second: the kick to beat 2, the snare there.
    expect(heard(music)).toEqual(['500 drum on 36 v70', '1250 drum off 36', '1250 drum on 38 v70', '1430 drum off 38']);
  });

  it('stop with the transport, and begin anew with it', () => {
    const music = drummer().wait(0).complete(...noteOf(1, 0, 36, 500, 900), ...noteOf(1, 1, 38, 1000), endOf(1, 2000)).wait(600);
    music.take(IN.stop).wait(3000);
    expect(heard(music)).toEqual(['500 drum on 36 v70', '600 drum off 36', '600 withdrawn drum off 36']);
    music.take(IN.play);
    expect(music.asked('grow')).toMatchObject({ plan: 2, from: 4100, until: 5600 });
  });

  it('are silent after a panic until the player plays', () => {
    const music = drummer().wait(0).complete(endOf(1, 2000)).wait(100).take(IN.panic).wait(5000);
    expect(music.askedAll('grow').length).toBe(1);
    music.on(60);
    expect(music.askedAll('grow').length).toBe(2);
  });

  it('follow a MIDI clock, and fall silent when it stops or is pulled', () => {
    for (const ending of ['stop', 'pull'] as const) {
      const music = new Playing(patchOf(['drum'], {}, { clock: { source: 'midi' } })).wait(100);
      expect(music.askedAll('grow')).toEqual([]);
      music.take(IN.clock, 0xfa, music.now);
      const ticks = (count: number): void => {
        for (let tick = 0; tick < count; tick++) music.take(IN.clock, 0xf8, music.now).wait(500 / 24);
      };
      ticks(14);
      const { plan, from, until } = music.asked('grow');
      expect([Math.round(from), Math.round(until)]).toEqual([600, 2100]);
      music.complete(...noteOf(plan, 0, 36, from), ...noteOf(plan, 1, 38, from + 500), endOf(plan, until));
      ticks(12);
      if (ending === 'stop') music.take(IN.clock, 0xfc, music.now);
      music.wait(4000);
      expect(heard(music).filter((line) => line.includes('on 38'))).toHaveLength(ending === 'stop' ? 0 : 1);
      expect([music.askedAll('grow').length, music.asked('cancel').plan]).toEqual([1, 1]);
    }
  });

  it('keep the tempo of a player who is sure of it, and go on when the player rests', () => {
    const music = new Playing(patchOf(['drum'])).wait(1000);
    expect(music.askedAll('grow')).toEqual([]);
    for (let i = 0; i < 24; i++) music.key(60 + (i % 5), 200, i % 2 === 0 ? 100 : 70).wait(100);
    expect(music.asked('grid').bpm).toBeCloseTo(100, 0);
    const before = music.askedAll('grow').length;
    music.wait(8000);
    expect(music.askedAll('grow').length).toBeGreaterThan(before);
  });

  it('are not told to models of pitches', () => {
    const music = drummer().wait(0).complete(...noteOf(1, 0, 36, 500), endOf(1, 2000)).wait(700);
    expect(heard(music)).toHaveLength(2);
    expect(music.askedAll('hear')).toEqual([]);
  });
});

describe('chords and bass on the clock', () => {
  const backed = (): Playing => new Playing(patchOf(['accompany'], { softness: 1 }, clock)).wait(0);

  it('are asked for by 8ths, each as it begins and in time to be a moment later, and sound on channels of their own', () => {
    const music = backed();
    expect(music.asked('grow')).toMatchObject({ plan: 1, role: 4, from: 520, until: 770 });
    music.complete(open(1, 0, 36, 520, true), open(1, 1, 60, 520), endOf(1, 770)).wait(757);
    expect(music.askedAll('extend')).toEqual([]);
    music.wait(1);
    expect(music.asked('extend')).toEqual({ kind: 'extend', plan: 1, until: 1020 });
    music.complete({ kind: 'off', plan: 1, index: 1, time: ms(762) }, endOf(1, 1020)).wait(200);
    expect(heard(music)).toEqual(['520 bass on 36 v64', '520 accompany on 60 v64', '762 accompany off 60']);
    expect(music.sent).toEqual([[0x95, 36, 64], [0x91, 60, 64], [0x81, 60, 64]].map(([status, key, force]) => [status, key, status === 0x81 ? expect.anything() : force]));
  });

  it('follow how hard the player plays', () => {
    const music = backed().on(72, 96).complete(open(1, 0, 60, 520), endOf(1, 770)).wait(520);
    expect(heard(music)).toEqual(['520 accompany on 60 v96']);
  });

  it('let what sounds go on for a beat where the model is late, and no longer', () => {
    const music = backed().complete(open(1, 0, 60, 520), endOf(1, 770)).wait(3000);
    // The 8th from 770 to 1020 did not come: a beat after its end.
    expect(heard(music)).toEqual(['520 accompany on 60 v64', '1520 accompany off 60']);
    expect(music.stage.counters.fallback).toBeGreaterThan(2);
  });

  it('never hang on a model that goes on and does not end them', () => {
    const music = backed().complete(open(1, 0, 60, 520));
    music.complete(endOf(1, 770));
    for (let until = 1020; until < 9000; until += 250) music.wait(until - 262 - music.now).complete(endOf(1, until));
    expect(music.stage.counters.fallback).toBe(0);
    expect(heard(music)).toEqual(['520 accompany on 60 v64', '4520 accompany off 60']);
  });

  it('are asked for sooner by the lead of an early output', () => {
    const music = new Playing(patchOf(['accompany'], { softness: 1 }, { ...clock, outputs: [{ port: 'strings', offset: -40 }] })).wait(0);
    expect(music.asked('grow')).toMatchObject({ from: 520, until: 770 });
    music.complete(open(1, 0, 60, 520), endOf(1, 770)).wait(770 - 12 - 40 - 1);
    expect(music.askedAll('extend')).toEqual([]);
    music.wait(1);
    expect(music.asked('extend')).toEqual({ kind: 'extend', plan: 1, until: 1020 });
  });

  it('are asked for sooner where the model takes long, a sixteenth at the most', () => {
    for (const [takes, sooner] of [[4, 12], [10, 20], [40, 80], [100, 125]] as const) {
      const music = backed();
      const asked: { plan: number; until: number; at: number }[] = [];
      // Each question is answered so long after it.
      while (music.now < 8000) {
        const { plan, until } = [...music.askedAll('grow'), ...music.askedAll('extend')].reduce((last, each) => (each.until > last.until ? each : last));
        if (asked.at(-1)?.until !== until) asked.push({ plan, until, at: music.now });
        const last = asked.at(-1) as (typeof asked)[number];
        music.wait(1);
        if (music.now - last.at === takes) music.complete(endOf(last.plan, last.until));
      }
      const leads = asked.slice(-8).map(({ until, at }) => until - 250 - at);
      for (const lead of leads) expect(Math.abs(lead - sooner)).toBeLessThanOrEqual(1);
      expect(music.stage.counters.fallback).toBeLessThanOrEqual(4);
    }
  });
});
