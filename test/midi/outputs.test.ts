import { describe, expect, it } from 'vitest';
import { Outputs, VIRTUAL_SEAT } from '../../src/midi/outputs.ts';
import type { OutputPort, Passage } from '../../src/midi/ports.ts';

class Device implements OutputPort {
  readonly heard: string[] = [];
  readonly name: string;
  connected = true;
  full = false;
  passing: Passage | null = null;

  constructor(name: string) {
    this.name = name;
  }

  send(status: number, a: number, b: number): boolean {
    if (this.full) return false;
    if (this.connected) this.heard.push(`${status.toString(16)} ${a} ${b}`);
    return true;
  }

  passage(): Passage | null {
    return this.passing;
  }

  close(): void {}

  take(): string[] {
    return this.heard.splice(0);
  }
}

const stage = (): { outputs: Outputs; synth: Device; own: Device } => {
  const outputs = new Outputs();
  const [synth, own] = [new Device('synth'), new Device('own')];
  outputs.attach(own, VIRTUAL_SEAT);
  outputs.attach(synth, 0);
  return { outputs, synth, own };
};

describe('Outputs', () => {
  it('sends everything to everyone', () => {
    const { outputs, synth, own } = stage();
    outputs.send(0x90, 60, 80);
    outputs.send(0x80, 60, 64);
    expect(synth.heard).toEqual(['90 60 80', '80 60 64']);
    expect(own.heard).toEqual(synth.heard);
    expect([outputs.names, outputs.size]).toEqual([['synth', 'own'], 2]);
  });

  it('tells a device whose cable was out what ended, and how things stand; what is held sounds on, and nothing is struck again', () => {
    const { outputs, synth, own } = stage();
    for (const pitch of [60, 64]) outputs.send(0x91, pitch, 80);
    outputs.send(0xb1, 64, 127);
    outputs.confirm();
    synth.connected = false;
    // Before anyone noticed that the cable is out, and after.
    outputs.send(0x81, 60, 64);
    outputs.left(synth);
    outputs.confirm();
    outputs.send(0x91, 67, 80);
    outputs.send(0xb1, 64, 0);
    synth.connected = true;
    [synth, own].forEach((each) => each.take());
    outputs.joined(synth);
    expect(synth.take()).toEqual(['81 60 64', 'b1 64 0']);
    outputs.send(0x81, 64, 64);
    expect(synth.take()).toEqual(['81 64 64']);
    expect(own.take()).toEqual(['81 64 64']);
  });

  it('sends a device that comes under a new port how bank, program, controllers, pressure and bend stand, in this order', () => {
    const { outputs, synth } = stage();
    for (const [status, a, b] of [[0xe0, 1, 70], [0xd0, 9, 0], [0xb0, 7, 100], [0xc0, 5, 0], [0xb0, 32, 2], [0xb0, 0, 1], [0xb0, 6, 3], [0xb0, 123, 0], [0x90, 50, 9]] as const) outputs.send(status, a, b);
    outputs.confirm();
    outputs.detach(synth);
    outputs.send(0x80, 50, 64);
    const again = new Device('synth again');
    outputs.attach(again, 0);
    expect(again.take()).toEqual(['80 50 64', 'b0 0 1', 'b0 32 2', 'c0 5 0', 'b0 7 100', 'd0 9 0', 'e0 1 70']);
    outputs.detach(synth);
    expect(outputs.names).toEqual(['synth again', 'own']);
  });

  it('pays every note-on of a key with an off', () => {
    const { outputs, synth } = stage();
    for (let n = 0; n < 3; n++) outputs.send(0x90, 60, 80);
    outputs.confirm();
    outputs.left(synth);
    for (let n = 0; n < 3; n++) outputs.send(0x90, 60, 0);
    synth.take();
    outputs.joined(synth);
    expect(synth.take()).toEqual(['80 60 64', '80 60 64', '80 60 64']);
  });

  it('sends each only what is for its offset, and all of it to those that have none', () => {
    const { outputs, synth, own } = stage();
    outputs.tune((name) => (name === 'synth' ? -12 : 0));
    const late = new Device('late');
    outputs.attach(late, 1);
    outputs.send(0x90, 60, 80, -12);
    outputs.send(0x90, 62, 80);
    outputs.send(0x90, 64, 80, 5);
    expect([synth, own, late].map((each) => each.take())).toEqual([['90 60 80'], ['90 62 80'], ['90 62 80']]);
    for (const [key, offset] of [[60, -12], [62, 0], [64, 5]] as const) outputs.send(0x80, key, 64, offset);
    outputs.tune(() => 0);
    [synth, own].forEach((each) => each.take());
    outputs.send(0x90, 60, 80);
    expect([synth, own].map((each) => each.take())).toEqual([['90 60 80'], ['90 60 80']]);
  });

  it('tells a device that was away what ended at its own offset, and one that comes back at another', () => {
    const { outputs, synth } = stage();
    outputs.tune((name) => (name === 'synth' ? -12 : 0));
    outputs.confirm();
    for (const key of [60, 64]) outputs.send(0x90, key, 80, -12);
    outputs.confirm();
    outputs.detach(synth);
    outputs.send(0x80, 60, 64, -12);
    outputs.send(0x90, 67, 80);
    outputs.send(0x80, 67, 64);
    synth.take();
    outputs.attach(synth, 0);
    expect(synth.take()).toEqual(['80 60 64']);
    outputs.confirm();
    outputs.detach(synth);
    outputs.send(0x80, 64, 64, -12);
    outputs.tune(() => 0);
    outputs.attach(synth, 0);
    expect(synth.take()).toEqual(['80 64 64']);
  });

  it('tells a device again what its driver refused, each time all is looked at, until it takes it', () => {
    const { outputs, synth, own } = stage();
    for (const pitch of [60, 64, 67]) outputs.send(0x90, pitch, 80);
    outputs.send(0xb0, 64, 127);
    outputs.confirm();
    synth.full = true;
    outputs.send(0x80, 60, 64);
    outputs.send(0x90, 72, 80);
    outputs.send(0x80, 72, 64);
    outputs.send(0xb0, 64, 0);
    outputs.confirm();
    synth.full = false;
    outputs.send(0x80, 64, 64);
    [synth, own].forEach((each) => each.take());
    outputs.confirm();
    // What the driver took in between is no harm to hear twice; what is held sounds on.
    expect([synth.take(), own.take()]).toEqual([['80 60 64', '80 64 64', '80 72 64', 'b0 64 0'], []]);
    outputs.confirm();
    outputs.confirm();
    expect([synth.take(), own.take()]).toEqual([[], []]);
  });

  it.each(['refused', 'sent while its cable was out'])('tells a key that sounds again the offs %s before when it ends, and sounds it until then', (how) => {
    const { outputs, synth } = stage();
    outputs.send(0x91, 60, 80);
    outputs.confirm();
    if (how === 'refused') synth.full = true;
    else outputs.left(synth);
    outputs.send(0x81, 60, 64);
    outputs.send(0x91, 60, 70);
    synth.full = false;
    synth.take();
    if (how === 'refused') outputs.confirm();
    else outputs.joined(synth);
    outputs.confirm();
    outputs.confirm();
    expect(synth.take()).toEqual([]);
    outputs.send(0x81, 60, 64);
    expect(synth.take()).toEqual(['81 60 64', '81 60 64']);
    outputs.send(0x91, 60, 80);
    outputs.send(0x81, 60, 64);
    outputs.confirm();
    expect(synth.take()).toEqual(['91 60 80', '81 60 64']);
  });

  it('tells the offs that a key is owed again where the driver refuses them too', () => {
    const { outputs, synth } = stage();
    outputs.send(0x90, 60, 80);
    outputs.confirm();
    synth.full = true;
    outputs.send(0x80, 60, 64);
    outputs.send(0x90, 60, 80);
    synth.full = false;
    outputs.confirm();
    synth.full = true;
    outputs.send(0x80, 60, 64);
    synth.full = false;
    outputs.confirm();
    expect(synth.take()).toEqual(['90 60 80', '80 60 64', '80 60 64']);
  });

  it('tells a device that was late what ended, and may have been lost: of this look and the one before, and what waited until then', () => {
    const { outputs, synth } = stage();
    synth.passing = { waits: false, lapses: 7 };
    outputs.attach(synth, 0);
    for (const pitch of [60, 62, 64, 65]) outputs.send(0x90, pitch, 80);
    for (const [pitch, waits] of [[60, false], [62, true], [64, true], [65, false]] as const) {
      outputs.send(0x80, pitch, 64);
      synth.passing = { waits, lapses: 7 };
      outputs.confirm();
    }
    synth.take();
    synth.passing = { waits: false, lapses: 9 };
    outputs.confirm();
    // The first had gone out two looks ago, and nothing was late.
    expect(synth.take()).toEqual(['80 62 64', '80 64 64', '80 65 64']);
    outputs.confirm();
    outputs.confirm();
    expect(synth.take()).toEqual([]);
    synth.passing = { waits: false, lapses: 10 };
    outputs.confirm();
    expect(synth.take()).toEqual([]);
  });

  it('tells what was lost again where telling it was lost too, nine times; then what is new, once', () => {
    const { outputs, synth } = stage();
    synth.passing = { waits: false, lapses: 0 };
    outputs.send(0x90, 60, 80);
    outputs.send(0x80, 60, 64);
    const told = Array.from({ length: 14 }, (_, lapses) => {
      if (lapses === 11) for (const status of [0x90, 0x80]) outputs.send(status, 72, 64);
      synth.take();
      synth.passing = { waits: false, lapses: 1 + lapses };
      outputs.confirm();
      return synth.take().join();
    });
    expect(told).toEqual([...Array.from({ length: 9 }, () => '80 60 64'), '', '', '80 72 64', '', '']);
  });

  it('keeps what the driver refuses, and what waits, however often it loses something', () => {
    const { outputs, synth } = stage();
    outputs.send(0x90, 60, 80);
    outputs.send(0x80, 60, 64);
    for (let lapses = 1; lapses < 30; lapses++) {
      synth.full = lapses < 14;
      synth.passing = { waits: lapses < 28, lapses };
      synth.take();
      outputs.confirm();
      expect(synth.take()).toEqual(lapses < 14 || lapses === 29 ? [] : ['80 60 64']);
    }
  });
});
