import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { MemoryMidi } from '../../src/midi/memory.ts';
import { PORTS, type OutputPort } from '../../src/midi/ports.ts';
import { PortWatch, watchInputs, watchOutputs } from '../../src/midi/watch.ts';

const outputs = (midi: MemoryMidi, wanted: readonly string[]): { said: string[]; watch: PortWatch<OutputPort> } => {
  const said: string[] = [];
  const watch = watchOutputs(midi, wanted, {
    attached: (port, slot) => void said.push(`+${slot} ${port.name}`),
    detached: (port, slot) => void said.push(`-${slot} ${port.name}`),
  });
  return { said, watch };
};

describe('PortWatch', () => {
  it('opens what appears and closes what vanishes, once a second', () => {
    const midi = new MemoryMidi();
    const { said, watch } = outputs(midi, ['synth']);
    watch.poll(ms(0));
    midi.plugOutput('Big Synth 20:0');
    midi.plugOutput('Lamp 24:0');
    watch.poll(ms(999));
    expect([said, watch.next]).toEqual([[], 1000]);
    watch.poll(ms(1000));
    midi.unplugOutput('Big Synth 20:0');
    watch.poll(ms(2000));
    expect(said).toEqual(['+0 Big Synth 20:0', '-0 Big Synth 20:0']);
    expect(watch.reattached).toBe(0);
  });

  it('knows a device again under another client number, and gives it its slot', () => {
    const midi = new MemoryMidi();
    const { said, watch } = outputs(midi, ['*']);
    midi.plugOutput('A 20:0');
    midi.plugOutput('B 24:0');
    watch.poll(ms(0));
    midi.unplugOutput('A 20:0');
    midi.plugOutput('C 28:0');
    watch.poll(ms(1000));
    midi.plugOutput('A 32:0');
    watch.poll(ms(2000));
    expect(said).toEqual(['+0 A 20:0', '+1 B 24:0', '-0 A 20:0', '+2 C 28:0', '+0 A 32:0']);
    expect(watch.reattached).toBe(1);
    expect(watch.open).toEqual(['A 32:0', 'B 24:0', 'C 28:0']);
  });

  it('opens anew what lost its cable, or never got one', () => {
    let peers: string[] | null = ['a'];
    const said: string[] = [];
    const source = { list: () => ['A'], open: (name: string): OutputPort => ({ name, send: () => true, peers: () => peers, close: () => {} }) };
    const watch = new PortWatch<OutputPort>(source, ['a'], { attached: () => void said.push('+'), detached: () => void said.push('-') });
    watch.poll(ms(0));
    watch.poll(ms(1000));
    peers = [];
    watch.poll(ms(2000));
    expect(said).toEqual(['+', '-', '+']);
    // JACK connects a little later.
    watch.poll(ms(3000));
    expect(said).toHaveLength(3);
    watch.poll(ms(4000));
    expect(said).toHaveLength(5);
    peers = null;
    watch.poll(ms(5000));
    expect([said.length, watch.reattached]).toEqual([5, 2]);
  });

  it('knows a JACK client again under another number', () => {
    const midi = new MemoryMidi();
    const { said, watch } = outputs(midi, ['in']);
    midi.plugOutput('synth:in');
    watch.poll(ms(0));
    midi.unplugOutput('synth:in');
    midi.plugOutput('synth-01:in');
    watch.poll(ms(1000));
    expect(said).toEqual(['+0 synth:in', '-0 synth:in', '+0 synth-01:in']);
  });

  it('hears through what it opened, with its slot', () => {
    const midi = new MemoryMidi();
    const heard: unknown[] = [];
    midi.plugInput('Keys');
    const watch = watchInputs(midi, ['keys'], (name, slot) => (status, a, b) => heard.push([name, slot, status, a, b]), { attached: () => {}, detached: () => {} });
    watch.poll(ms(0));
    midi.play('Keys', [0x90, 60, 9]);
    watch.close();
    midi.play('Keys', [0x90, 61, 9]);
    expect(heard).toEqual([['Keys', 0, 0x90, 60, 9]]);
  });

  it('changes its wishes at the next poll', () => {
    const midi = new MemoryMidi();
    midi.plugOutput('A');
    midi.plugOutput('B');
    const { said, watch } = outputs(midi, ['a']);
    watch.poll(ms(0));
    watch.want(['b']);
    watch.poll(ms(1));
    expect(said).toEqual(['+0 A', '-0 A', '+1 B']);
  });

  it('survives a system that throws, and tries again', () => {
    let broken: 'list' | 'open' | 'close' | '' = 'open';
    const fail = (what: string): void => {
      if (broken === what) throw new Error(`${what} broke`);
    };
    const said: string[] = [];
    const names = ['A'];
    const watch = new PortWatch<OutputPort>(
      {
        list: () => { fail('list'); return [...names]; },
        open: (name) => { fail('open'); return { name, send: () => true, close: () => fail('close') }; },
      },
      ['a'],
      { attached: () => void said.push('+'), detached: () => void said.push('-') },
    );
    watch.poll(ms(0));
    expect([said, watch.failures]).toEqual([[], 1]);
    broken = '';
    watch.poll(ms(1000));
    expect(said).toEqual(['+']);
    broken = 'list';
    watch.poll(ms(2000));
    expect([said, watch.open]).toEqual([['+'], ['A']]);
    broken = 'close';
    names.pop();
    watch.poll(ms(3000));
    expect([said, watch.failures, watch.open]).toEqual([['+', '-'], 3, []]);
    expect(String(watch.lastFailure)).toContain('close broke');
  });

  it('stops at as many ports as there are slots', () => {
    const midi = new MemoryMidi();
    for (let n = 0; n < PORTS + 2; n++) midi.plugOutput(`Port ${String.fromCharCode(65 + n)}`);
    const { watch } = outputs(midi, ['*']);
    watch.poll(ms(0));
    expect([watch.open.length, watch.failures]).toEqual([PORTS, 2]);
    expect(String(watch.lastFailure)).toContain('more than 16 MIDI ports');
    midi.unplugOutput('Port A');
    watch.poll(ms(1000));
    expect(watch.open).toContain('Port Q');
  });
});
