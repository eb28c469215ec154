import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { IN, OUT } from '../../src/stage/records.ts';
import { endOf, noteOf, patchOf, Playing } from '../stage/playing.ts';

const CALL = patchOf(['respond'], { silence: 400, patience: 1 });

/** C, D, E, 300 ms apart; the last is struck at 600 and let go at 800. */
const phrase = (music: Playing): Playing => music.key(60, 280).wait(20).key(62, 280).wait(20).key(64, 200);

/** Grown, the answer of E, D, C from `from`. */
const answer = (music: Playing, plan = 1, from: number = music.asked('grow').from): Playing =>
  music.complete(...noteOf(plan, 0, 64, from, 200), ...noteOf(plan, 1, 62, from + 300, 200), ...noteOf(plan, 2, 60, from + 600, 200), endOf(plan, from + 800));

describe('an answer', () => {
  it('is asked for before the silence is over, and played when it is', () => {
    const music = phrase(new Playing(CALL));
    // The phrase ends at 1100: 400 after the last key down, three quarters of it after the last up. Two fifths of the rest pass first.
    music.wait(119);
    expect(music.askedAll('grow')).toEqual([]);
    music.wait(1);
    expect(music.asked('grow')).toEqual({ kind: 'grow', plan: 1, role: 1, from: 1100, until: 1900, density: 3.75, velocity: 80, open: false });
    answer(music.wait(10)).wait(3000);
    expect(music.heard()).toEqual([
      '1100 respond on 64 v70',
      '1300 respond off 64',
      '1400 respond on 62 v70',
      '1600 respond off 62',
      '1700 respond on 60 v70',
      '1900 respond off 60',
    ]);
    expect(music.stage.counters).toMatchObject({ answers: 1, fromModel: 1, moved: 0, dropped: 0, takenBack: 0 });
    expect(music.stage.next()).toBe(Infinity);
  });

  it('is told to the models as it sounds', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200)).wait(3000);
    expect(music.askedAll('hear').filter(({ player }) => !player).map(({ time, what }) => [time, what])).toEqual([[1100, 64], [1300, 192], [1400, 62], [1600, 190], [1700, 60], [1900, 188]]);
  });

  it('is thrown away when the player goes on in time', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200));
    music.key(65, 200).wait(200);
    expect(music.heard()).toEqual([]);
    expect(music.askedAll('grow').map(({ plan }) => plan)).toEqual([1, 2]);
    expect(music.asked('grow').density).toBeCloseTo(4000 / 1200, 9);
    expect(music.stage.counters).toMatchObject({ answers: 0, takenBack: 0 });
  });

  it('yields at once to a key: what sounds ends, the rest is never heard', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200)).wait(500);
    expect(music.heard().at(-1)).toBe('1400 respond on 62 v70');
    music.on(72, 90);
    expect(music.heard()).toEqual(['1500 respond off 62', '1500 withdrawn respond off 62']);
    music.wait(100).off(72).wait(200);
    expect(music.heard()).toEqual([]);
    expect(music.stage.counters).toMatchObject({ answers: 1, takenBack: 1 });
  });

  it('that comes into the phrase has misheard its end: the phrase goes on as a whole', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200)).wait(200);
    music.key(65, 300).wait(1000);
    // Four notes from 0 to 1500.
    expect(music.asked('grow')).toMatchObject({ plan: 2, density: 4000 / 1500 });
    expect(music.asked('grow').until - music.asked('grow').from).toBe(1500);
  });

  it('that was well under way ends the phrase it answers', () => {
    const music = answer(phrase(new Playing({ ...CALL, params: { ...CALL.params, length: 2 } })).wait(200)).wait(1400);
    music.key(65, 300).wait(1000);
    expect(music.asked('grow')).toMatchObject({ plan: 2, density: 1000 / 300 });
  });

  it('that is due as a key is struck is not heard', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200));
    // The stage was busy: the key of 1102 comes before it has woken for the answer's first note.
    music.now = ms(1102);
    music.on(72).wait(50);
    expect(music.heard()).toEqual([]);
  });

  it('that was asked for and not begun is cancelled by a key', () => {
    const music = phrase(new Playing(CALL)).wait(150).on(60);
    expect(music.asked('cancel').plan).toBe(1);
    answer(music, 1, 1100).wait(300);
    expect(music.stage.counters.stale).toBe(7);
    expect(music.heard()).toEqual([]);
  });

  it('of a slow model moves by as much as it is late, once for all its notes', () => {
    const music = phrase(new Playing(CALL)).wait(350);
    answer(music).wait(3000);
    expect(music.heard().filter((line) => line.includes(' on '))).toEqual(['1150 respond on 64 v70', '1450 respond on 62 v70', '1750 respond on 60 v70']);
    expect(music.stage.counters).toMatchObject({ answers: 1, fromModel: 1, moved: 1 });
  });

  it('of a slow model moves to the next beat where there is a clock', () => {
    const music = phrase(new Playing(patchOf(['respond'], { silence: 500, patience: 1 }, { clock: { source: 'internal', bpm: 120 } }))).wait(200);
    // The phrase ends at 1175: the next beat is 1500, and its length is rounded to beats.
    expect(music.asked('grow')).toMatchObject({ from: 1500, until: 2500 });
    expect(music.asked('pulse')).toEqual({ kind: 'pulse', bpm: 120, phase: 0 });
    answer(music.wait(530)).wait(3000);
    expect(music.heard().filter((line) => line.includes(' on '))).toEqual(['2000 respond on 64 v70', '2300 respond on 62 v70', '2600 respond on 60 v70']);
    expect(music.stage.counters.moved).toBe(1);
  });

  it('of a model that never speaks is the phrase itself, four tenths of a second late and on time from there', () => {
    const music = phrase(new Playing(CALL)).wait(3000);
    expect(music.asked('cancel').plan).toBe(1);
    expect(music.heard()).toEqual([
      '1500 respond on 60 v80', '1780 respond off 60',
      '1800 respond on 62 v80', '2080 respond off 62',
      '2100 respond on 64 v80', '2300 respond off 64',
    ]);
    expect(music.told.flatMap(([code, , , , , , wanted, now]) => (code === OUT.sounded ? [(now as number) - (wanted as number)] : []))).toEqual([0, 0, 0]);
    expect(music.stage.counters).toMatchObject({ answers: 1, fallback: 1, dropped: 0, fromModel: 0, moved: 0 });
    // What the model says now is of a plan given up; the next phrase is answered.
    music.complete(...noteOf(1, 0, 64, music.now, 200));
    answer(phrase(music).wait(200), 3).wait(2000);
    expect(music.heard().length).toBe(6);
    expect(music.stage.counters).toMatchObject({ answers: 2, fromModel: 1, stale: 2 });
  });

  it('of a model that never speaks begins on a beat where there is a clock, and yields as any', () => {
    const music = phrase(new Playing(patchOf(['respond'], { silence: 500, patience: 1, scale: 1, root: 11, high: 61, polyphony: 1 }, { clock: { source: 'internal', bpm: 120 } }))).wait(1950);
    // The answer was due at 1500; in B major and below D flat it lies an octave lower, C a B and D a C sharp.
    expect(music.heard()).toEqual(['2000 respond on 47 v80', '2280 respond off 47', '2300 respond on 49 v80', '2580 respond off 49', '2600 respond on 52 v80']);
    music.on(72);
    expect(music.heard()).toEqual([`${music.now} respond off 52`, `${music.now} withdrawn respond off 52`]);
    expect(music.stage.counters).toMatchObject({ answers: 1, fallback: 1, takenBack: 1 });
  });

  it('of a model that never speaks is dropped where nothing of the phrase may be played', () => {
    const music = phrase(new Playing(patchOf(['respond'], { silence: 400, patience: 1, low: 100, high: 101, scale: 1 }))).wait(3000);
    music.param('low', 127);
    expect(music.stage.counters.answers).toBe(1);
  });

  it('is let go at its end where the model does not say when', () => {
    const music = phrase(new Playing(CALL)).wait(200);
    music.complete(...noteOf(1, 0, 64, 1100).slice(0, 1)).wait(5000);
    expect(music.asked('cancel').plan).toBe(1);
    expect(music.heard()).toEqual(['1100 respond on 64 v70', '1900 respond off 64']);
  });

  it('is asked for anew when a key let go late changes the phrase', () => {
    const music = new Playing(CALL).key(60, 280).wait(20).on(62);
    // Held, the phrase would end at 300 + 3 silences, and the key would be down until then.
    music.wait(600);
    expect(music.asked('grow')).toMatchObject({ plan: 1, from: 1500, until: 3000 });
    answer(music, 1).off(62).wait(200);
    expect(music.asked('grow')).toMatchObject({ plan: 2, from: 1200, until: 2100, density: 2000 / 900 });
    answer(music, 2).wait(3000);
    expect(music.heard().filter((line) => line.includes(' on '))).toEqual(['1200 respond on 64 v70', '1500 respond on 62 v70', '1800 respond on 60 v70']);
    expect(music.stage.counters.moved).toBe(0);
  });
});

describe('trading bars', () => {
  const BARS = patchOf(['respond'], { bars: 1, silence: 150 }, { clock: { source: 'internal', bpm: 120 } });

  it('answers at the bar line, however long the player rests, with a bar', () => {
    const music = new Playing(BARS).key(60, 200).wait(1000).key(64, 200);
    music.wait(350);
    expect(music.askedAll('grow')).toEqual([expect.objectContaining({ from: 2000, until: 4000 })]);
    // Both notes are of one phrase, though the rest between them was long.
    expect(music.asked('grow').density).toBeCloseTo(2000 / 1400, 9);
    music.complete(...noteOf(1, 0, 67, 2000, 200), endOf(1, 4000)).wait(3000);
    expect(music.heard()).toEqual(['2000 respond on 67 v70', '2200 respond off 67']);
  });

  it('counts a rushed downbeat to the bar it is meant for', () => {
    const music = new Playing(BARS).wait(1950).key(60, 200).wait(1500);
    expect(music.askedAll('grow')).toEqual([]);
    music.wait(200);
    expect(music.asked('grow')).toMatchObject({ from: 4000, until: 6000 });
  });

  it('goes on from the beat it is at when the tempo changes', () => {
    const music = new Playing(BARS).wait(1000).key(60, 200);
    // Two beats are over; the other two of the bar take a second each.
    music.param('tempo', 60).wait(3000);
    expect(music.asked('grow')).toMatchObject({ from: 1000 + 200 + 1600, until: 1000 + 200 + 1600 + 4000 });
  });
});

describe('stopping', () => {
  it('ends an answer, and what was played meanwhile is not answered after', () => {
    const music = answer(phrase(new Playing(CALL)).wait(200)).wait(200);
    music.take(IN.stop);
    expect(music.heard()).toEqual(['1100 respond on 64 v70', '1200 respond off 64', '1200 withdrawn respond off 64']);
    phrase(music).take(IN.play).wait(5000);
    expect(music.heard()).toEqual([]);
    expect(music.askedAll('grow').length).toBe(1);
  });
});
