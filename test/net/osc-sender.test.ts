import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { channel, ms, pitch } from '../../src/core/units.ts';
import { openOscSender } from '../../src/net/osc-sender.ts';
import { bundled } from '../engine/entry.ts';

/** As many as a socket holds that nobody has come to read yet. */
const COUNT = 100;

it('sends in the moment it is asked to, from a thread whose event loop never turns, and no more than it is asked to', async () => {
  const socket = createSocket('udp4');
  const ids: number[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on('message', (bytes) => {
      expect(bytes.toString('latin1', 0, 19)).toBe('/antiphon/out/note\0');
      ids.push(bytes.readInt32BE(bytes.length - 12));
      if (ids.length === COUNT) resolve();
    });
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const worker = new Worker(bundled('test/net/sleeping-sender.ts'), { workerData: { port: socket.address().port, count: COUNT } });
  onTestFinished(async () => {
    await worker.terminate();
    socket.close();
  });
  await all;
  expect(ids).toEqual(Array.from({ length: COUNT }, (_, i) => i));
});

it('says what could not be sent once, when it settles', async () => {
  const errors: string[] = [];
  // Nobody may send there without leave, which is not asked.
  const osc = await openOscSender({ host: '255.255.255.255', port: 9 }, ({ code, message }) => errors.push(`${code} ${message}`));
  const note = { kind: 'note', pitch: pitch(60), velocity: 70, channel: channel(2), role: 'harmonise', id: 1, wanted: ms(0), sent: ms(0) } as const;
  osc.tell(note);
  osc.tell(note);
  expect(errors).toEqual([]);
  await osc.settle();
  expect(errors).toEqual(['osc.send OSC could not be sent: "255.255.255.255:9". send EACCES 255.255.255.255:9']);
  expect(osc.held).toBe(false);
  await osc.close();
});

it('says that there is no such host', async () => {
  await expect(openOscSender({ host: 'no such host', port: 9 })).rejects.toMatchObject({ code: 'osc.host' });
});
