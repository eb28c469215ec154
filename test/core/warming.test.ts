import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WARM_AFTER, WARM_LOOP_EVERY as WARM_EVERY, warmAgain, Warming } from '../../src/core/warming.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('goes the way while something came in lately, and rests when nothing does or it is closed', () => {
  const go = vi.fn();
  const warming = new Warming(() => Date.now(), go);
  vi.advanceTimersByTime(1000);
  expect(go).toHaveBeenCalledTimes(0);
  warming.heard();
  warming.heard();
  vi.advanceTimersByTime(100 * WARM_EVERY);
  expect(go).toHaveBeenCalledTimes(100);
  vi.advanceTimersByTime(2 * WARM_AFTER);
  expect(go).toHaveBeenCalledTimes(WARM_AFTER / WARM_EVERY - 1);
  expect(vi.getTimerCount()).toBe(0);
  warming.heard();
  vi.advanceTimersByTime(10 * WARM_EVERY);
  warming.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(go).toHaveBeenCalledTimes(WARM_AFTER / WARM_EVERY - 1 + 10);
});

it('takes no more than a fifth of a processor, and of one that is slow a fortieth', () => {
  expect(warmAgain(100, 100.125)).toBe(101);
  expect(warmAgain(100, 100.5)).toBe(102.5);
  expect(warmAgain(100, 103)).toBe(220);
  // Where others have too little.
  expect(warmAgain(100, 100.5, true)).toBe(120);
  const began: number[] = [];
  const warming = new Warming(() => Date.now(), () => {
    began.push(Date.now());
    vi.setSystemTime(Date.now() + 3);
  });
  warming.heard();
  vi.advanceTimersByTime(5000);
  expect(began.length).toBeGreaterThan(30);
  for (const [i, at] of began.slice(1).entries()) expect(at - (began[i] as number)).toBeGreaterThanOrEqual(120);
});
