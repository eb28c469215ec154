// A thread that sends OSC and never lets its event loop turn.
import { workerData } from 'node:worker_threads';
import { channel, ms, pitch } from '../../src/core/units.ts';
import { openOscSender } from '../../src/net/osc-sender.ts';

const { port, count } = workerData as { port: number; count: number };
const osc = await openOscSender({ host: '127.0.0.1', port });
for (let id = 0; id < count; id++) {
  osc.warm();
  osc.tell({ kind: 'note', pitch: pitch(60), velocity: 70, channel: channel(2), role: 'harmonise', id, wanted: ms(0), sent: ms(0) });
}
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
