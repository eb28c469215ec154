import { describe, expect, it } from 'vitest';
import { MemoryMidi } from '../../src/midi/memory.ts';
import { portsContract } from '../contract/ports.ts';

portsContract('memory', () => new MemoryMidi());

describe('MemoryMidi', () => {
  it('plays a device to each who opened it, until unplugged', () => {
    const midi = new MemoryMidi();
    midi.plugInput('Keys');
    const heard: number[][] = [];
    midi.openInput('Keys', (...message) => heard.push(['a'.length, ...message]));
    const second = midi.openInput('Keys', (...message) => heard.push(['bb'.length, ...message]));
    expect(midi.play('Keys', [0x90, 60, 100], 12)).toBe(true);
    second.close();
    midi.play('Keys', [62, 0]);
    midi.unplugInput('Keys');
    expect(midi.play('Keys', [0x90, 64, 1])).toBe(false);
    expect(heard).toEqual([[1, 0x90, 60, 100, 12], [2, 0x90, 60, 100, 12], [1, 0x90, 62, 0, NaN]]);
  });

  it('keeps what a device received over replugging; the old connection stays dead', () => {
    const midi = new MemoryMidi();
    midi.plugOutput('Synth');
    const first = midi.openOutput('Synth');
    expect(first.send(0x90, 60, 1)).toBe(true);
    midi.unplugOutput('Synth');
    expect(first.send(0x90, 61, 1)).toBe(false);
    midi.plugOutput('Synth');
    expect(first.send(0x90, 62, 1)).toBe(false);
    expect(midi.openOutput('Synth').send(0xc0, 3, 0)).toBe(true);
    expect(midi.received('Synth')).toEqual([[0x90, 60, 1], [0xc0, 3, 0]]);
  });
});
