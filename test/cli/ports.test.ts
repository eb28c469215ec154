import { describe, expect, it } from 'vitest';
import { portsCommand, portsText } from '../../src/cli/ports.ts';
import { MemoryMidi } from '../../src/midi/memory.ts';
import type { MidiSystem } from '../../src/midi/ports.ts';
import { run } from './run.ts';

const system = (): MemoryMidi => {
  const memory = new MemoryMidi();
  memory.plugInput('nanoKEY2');
  memory.plugInput('Digital Piano');
  memory.plugOutput('Synth');
  return memory;
};

describe('ports', () => {
  it('lists what is plugged in, and the ports that live would open', () => {
    expect(portsText(system())).toBe('Inputs\n  nanoKEY2\n  Digital Piano\nOutputs\n  Synth\nPorts of our own\n  yes: `live` opens "Antiphon In" and "Antiphon Out"\n');
  });

  it('says so where nothing is plugged in and no port can be made', () => {
    const bare: MidiSystem = Object.assign(new MemoryMidi(), { name: 'Windows MM', supportsVirtual: false });
    expect(portsText(bare)).toBe('Inputs\n  none plugged in\nOutputs\n  none plugged in\nPorts of our own\n  no: Windows MM knows none\n');
  });

  it('says in one line why there is no MIDI system', () => {
    const none: MidiSystem = Object.assign(new MemoryMidi(), { available: false, why: 'the sequencer is missing' });
    expect(portsText(none)).toBe('No MIDI system here: the sequencer is missing\n');
  });

  it('answers on this machine, whatever it has', async () => {
    expect((await run(portsCommand, 'ports')).out).toMatch(/^(Inputs\n|No MIDI system here: .+\n$)/);
  });
});
