import { expect, it } from 'vitest';
import { readSequencer } from '../../src/midi/alsa-links.ts';

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
