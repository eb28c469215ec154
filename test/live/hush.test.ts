import { expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { Hush } from '../../src/live/hush.ts';

it('lasts a millisecond from the first key of a chord', () => {
  const hush = new Hush();
  expect(hush.left(ms(0))).toBe(-Infinity);
  for (const at of [10, 10.25, 10.75]) hush.told(ms(at));
  expect([10.75, 11, 11.5].map((at) => hush.left(ms(at)))).toEqual([0.25, 0, -0.5]);
  hush.told(ms(11.75));
  expect(hush.left(ms(11.75))).toBe(-0.75);
  hush.told(ms(12));
  expect(hush.left(ms(12))).toBe(1);
});

it('leaves half of the time under a flood', () => {
  const hush = new Hush();
  let hushed = 0;
  for (let i = 0; i < 8000; i++) {
    hush.told(ms(i / 8));
    if (hush.left(ms(i / 8)) > 0) hushed++;
  }
  expect(hushed).toBe(4000);
});
