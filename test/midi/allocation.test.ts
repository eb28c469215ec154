import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { Ledger } from '../../src/midi/ledger.ts';
import { MessageParser } from '../../src/midi/message.ts';
import { Scheduler, type Planned } from '../../src/midi/scheduler.ts';
import { bytesEach } from '../heap.ts';

const ONE = channel(1);

describe('allocation, in bytes for each event', () => {
  it('of the parser is next to nothing', () => {
    let sum = 0;
    const parser = new MessageParser((status, a, b) => { sum += status + a + b; });
    const chunk = Uint8Array.of(0x90, 60, 100, 0xf8, 60, 0);
    expect(bytesEach(8, () => parser.write(chunk))).toBeLessThan(8);
    expect(sum).toBeGreaterThan(0);
  });

  it('of a strike and its release in the ledger is at most 400', () => {
    const ledger = new Ledger(() => {});
    expect(bytesEach(400, (n) => {
      ledger.strike(n, 0, ONE, n & 127, 80, ms(n + 1000));
      ledger.release(n);
    })).toBeLessThan(400);
  });

  it('of playing a planned note through is at most 600', () => {
    const scheduler = new Scheduler(new Ledger(() => {}), { sounded: () => {}, ended: () => {} });
    const notes: Planned[] = Array.from({ length: 105_000 }, (_, n) => ({ id: n, role: 1, epoch: 0, port: 0, channel: ONE, pitch: pitch(n & 127), velocity: velocity(80), wanted: ms(n), duration: ms(20) }));
    const least = bytesEach(600, (n) => {
      scheduler.plan(notes[n] as Planned);
      scheduler.advance(ms(n), ms(10));
    });
    expect(least).toBeLessThan(600);
    expect(scheduler.lateness.count).toBeGreaterThan(5000);
  });
});
