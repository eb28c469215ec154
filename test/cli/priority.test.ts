import { spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { Share } from '../../src/cli/priority.ts';

it('changes the share of a thread where that is granted, and nothing where it is not', () => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill());
  const pid = other.pid as number;
  const granted = (() => {
    try {
      setPriority(pid, -5);
      setPriority(pid, 0);
      return true;
    } catch {
      return false;
    }
  })();
  const memory = new SharedArrayBuffer(8);
  const share = new Share(memory, -5);
  share.choose(true);
  expect(getPriority(pid)).toBe(0);
  share.of(pid);
  const seen = [true, true, false, true].map((greater) => {
    share.choose(greater);
    return getPriority(pid);
  });
  expect(seen).toEqual(granted ? [-5, -5, 0, -5] : [0, 0, 0, 0]);
  // Who waits for it sees the same.
  new Share(memory, -5).choose(false);
  expect(getPriority(pid)).toBe(0);
  share.choose(true);
  expect(getPriority(pid)).toBe(granted ? -5 : 0);
});
