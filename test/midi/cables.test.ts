import { expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { CableWatch } from '../../src/midi/cables.ts';
import type { InputPort } from '../../src/midi/ports.ts';

const port = (name: string, peers: () => readonly string[] | null): InputPort => ({ name, peers, close: () => {} });

it('tells of each cable that was pulled or put in, and of none at the beginning', () => {
  const said: string[] = [];
  const watch = new CableWatch<InputPort>({ left: ({ name }) => void said.push(`-${name}`), joined: ({ name }) => void said.push(`+${name}`) });
  let peers: readonly string[] | null = ['a', 'b'];
  const here = port('here', () => peers);
  expect(watch.next).toBe(Infinity);
  watch.add(here);
  watch.add(port('dumb', () => null));
  watch.poll(ms(0));
  peers = ['b'];
  watch.poll(ms(249));
  expect(said).toEqual([]);
  watch.poll(ms(250));
  peers = null;
  watch.poll(ms(500));
  peers = ['c', 'b', 'a'];
  watch.look(ms(510));
  expect([said, watch.joins]).toEqual([['-here', '+here', '+here'], 2]);
  watch.remove(here);
  peers = [];
  watch.look(ms(760));
  expect(said).toHaveLength(3);
});

it('takes a driver that throws for one that does not tell', () => {
  const watch = new CableWatch<InputPort>({ left: () => expect.fail(), joined: () => expect.fail() });
  let broken = false;
  watch.add(port('here', () => {
    if (broken) throw new Error('gone');
    return ['a'];
  }));
  broken = true;
  watch.poll(ms(0));
});
