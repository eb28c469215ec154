import { expect, it } from 'vitest';
import { ServerWatch } from '../../src/midi/server-watch.ts';

it('says once that the server is lost and once that it is back, also where it was both between two looks', () => {
  const server = { name: 'JACK', lost: false, losses: 0 };
  const said: string[] = [];
  const watch = new ServerWatch(server, (code) => said.push(`${code} ${watch.lost}`));
  watch.look();
  Object.assign(server, { lost: true, losses: 1 });
  watch.look();
  watch.look();
  expect([said, watch.lost, watch.losses]).toEqual([['midi.lost true'], true, 1]);
  server.lost = false;
  watch.look();
  watch.look();
  server.losses = 2;
  watch.look();
  expect(said).toEqual(['midi.lost true', 'midi.back false', 'midi.lost true', 'midi.back false']);
  expect([watch.lost, watch.losses]).toEqual([false, 2]);
  const none = new ServerWatch(null, (code) => said.push(code));
  none.look();
  expect([none.lost, none.losses, said.length]).toEqual([false, 0, 4]);
});
