import { afterEach, describe, expect, it, vi } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import type { Bytes } from '../../src/midi/message.ts';
import type { MidiSystem, OutputPort } from '../../src/midi/ports.ts';

const IN = 'Contract In';
const OUT = 'Contract Out';

const named = (names: readonly string[], part: string): string => {
  const found = names.find((candidate) => candidate.includes(part));
  if (found === undefined) throw new Error(`no ${part} in ${names.join(', ')}`);
  return found;
};

/** A driver may deliver on a later turn of the event loop. */
const arrived = async (heard: readonly Bytes[], count: number): Promise<void> => {
  await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(count), { timeout: 2000 });
};

/** JACK makes a connection in a later cycle, and what is sent before goes nowhere: knocks until heard, then forgets the knocks. */
const linked = async (out: OutputPort, heard: Bytes[]): Promise<void> => {
  let knocks = 0;
  await vi.waitFor(() => {
    out.send(0xbf, 119, ++knocks);
    expect(heard.length).toBeGreaterThan(0);
  }, { timeout: 2000 });
  await vi.waitFor(() => expect(heard.at(-1)).toEqual([0xbf, 119, knocks]), { timeout: 2000 });
  heard.length = 0;
};

/** What every `MidiSystem` keeps to, tried through virtual ports of its own: the other side of each is in its own lists. */
export const portsContract = (name: string, start: () => MidiSystem): void => {
  const probe = start();
  const { available, why, supportsVirtual } = probe;
  probe.close();
  if (!available) {
    it.skip(`${name}: skipped, ${why}`, () => {});
    return;
  }
  if (!supportsVirtual) {
    it.skip(`${name}: skipped, this system has no virtual ports to try with`, () => {});
    return;
  }

  describe(`${name}: the contract of MIDI systems`, () => {
    let started: MidiSystem | undefined;
    const opened = (): MidiSystem => (started = start());
    afterEach(() => started?.close());

    it('says nothing is wrong when nothing is', () => {
      const { why: reason, name: called } = opened();
      expect(reason).toBe('');
      expect(called).not.toBe('');
    });

    it('hears at a virtual input what is sent to it, byte for byte', async () => {
      const heard: Bytes[] = [];
      const system = opened();
      system.openVirtualInput(IN, (status, a, b) => heard.push([status, a, b]));
      const out = system.openOutput(named(system.outputs(), IN));
      await linked(out, heard);
      const sent: Bytes[] = [[0x90, 60, 100], [0x80, 60, 64], [0xb2, 64, 127], [0xc3, 5, 0], [0xd4, 80, 0], [0xe5, 1, 64], [0xf8, 0, 0], [0xfa, 0, 0], [0xfc, 0, 0]];
      for (const [status, a, b] of sent) expect(out.send(status, a, b)).toBe(true);
      await arrived(heard, sent.length);
      expect(heard).toEqual(sent);
    });

    it('sends from a virtual output to who listens', async () => {
      const heard: Bytes[] = [];
      const system = opened();
      const out = system.openVirtualOutput(OUT);
      system.openInput(named(system.inputs(), OUT), (status, a, b) => heard.push([status, a, b]));
      await linked(out, heard);
      expect(out.send(0x93, 72, 1)).toBe(true);
      await arrived(heard, 1);
      expect(heard).toEqual([[0x93, 72, 1]]);
    });

    it('refuses what is no message, and sends none of it', async () => {
      const heard: Bytes[] = [];
      const system = opened();
      system.openVirtualInput(IN, (status, a, b) => heard.push([status, a, b]));
      const out = system.openOutput(named(system.outputs(), IN));
      await linked(out, heard);
      const wrong: Bytes[] = [[0x90, 128, 1], [0x90, 60, -1], [0x90, 60.5, 1], [0x90, NaN, 1], [0x40, 1, 1], [0xf0, 1, 1], [0x190, 1, 1], [NaN, 1, 1]];
      expect(wrong.map(([status, a, b]) => out.send(status, a, b))).toEqual(wrong.map(() => false));
      out.send(0x80, 1, 2);
      await arrived(heard, 1);
      expect(heard).toEqual([[0x80, 1, 2]]);
    });

    it('sends and hears nothing after close; closing twice is no fault', async () => {
      const heard: Bytes[] = [];
      const second: Bytes[] = [];
      const system = opened();
      const input = system.openVirtualInput(IN, (status, a, b) => heard.push([status, a, b]));
      const out = system.openOutput(named(system.outputs(), IN));
      await linked(out, heard);
      out.close();
      out.close();
      expect(out.send(0x90, 60, 1)).toBe(false);
      input.close();
      input.close();
      expect(system.outputs().some((port) => port.includes(IN))).toBe(false);
      system.openVirtualInput(IN, (status, a, b) => second.push([status, a, b]));
      const again = system.openOutput(named(system.outputs(), IN));
      await linked(again, second);
      again.send(0x90, 61, 1);
      await arrived(second, 1);
      expect([heard, second]).toEqual([[], [[0x90, 61, 1]]]);
    });

    it('names the port that is not there, and those that are', () => {
      const system = opened();
      system.openVirtualInput(IN, () => {});
      const failure = ((): unknown => {
        try {
          return system.openOutput('No Such Synth');
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(failure).toBeInstanceOf(AntiphonError);
      expect((failure as AntiphonError).code).toBe('midi.port');
      expect((failure as AntiphonError).message).toContain('"No Such Synth"');
      expect((failure as AntiphonError).message).toContain(IN);
      expect(() => system.openInput('No Such Keys', () => {})).toThrow('"No Such Keys"');
    });

    it('opens and closes a port seventy times, more than ALSA has clients, and lists as often', () => {
      const system = opened();
      system.openVirtualInput(IN, () => {});
      const port = named(system.outputs(), IN);
      for (let n = 0; n < 70; n++) {
        const out = system.openOutput(port);
        expect(out.send(0x90, 60, 1)).toBe(true);
        out.close();
        expect(system.outputs()).toContain(port);
      }
    }, 60_000);
  });
};
