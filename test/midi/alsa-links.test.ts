import { describe, expect, it } from 'vitest';
import { identified, peersAmong, peersOf, readClients, readSequencer } from '../../src/midi/alsa-links.ts';

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
  expect(readClients(text)).toEqual([0, 128, 129]);
});

it('says who is connected to any of some ports, once each, and nothing where one is not there', () => {
  const ports = [{ address: '128:0', peers: ['129:0', '130:0'] }, { address: '131:0', peers: ['129:0'] }, { address: '132:0', peers: ['20:0'] }];
  expect(peersAmong(ports, ['131:0', '128:0'])).toEqual(['129:0', '130:0']);
  expect([peersAmong(ports, ['131:0', '140:0']), peersAmong(ports, [])]).toEqual([null, []]);
});

it('says who is connected to a client, and nothing where it has no port', () => {
  const ports = [{ address: '13:0', peers: ['129:0', '130:0'] }, { address: '13:1', peers: ['129:0'] }, { address: '131:0', peers: [] }];
  expect([peersOf(ports, 13), peersOf(ports, 131), peersOf(ports, 1)]).toEqual([['129:0', '130:0'], [], null]);
});

describe('a client of ours', () => {
  /** A sequencer on which each of our clients is made while as many others come as `others` says, in turn. */
  const making = (...others: readonly number[]) => {
    let next = 128;
    let made = 0;
    const there = new Set([0, 14]);
    const make = () => {
      for (let n = others[made++] ?? 0; n > 0; n--) there.add(next++);
      const ours = next++;
      there.add(ours);
      return { ours, destroy: () => void there.delete(ours) };
    };
    return { ...identified(make, () => [...there]), there: () => [...there], made };
  };

  it('is the one that came', () => {
    const { handle, client, made } = making(0);
    expect([client, handle.ours, made]).toEqual([128, 128, 1]);
  });

  it('is made anew where another came in the same moment, and the first leaves nothing behind', () => {
    const { handle, client, there } = making(1, 2, 0);
    expect([client, there()]).toEqual([handle.ours, [0, 14, 128, 130, 131, handle.ours]]);
  });

  it('is made anew where it took the number of one that went', () => {
    const there = new Set([0, 128]);
    let made = 0;
    const make = () => {
      there.delete(128);
      const ours = made++ === 0 ? 128 : 129;
      there.add(ours);
      return { ours, destroy: () => void there.delete(ours) };
    };
    expect(identified(make, () => [...there])).toMatchObject({ client: 129, handle: { ours: 129 } });
  });

  it('is unknown, and there, where others never cease to come, or nobody can tell', () => {
    const { handle, client, there } = making(...Array.from({ length: 20 }, () => 1));
    expect([client, there().includes(handle.ours)]).toEqual([null, true]);
    expect(identified(() => ({ destroy: () => expect.unreachable() }), () => []).client).toBeNull();
  });
});
