import { expect, it } from 'vitest';
import { peersAmong, readSequencer } from '../../src/midi/alsa-links.ts';

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
