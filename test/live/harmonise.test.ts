import { describe, expect, it } from 'vitest';
import { packGuess } from '../../src/live/guess.ts';
import { IN } from '../../src/stage/records.ts';
import { harmonyOf, patchOf, Playing } from '../stage/playing.ts';

const HARMONY = patchOf(['harmonise'], { voices: 1, softness: 0.5 });

describe('harmony', () => {
  it('sounds at once, softer, and ends with its key', () => {
    const music = new Playing(HARMONY).wait(100);
    music.on(64, 80);
    expect(music.asked('harmony')).toEqual({ kind: 'harmony', plan: 1, role: 3, pitch: 64, voices: 1, time: 100, foreseen: 0 });
    music.wait(3).complete(...harmonyOf(1, 60));
    expect(music.heard()).toEqual(['103 harmonise on 60 v40']);
    music.wait(500).off(64);
    expect(music.heard()).toEqual(['603 harmonise off 60']);
    expect(music.stage.counters).toMatchObject({ harmonies: 1, fromModel: 1, fallback: 0 });
  });

  it('is wanted when the key was struck, and that is what its time is measured from', () => {
    const music = new Playing(HARMONY).wait(100);
    music.on(64).wait(3).complete(...harmonyOf(1, 60));
    expect(music.told.at(-1)).toEqual([32, 2, 3, 60, 40, 2, 100, 103]);
    const { harmony, model, input, schedule } = music.stage.latencies;
    expect([harmony, model, input, schedule].map(({ count, max }) => [count, max])).toEqual([[1, 3], [1, 3], [1, 0], [0, 0]]);
  });

  it('is held by the pedal', () => {
    const music = new Playing(HARMONY);
    music.control(64, 127).on(64).complete(...harmonyOf(1, 60)).wait(200).off(64).wait(800);
    expect(music.heard()).toEqual(['0 harmonise on 60 v40']);
    music.control(64, 0);
    expect(music.heard()).toEqual(['1000 harmonise off 60']);
  });

  it('comes from the rule when the model has said nothing for 12 ms', () => {
    const music = new Playing(patchOf(['harmonise'], { voices: 2, scale: 1, softness: 1 }));
    music.on(64, 80).wait(11.9);
    expect(music.heard()).toEqual([]);
    music.wait(50);
    // In C major under E: the third and the sixth of the scale.
    expect(music.heard()).toEqual(['12 harmonise on 60 v80', '12 harmonise on 55 v80']);
    expect(music.asked('cancel').plan).toBe(1);
    music.complete(...harmonyOf(1, 48)).off(64);
    expect(music.heard()).toEqual(['61.9 harmonise off 60', '61.9 harmonise off 55']);
    expect(music.stage.counters).toMatchObject({ harmonies: 1, fromModel: 0, fallback: 1, stale: 1 });
  });

  it('that the model is late with is what it last guessed, where that is consonant and may be played', () => {
    const music = new Playing(patchOf(['harmonise'], { voices: 2, softness: 1 }));
    // A over all, then G, a little F sharp: under E an A and a C; G comes before F sharp, which clashes.
    music.complete({ kind: 'guess', plan: 0, role: 3, weights: packGuess([3, 0, 0, 0, 0, 0, 8, 5, 0, 9, 0, 0]) });
    music.on(64, 80).wait(13);
    expect(music.heard()).toEqual(['12 harmonise on 57 v80', '12 harmonise on 60 v80']);
    music.off(64);
    expect(music.stage.counters).toMatchObject({ harmonies: 1, fallback: 1 });
  });

  it('that the model is late with lies in the key the player is in, once that is known', () => {
    const music = new Playing(HARMONY);
    for (const [n, key] of [62, 66, 69, 74, 73, 71, 69, 67, 66, 64, 62].entries()) music.on(key).complete(...harmonyOf(n + 1, 50)).wait(10).off(key);
    music.heard();
    // Under F sharp in D major lies D, under C sharp A; unknown, it would be a minor third.
    for (const key of [66, 73]) music.on(key).wait(12).off(key);
    expect(music.heard().filter((line) => line.includes(' on ')).map((line) => line.split(' ')[3])).toEqual(['62', '69']);
    // F is not of the key: its harmony is not bound by it.
    music.on(65).wait(12).off(65);
    expect(music.heard()[0]).toContain('harmonise on 62');
  });

  it('of a model that finds no note comes from the rule at once', () => {
    const music = new Playing(HARMONY);
    music.on(64).wait(2).complete({ kind: 'end', plan: 1, until: 0 as never });
    expect(music.heard()).toEqual(['2 harmonise on 61 v40']);
    expect(music.stage.counters).toMatchObject({ fallback: 1, fromModel: 0 });
  });

  it('keeps the note that came in time when the second is late, and adds by the rule', () => {
    const music = new Playing(patchOf(['harmonise'], { voices: 2, softness: 1 }));
    music.on(64, 80).wait(2).complete(...harmonyOf(1, 61, 57).slice(0, 1)).wait(10);
    expect(music.heard()).toEqual(['2 harmonise on 61 v80', '12 harmonise on 56 v80']);
    expect(music.stage.counters).toMatchObject({ harmonies: 1, fallback: 1, fromModel: 0 });
  });

  it('of a note shorter than the thinking is not played after it', () => {
    const music = new Playing(HARMONY);
    music.on(64).wait(4).off(64);
    expect(music.asked('cancel').plan).toBe(1);
    music.wait(1).complete(...harmonyOf(1, 60)).wait(100);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters).toMatchObject({ harmonies: 1, fromModel: 0, fallback: 0, dropped: 1, stale: 1 });
  });

  it('is one for each key of a chord, and each ends with its own', () => {
    const music = new Playing(HARMONY);
    for (const [i, key] of [60, 64, 67].entries()) music.on(key, 80).complete(...harmonyOf(i + 1, key - 12));
    music.wait(100).off(64);
    expect(music.heard().at(-1)).toBe('100 harmonise off 52');
    music.off(60).off(67);
    expect(music.stage.ledger.sounding()).toBe(0);
  });

  it('lies in scale and range, or is not', () => {
    const music = new Playing(patchOf(['harmonise'], { voices: 2, low: 60, scale: 1 }));
    music.on(62).wait(20);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters.fallback).toBe(1);
  });

  it('is silent with no voices, when stopped, and after a panic', () => {
    const music = new Playing(HARMONY);
    music.param('voices', 0).on(60).param('voices', 1);
    expect(music.askedAll('harmony')).toEqual([]);
    music.take(IN.stop);
    music.on(62).take(IN.play);
    expect(music.askedAll('harmony')).toEqual([]);
    music.on(64).complete(...harmonyOf(1, 60)).take(IN.panic);
    expect(music.heard()).toEqual(['0 harmonise on 60 v40', '0 harmonise off 60', '0 withdrawn harmonise off 60']);
    expect(music.stage.ledger.sounding()).toBe(0);
  });
});
