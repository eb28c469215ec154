import { describe, expect, it } from 'vitest';
import { choosePort, listener, matchAny, matchPorts } from '../../src/midi/ports.ts';

const NAMES = ['Midi Through:Midi Through Port-0 14:0', 'Keystation 61:Keystation 61 MIDI 1 20:0', 'USB-MIDI', 'RtMidi Output Client:RtMidi Output 130:0', 'RtMidi Input Client:Antiphon In 129:0'];

describe('choosing ports', () => {
  it('takes a part of the name in any case', () => {
    expect(matchPorts('keystation', NAMES)).toEqual([NAMES[1]]);
    expect(matchPorts(' MIDI 1 ', NAMES)).toEqual([NAMES[1]]);
    expect(matchPorts('nothing', NAMES)).toEqual([]);
    expect(matchPorts('', NAMES)).toEqual([]);
  });

  it('takes all for a star, but no loop back to ourselves', () => {
    expect(matchPorts('*', NAMES)).toEqual([NAMES[1], 'USB-MIDI']);
    expect(matchPorts('through', NAMES)).toEqual([NAMES[0]]);
  });

  it('never takes a port of our own', () => {
    for (const pattern of ['Antiphon', 'Antiphon In', '129', '*']) expect(matchPorts(pattern, NAMES)).not.toContain(NAMES[4]);
  });

  it('takes each once for several patterns, in the order found', () => {
    expect(matchAny(['usb', 'key', 'station', 'USB-MIDI'], NAMES)).toEqual([NAMES[1], 'USB-MIDI']);
  });

  it('says what was asked for and what is there', () => {
    expect(choosePort('input', 'usb', NAMES)).toBe('USB-MIDI');
    expect(() => choosePort('input', 'moog', ['A', 'B'])).toThrow('there is no MIDI input of this name: "moog". Found: "A", "B"');
    expect(() => choosePort('output', 'moog', [])).toThrow('"moog". There are no MIDI outputs here: connect a device');
  });
});

describe('listener', () => {
  it('joins messages over cuts and passes the gap before the bytes that completed them', () => {
    const heard: number[][] = [];
    const listen = listener((...message) => heard.push(message));
    listen([0x90, 60], 5);
    listen([100, 0xf8], 7);
    expect(heard).toEqual([[0x90, 60, 100, 7], [0xf8, 0, 0, 7]]);
  });
});
