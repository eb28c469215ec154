import { expect, it } from 'vitest';
import { CHORD } from '../../src/music/accompaniment.ts';
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
  expect(form.likes(on(C), G, at)).toBe(1.5);
  expect(form.likes(on(F), C, at + BAR)).toBe(0.75);
  expect(form.likes(on(G), C, at + BAR)).toBe(0.75);
  expect(form.likes(on(C), F, at + BAR)).toBe(0);
  // Nothing is known of before the first bar.
  expect(played(C).likes(on(C), F, 4 * BAR)).toBe(0.75);
  expect(played(C).likes(on(C), F, 3 * BAR)).toBe(0);
});

it('likes that a chord goes on which went on then, and that another comes when it came, but not in the midst of it', () => {
  const form = played(C, F, G, C, C, F, G, C);
  const at = 9 * BAR;
  expect([form.likes(CHORD.hold, F, at + 3), form.likes(CHORD.hold, C, at + 3), form.likes(on(F), C, at + 3)]).toEqual([1.5, 0, 0]);
  // With a bar it may come to what then stood already.
  const long = played(C, C, C, C);
  expect([long.likes(on(C), F, 5 * BAR), long.likes(on(C), F, 5 * BAR + 2)]).toEqual([0.75, 0]);
  expect(form.likes(CHORD.none, C, at)).toBe(0);
});

it('forgets what is longer ago than eight bars, and knows no chord where none stood', () => {
  const form = played(C, -1, -1, -1, -1, -1, -1, -1, -1, F);
  expect(form.likes(on(C), F, 8 * BAR + 7)).toBe(0);
  expect(form.likes(CHORD.hold, -1, 9 * BAR + 4)).toBe(0);
});
