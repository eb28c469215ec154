import { describe, expect, it } from 'vitest';
import { alsaSubscribers, jackSubscribers } from '../../src/midi/subscribers.ts';

const ACONNECT = `client 0: 'System' [type=kernel]
    0 'Timer           '
    1 'Announce        '
	Connecting To: 132:0
client 14: 'Midi Through' [type=kernel]
    0 'Midi Through Port-0'
	Connected From: 128:0
client 128: 'RtMidi Output Client' [type=user,pid=77]
    0 'Antiphon Out    '
	Connecting To: 14:0, 20:1[real:0]
client 129: 'RtMidi Output Client' [type=user,pid=77]
    0 'RtMidi Output   '
	Connecting To: 21:0
client 130: 'RtMidi Output Client' [type=user,pid=78]
    0 'Antiphon Out    '
	Connecting To: 22:0
`;

describe('subscribers', () => {
  it('are those of our own process, by aconnect', () => {
    expect(alsaSubscribers(ACONNECT, 77, 'Antiphon Out')).toEqual(['14:0', '20:1']);
    expect(alsaSubscribers(ACONNECT, 78, 'Antiphon Out')).toEqual(['22:0']);
    expect(alsaSubscribers(ACONNECT, 79, 'Antiphon Out')).toEqual([]);
  });

  it('are those of every port of the name where aconnect does not say whose it is', () => {
    expect(alsaSubscribers(ACONNECT.replaceAll(/,pid=\d+/g, ''), 79, 'Antiphon Out')).toEqual(['14:0', '20:1', '22:0']);
    expect(alsaSubscribers('', 1, 'Antiphon Out')).toEqual([]);
  });

  it('are read from what jack_lsp says', () => {
    const text = 'system:midi_capture_1\n   RtMidi Input Client:Antiphon In\nRtMidi Output Client:Antiphon Out\n   synth:in\n   other synth:midi in\nsynth:in\n   RtMidi Output Client:Antiphon Out\n';
    expect(jackSubscribers(text, 'Antiphon Out')).toEqual(['synth:in', 'other synth:midi in']);
  });
});
