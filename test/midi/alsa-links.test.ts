import { describe, expect, it } from 'vitest';
import { candidates, peersAmong, peersOfAny, readSequencer } from '../../src/midi/alsa-links.ts';

it('reads who is connected to whom, as the kernel writes it', () => {
  const text = `Client info
  cur  clients : 4
  peak clients : 5
  max  clients : 192

Client   0 : "System" [Kernel]
  Port   0 : "Timer" (Rwe-)
  Port   1 : "Announce" (R-e-)
    Connecting To: 15:0
Client 128 : "RtMidi Output Client" [User Legacy]
  Port   0 : "Antiphon "Out" (1)" (R-e-)
    Connecting To: 129:0, 130:2[real:0]
  Output pool :
    Pool size          : 500
Client 129 : "synth" [User]
  Port   0 : "in" (-We-)
    Connected From: 128:0
`;
  expect(readSequencer(text)).toEqual([
    { address: '0:0', name: 'Timer', flags: 'Rwe-', peers: [] },
    { address: '0:1', name: 'Announce', flags: 'R-e-', peers: ['15:0'] },
    { address: '128:0', name: 'Antiphon "Out" (1)', flags: 'R-e-', peers: ['129:0', '130:2'] },
    { address: '129:0', name: 'in', flags: '-We-', peers: ['128:0'] },
  ]);
  expect(readSequencer('')).toEqual([]);
});

it('says who is connected to any of some ports, once each, and nothing where one is not there', () => {
  const ports = [{ address: '128:0', peers: ['129:0', '130:0'] }, { address: '131:0', peers: ['129:0'] }, { address: '132:0', peers: ['20:0'] }];
  expect(peersAmong(ports, ['131:0', '128:0'])).toEqual(['129:0', '130:0']);
  expect([peersAmong(ports, ['131:0', '140:0']), peersAmong(ports, [])]).toEqual([null, []]);
});

describe('a port of ours among those that came with it', () => {
  const port = (address: string, name: string, ...peers: string[]) => ({ address, name, flags: 'R-e-', peers });

  it('is our own by its name, and a named one by what it was opened to', () => {
    const came = [port('131:0', 'RtMidi Output', '20:0'), port('132:0', 'Antiphon Out'), port('133:0', 'RtMidi Output', '24:0')];
    expect(candidates(came, 'Antiphon Out', true)).toEqual(['132:0']);
    expect(candidates(came, 'Big Synth:in 24:0', false)).toEqual(['133:0']);
    // Not "4:0".
    expect(candidates(came, 'Synth 4:0', false)).toEqual(['131:0', '132:0', '133:0']);
  });

  it('has lost its cable where all have that were opened to the same device, and is unknown once none is there', () => {
    const ours = candidates([port('131:0', 'RtMidi Output', '20:0'), port('132:0', 'RtMidi Output', '20:0')], 'Synth 20:0', false);
    expect(ours).toEqual(['131:0', '132:0']);
    const now = (...peers: string[]) => peersOfAny([{ address: '131:0', peers }, { address: '140:0', peers: ['20:0'] }], ours);
    expect([now('20:0'), now(), peersOfAny([], ours)]).toEqual([['20:0'], [], null]);
  });
});
