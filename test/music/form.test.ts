import { expect, it } from 'vitest';
import { CHORD, HEARD } from '../../src/music/accompaniment.ts';
import { Form } from '../../src/music/form.ts';

const BAR = 8;
const [C, F, G] = [0, 5, 7] as const;
const on = (chord: number): number => CHORD.on + chord;

/** Lets a chord stand for each bar of a list, from 8th 0. */
const played = (...bars: readonly number[]): Form => {
  const form = new Form(BAR);
  bars.forEach((chord, bar) => Array.from({ length: BAR }, (_, i) => form.stands(chord, bar * BAR + i)));
  return form;
};

it('likes a chord that stood four bars before, or eight, and twice as much one that did both times', () => {
  const form = played(C, F, G, C, C, G, G, C);
  const at = 8 * BAR;
  expect(form.likes(on(C), G, at)).toBe(0.6);
  expect(form.likes(on(F), C, at + BAR)).toBe(0.3);
  expect(form.likes(on(G), C, at + BAR)).toBe(0.3);
  expect(form.likes(on(C), F, at + BAR)).toBe(0);
  // Nothing is known of before the first bar.
  expect(played(C).likes(on(C), F, 4 * BAR)).toBe(0.3);
  expect(played(C).likes(on(C), F, 3 * BAR)).toBe(0);
});

it('likes that a chord goes on which went on then, and that another comes when it came, but not in the midst of it', () => {
  const form = played(C, F, G, C, C, F, G, C);
  const at = 9 * BAR;
  expect([form.likes(CHORD.hold, F, at + 3), form.likes(CHORD.hold, C, at + 3), form.likes(on(F), C, at + 3)]).toEqual([0.6, 0, 0]);
  // With a bar it may come to what then stood already.
  const long = played(C, C, C, C);
  expect([long.likes(on(C), F, 5 * BAR), long.likes(on(C), F, 5 * BAR + 2)]).toEqual([0.3, 0]);
  expect(form.likes(CHORD.none, C, at)).toBe(0);
});

it('knows no chord where none stood', () => {
  const form = played(C, -1, -1, -1, -1, -1, -1, -1, -1, F);
  expect(form.likes(on(C), F, 8 * BAR + 7)).toBe(0);
  expect(form.likes(CHORD.hold, -1, 9 * BAR + 4)).toBe(0);
});

/** Lets a melody sound as well: for each bar a pitch a 16th, −1 for silence. */
const sung = (bars: readonly (readonly [chord: number, tune: readonly number[]])[]): Form => {
  const form = played(...bars.map(([chord]) => chord));
  const cells = bars.flatMap(([, tune]) => tune).map((key) => (key < 0 ? HEARD.silence : HEARD.struck + key));
  for (let at = 0; at < bars.length * BAR; at++) form.hears(cells[2 * at + 1] as number, cells[2 * at + 2] ?? HEARD.silence, at);
  return form;
};
const tune = (...keys: readonly number[]): number[] => keys.flatMap((key) => Array.from({ length: 16 / keys.length }, () => key));
const REST = tune(-1);
const A = tune(60, 64, 67, 72);
const other = (bar: number): number[] => tune(40 + bar, 41 + bar);

it('likes the chords that came after the melody of the last bar when it was heard before, and then those alone', () => {
  // The tune of bar 0 again in bar 12.
  const bars = Array.from({ length: 12 }, (_, bar) => [bar === 1 ? F : C, bar === 0 ? A : other(bar)] as const);
  const after = (last: readonly number[]): number[] => {
    const form = sung([...bars, [G, last]]);
    return [form.likes(on(F), G, 13 * BAR), form.likes(on(C), G, 13 * BAR)];
  };
  expect(after(A)).toEqual([3.5, 0]);
  // A quarter a 16th late; a fifth of it wrong; half of it.
  expect(after([60, ...A.slice(0, 15)])).toEqual([3.5, 0]);
  expect(after([1, 1, 1, ...A.slice(3)])).toEqual([1.5, 0]);
  expect(after([...A.slice(0, 8), ...tune(1).slice(8)])).toEqual([0, 0.6]);
});

it('takes the latest of bars that are as alike, forgets after 64 bars, and takes silence for nothing that comes back', () => {
  const loop = sung(Array.from({ length: 16 }, (_, bar) => [bar === 12 ? F : C, A] as const));
  expect([loop.likes(on(F), C, 16 * BAR), loop.likes(on(C), F, 16 * BAR)]).toEqual([3.5, 0]);
  const long = (ago: number): number => {
    const bars = Array.from({ length: ago }, (_, bar) => [bar === 1 ? F : C, bar === 0 ? A : other(bar % 3)] as const);
    return sung([...bars, [G, A]]).likes(on(F), G, (ago + 1) * BAR);
  };
  expect([long(64), long(68)]).toEqual([3.5, 0]);
  const silent = sung(Array.from({ length: 13 }, (_, bar) => [bar === 1 ? F : C, REST] as const));
  expect(silent.likes(on(F), C, 13 * BAR)).toBe(0);
});
