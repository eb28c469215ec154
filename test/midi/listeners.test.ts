import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { Listeners } from '../../src/midi/listeners.ts';

/** A sound system in which each port is heard by some, or is not there. */
const world = (ports: Record<string, readonly string[]>): { ports: Record<string, readonly string[]>; listenersOf(addresses: readonly string[]): readonly string[] | null } => ({
  ports,
  listenersOf(addresses) {
    const found = addresses.map((each) => this.ports[each]);
    return found.every((each) => each !== undefined) ? found.flat() : null;
  },
});

describe('the listeners of a daemon', () => {
  it('are known as soon as they are seen, and forgotten half a second after', () => {
    const system = world({ out: [] });
    const listeners = new Listeners(['out']);
    expect([listeners.look(system, ms(0)), listeners.names]).toEqual([false, []]);
    system.ports['out'] = ['synth'];
    expect([listeners.look(system, ms(20)), listeners.names]).toEqual([true, ['synth']]);
    expect(listeners.look(system, ms(40))).toBe(false);
    system.ports['out'] = [];
    expect([listeners.look(system, ms(540)), listeners.names]).toEqual([false, ['synth']]);
    expect([listeners.look(system, ms(541)), listeners.names]).toEqual([true, []]);
  });

  it('are kept when the daemon dies, cables first and ports after', () => {
    const system = world({ out: ['synth'], named: ['organ'] });
    const listeners = new Listeners(['out', 'named']);
    expect(listeners.look(system, ms(0))).toBe(true);
    system.ports = { out: [], named: ['organ'] };
    expect(listeners.look(system, ms(20))).toBe(false);
    for (const ports of [{ named: [] }, {}]) {
      system.ports = ports;
      for (const at of [40, 600, 30_000]) expect([listeners.look(system, ms(at)), listeners.names]).toEqual([false, ['synth', 'organ']]);
    }
  });

  it('are nobody where the system does not tell, or nothing is played', () => {
    const listeners = new Listeners([]);
    expect([listeners.look(world({}), ms(0)), listeners.look({}, ms(1)), listeners.names]).toEqual([false, false, []]);
    listeners.sources = ['out'];
    expect([listeners.look({}, ms(2)), listeners.look(world({ out: ['synth'] }), ms(3)), listeners.names]).toEqual([false, true, ['synth']]);
  });
});
