import { expect, it } from 'vitest';
import { lineOf } from '../../src/net/line.ts';

it('lets what is sent in one turn leave at once at its end, in order, and what is sent later by itself', async () => {
  const done: string[] = [];
  const socket = { send: (text: string) => void done.push(text), bufferedAmount: 7, terminate: () => void done.push('terminate') };
  const line = lineOf(socket as Parameters<typeof lineOf>[0], { cork: () => void done.push('cork'), uncork: () => void done.push('uncork') });
  line.send('a');
  line.send('b');
  expect(done).toEqual(['cork', 'a', 'b']);
  await new Promise(setImmediate);
  line.send('c');
  await new Promise(setImmediate);
  expect(done).toEqual(['cork', 'a', 'b', 'uncork', 'cork', 'c', 'uncork']);
  expect(line.bufferedAmount).toBe(7);
  line.terminate();
  expect(done.at(-1)).toBe('terminate');
});
