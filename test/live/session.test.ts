import { describe, expect, it } from 'vitest';
import { castOf } from '../../src/live/cast.ts';
import { ROLES } from '../../src/live/command.ts';
import { PARAM_NAMES } from '../../src/live/params.ts';
import type { Patch } from '../../src/live/patch.ts';
import { IN, OUT } from '../../src/stage/records.ts';
import { endOf, harmonyOf, noteOf, patchOf, Playing, shipped } from '../stage/playing.ts';

const hears = (music: Playing): [number, number, boolean][] => music.askedAll('hear').map(({ time, what, player }) => [time, what, player]);

describe('what the models hear', () => {
  it('is each key down and up, and the pedal where it moves', () => {
    const music = new Playing(patchOf([]));
    music.control(64, 100).control(64, 127).on(60).wait(100).off(60).control(64, 20).control(64, 0).control(7, 99);
    expect(hears(music)).toEqual([[0, 256, true], [0, 60, true], [100, 188, true], [100, 257, true]]);
  });

  it('is timed by the input, not by the stage', () => {
    const music = new Playing(patchOf([])).wait(50);
    music.take(IN.midi, 0x90, 60, 80, 47.5, 0, 0);
    // A stamp from the future is a fault of the input's clock.
    music.take(IN.midi, 0x80, 60, 0, 99, 0, 0);
    expect(hears(music)).toEqual([[47.5, 60, true], [50, 188, true]]);
  });

  it('is one release for each strike, and none without', () => {
    const music = new Playing(patchOf([])).on(60).on(60).off(60).off(60).off(72);
    expect(hears(music).map(([, what]) => what)).toEqual([60, 188, 60, 188]);
  });

  it('is a key struck on two sources once each', () => {
    const music = new Playing(patchOf([]));
    music.midi(0x90, 60, 80, 0).midi(0x90, 60, 80, 17).midi(0x90, 60, 0, 0).midi(0x80, 60, 0, 17);
    expect(hears(music).map(([, what]) => what)).toEqual([60, 60, 188, 188]);
  });

  it('is the keys of an input that is gone let go, its pedal lifted, and no others', () => {
    const music = new Playing(patchOf(['harmonise'], { voices: 1 }));
    music.midi(0x90, 60, 80, 0).midi(0x90, 64, 80, 16).midi(0xb0, 64, 127, 0).midi(0x90, 67, 80, 0).midi(0x80, 67, 0, 0);
    for (const [plan, key] of [[1, 48], [2, 52], [3, 55]] as const) music.complete(...harmonyOf(plan, key));
    music.asks.length = 0;
    music.heard();
    music.take(IN.inputLost, 0);
    expect(hears(music).filter(([, , player]) => player).map(([, what]) => what)).toEqual([188, 257]);
    expect(music.heard()).toEqual(['0 harmonise off 48', '0 harmonise off 55']);
    music.midi(0x80, 64, 0, 16);
    expect(music.heard()).toEqual(['0 harmonise off 52']);
  });
});

describe('parameters', () => {
  it('are told to the models for each role, its own over those of the patch', () => {
    const music = new Playing([patchOf([]), shipped('duet')]).take(IN.patch, 1);
    const softness = music.askedAll('param').filter(({ param }) => PARAM_NAMES[param] === 'softness');
    expect(softness.map(({ role, value }) => [ROLES[role], value])).toEqual([['respond', 0.7], ['harmonise', 0.45]]);
    expect(music.askedAll('role').map(({ role, model }) => [ROLES[role], model])).toEqual([['respond', 0], ['harmonise', 1]]);
  });

  it('come with the number of the model that each role plays with', () => {
    const named = (...models: string[]): Patch => ({ ...shipped('duet'), roles: shipped('duet').roles.map((role, i) => ({ ...role, model: models[i] as string })) });
    const patches = [named('performance', 'mine'), named('lines', 'mine'), named('performance', 'performance')];
    expect(castOf(patches)).toEqual(['performance', 'mine', 'lines']);
    const music = new Playing(patches).take(IN.patch, 0).take(IN.patch, 1).take(IN.patch, 2).take(IN.modelBack);
    expect(music.askedAll('role').map(({ model }) => model)).toEqual([0, 1, 2, 1, 0, 0, 0, 0]);
  });

  it('that a client sets hold for every role', () => {
    const music = new Playing(shipped('duet')).param('softness', 1);
    expect(music.askedAll('param').map(({ role, value }) => [ROLES[role], value])).toEqual([['respond', 1], ['harmonise', 1]]);
    expect(music.stage.session.params.softness).toBe(1);
    music.on(60, 90).complete(...harmonyOf(1, 57));
    expect(music.heard()).toEqual(['0 harmonise on 57 v90']);
  });

  it('follow the controllers of the patch, and clients are told', () => {
    const music = new Playing(patchOf(['harmonise'], {}, { controllers: [{ cc: 22, param: 'voices' }, { cc: 1, param: 'low', channel: 2 }] }));
    music.control(22, 127).control(1, 0);
    expect(music.stage.session.params).toMatchObject({ voices: 3, low: 28 });
    expect(music.told).toEqual([[OUT.param, PARAM_NAMES.indexOf('voices'), 3, 0, 0, 0, 0, 0]]);
    music.on(60);
    expect(music.asked('harmony').voices).toBe(3);
    music.midi(0xb1, 1, 127);
    expect(music.stage.session.params.low).toBe(127);
  });
});

describe('patches', () => {
  it('change with all of ours ended, and what the player holds still held', () => {
    const music = new Playing([patchOf(['harmonise'], { voices: 1 }), patchOf(['respond', 'harmonise'], { voices: 1 })]);
    music.control(64, 127).on(60).complete(...harmonyOf(1, 57)).wait(100).take(IN.patch, 1);
    expect(music.heard()).toEqual(['0 harmonise on 57 v56', '100 harmonise off 57', '100 withdrawn harmonise off 57']);
    music.on(64).complete(...harmonyOf(2, 61)).off(64).off(60);
    expect(music.heard()).toEqual(['100 harmonise on 61 v56']);
    music.control(64, 0);
    expect(music.heard()).toEqual(['100 harmonise off 61']);
  });

  it('let nothing of an earlier one sound', () => {
    const music = new Playing([patchOf(['harmonise'], { voices: 1 }), patchOf(['harmonise'], { voices: 1 })]);
    music.on(60).take(IN.patch, 1).complete(...harmonyOf(1, 57)).wait(100);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters.stale).toBe(1);
    expect(music.asked('cancel').plan).toBe(1);
  });
});

describe('transport', () => {
  const music = (): Playing => {
    const playing = new Playing(patchOf(['respond', 'continue', 'harmonise'], { voices: 1, silence: 400, patience: 1 }));
    for (const key of [60, 62, 64, 65]) playing.key(key, 90).wait(10);
    return playing.wait(200);
  };

  it('panic ends and forgets everything of ours, and the next key is played with', () => {
    const playing = music();
    const respond = playing.askedAll('grow').findLast(({ role }) => ROLES[role] === 'respond')!;
    const goOn = playing.askedAll('grow').findLast(({ role }) => ROLES[role] === 'continue')!;
    playing.complete(...noteOf(goOn.plan, 0, 40, playing.now, 5000), ...noteOf(respond.plan, 0, 72, respond.from, 300), endOf(respond.plan, respond.until));
    playing.on(67).wait(1).heard();
    playing.take(IN.panic).complete(...harmonyOf(99, 60));
    expect(playing.stage.ledger.sounding()).toBe(0);
    expect(playing.stage.scheduler.waiting).toBe(0);
    playing.heard();
    expect(playing.wait(10_000).heard()).toEqual([]);
    const before = playing.askedAll('harmony').length;
    playing.on(60);
    expect(playing.askedAll('harmony').length).toBe(before + 1);
  });

  it('stop is silence until play', () => {
    const playing = music().take(IN.stop);
    playing.heard();
    playing.asks.length = 0;
    for (const key of [60, 62, 64, 65, 67]) playing.key(key, 90).wait(100);
    playing.wait(5000);
    expect([playing.heard(), playing.askedAll('grow'), playing.askedAll('harmony')]).toEqual([[], [], []]);
    expect(playing.stage.session.running).toBe(false);
    // The models hear on.
    expect(playing.askedAll('hear').length).toBe(10);
    playing.take(IN.play).key(60, 90);
    expect(playing.askedAll('harmony').length).toBe(1);
  });
});

describe('the pulse', () => {
  it('is of the player, once it is clear, and told before it is needed', () => {
    const music = new Playing(patchOf(['respond'], { silence: 400, patience: 1 }));
    expect(music.stage.session.bpm).toBe(null);
    // Halves of 100 bpm.
    for (let i = 0; i < 24; i++) music.key(60 + (i % 5), 200, i % 2 === 0 ? 100 : 70).wait(100);
    expect(music.stage.session.bpm).toBeCloseTo(100, 0);
    music.wait(3000);
    const { bpm, phase } = music.asked('pulse');
    expect(bpm).toBeCloseTo(100, 0);
    expect(music.asks.indexOf(music.asked('pulse'))).toBe(music.asks.indexOf(music.asked('grow')) - 1);
    // The answer begins on one of its beats, and lasts some of them.
    const { from, until } = music.asked('grow');
    for (const time of [from - phase, until - from]) expect((((time * bpm) / 60_000) + 0.5) % 1).toBeCloseTo(0.5, 6);
  });

  it('is told by the time of a beat, also where the tempo changed between two', () => {
    const music = new Playing(patchOf(['respond'], { silence: 400, patience: 1 }, { clock: { source: 'internal', bpm: 120 } })).wait(750);
    // Beat 1.5: at the new tempo beat 1 would have been half a second ago.
    music.param('tempo', 60).key(60, 200).wait(2000);
    expect(music.asked('pulse')).toEqual({ kind: 'pulse', bpm: 60, phase: 250 });
    expect(music.asked('grow').from).toBe(1250);
  });
});
