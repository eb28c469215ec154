import { EventEmitter } from 'node:events';
import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import type { Binding, Driver } from '../../src/midi/driver.ts';
import { nativeMidi } from '../../src/midi/native.ts';
import type { MidiSystem } from '../../src/midi/ports.ts';
import { portsContract } from '../contract/ports.ts';

/** RtMidi's binding over nothing: clients are counted, as ALSA counts them, and duplicates of a name are its own. */
class FakeRtMidi {
  clients = 0;
  refusing = false;
  /** Happens between the choice of a port by its place and its opening. */
  meanwhile = (): void => {};
  /** Happens after a port was named. */
  named = (_at: number): void => {};
  devices: string[] = [];
  readonly virtualIn = new Map<string, EventEmitter>();
  readonly virtualOut = new Map<string, EventEmitter>();
  readonly binding: Binding;

  constructor() {
    // oxlint-disable-next-line typescript/no-this-alias -- the two classes stand for C++ ones that share one driver
    const driver = this;
    class Port extends EventEmitter {
      private gone = false;
      private virtual = '';
      protected to: EventEmitter | undefined;
      constructor() {
        super();
        if (++driver.clients > 60) throw new Error('Failed to initialise RtMidi');
      }
      protected names(): string[] { return []; }
      protected others(): Map<string, EventEmitter> { return driver.virtualIn; }
      protected own(): Map<string, EventEmitter> { return driver.virtualOut; }
      getPortCount(): number { return this.names().length; }
      getPortName(at: number): string {
        const name = this.names()[at] ?? '';
        driver.named(at);
        return name;
      }
      openPort(at: number): void {
        if (driver.refusing) throw new Error('Internal RtMidi error');
        driver.meanwhile();
        this.to = this.others().get(this.names()[at] as string);
        this.connected(this.to);
      }
      openVirtualPort(name: string): void { this.virtual = name; this.own().set(name, this); }
      protected connected(_to: EventEmitter | undefined): void {}
      ignoreTypes(): void {}
      destroy(): void {
        if (this.gone) return;
        this.gone = true;
        driver.clients--;
        this.to = undefined;
        this.own().delete(this.virtual);
      }
    }
    class Input extends Port {
      protected override names(): string[] { return [...driver.devices, ...driver.virtualOut.keys()]; }
      protected override others(): Map<string, EventEmitter> { return driver.virtualOut; }
      protected override own(): Map<string, EventEmitter> { return driver.virtualIn; }
      protected override connected(to: EventEmitter | undefined): void {
        to?.on('sent', (bytes: Uint8Array) => this.emit('messageBuffer', 0.25, bytes));
      }
    }
    class Output extends Port {
      protected override names(): string[] { return [...driver.devices, ...driver.virtualIn.keys()]; }
      sendMessage(bytes: number[] | Buffer): void {
        const copy = Buffer.from(bytes);
        this.to?.emit('messageBuffer', 0.5, copy);
        this.emit('sent', copy);
      }
    }
    this.binding = { Input: Input as unknown as Binding['Input'], Output: Output as unknown as Binding['Output'] };
  }
}

const driverOf = (load: () => Binding, why = ''): Driver => ({ name: 'stand-in', load, obstacle: () => why });

portsContract('native', () => nativeMidi());
portsContract('native over a stand-in for RtMidi', () => nativeMidi(driverOf(() => new FakeRtMidi().binding)));

describe('nativeMidi', () => {
  it('starts where there is no MIDI, says why in one line, and C prints nothing', () => {
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', `
      import { buildSync } from 'esbuild';
      const { outputFiles } = buildSync({ entryPoints: ['src/midi/native.ts'], bundle: true, platform: 'node', format: 'esm', packages: 'external', write: false });
      const text = outputFiles[0].text.replaceAll('import.meta.url', JSON.stringify(import.meta.url));
      const { nativeMidi } = await import('data:text/javascript,' + encodeURIComponent(text));
      const midi = nativeMidi();
      console.log(JSON.stringify({ available: midi.available, why: midi.why, inputs: midi.inputs().length >= 0 }));
      midi.close();
    `], { cwd: new URL('../..', import.meta.url), encoding: 'utf8' });
    const found = JSON.parse(run.stdout) as { available: boolean; why: string; inputs: boolean };
    expect(found.inputs).toBe(true);
    expect(found.available).toBe(found.why === '');
    expect(found.why).not.toContain('\n');
    expect(run.stderr).toBe('');
  });

  it('is unavailable, with the reason, when the binding does not load or start', () => {
    const broken = nativeMidi(driverOf(() => { throw new Error('libasound.so.2: cannot open\nsecond line'); }));
    expect({ available: broken.available, why: broken.why, virtual: broken.supportsVirtual }).toEqual({ available: false, why: 'the MIDI driver did not start: libasound.so.2: cannot open', virtual: false });
    expect([broken.inputs(), broken.outputs()]).toEqual([[], []]);
    expect(() => broken.openOutput('Synth')).toThrow('MIDI outputs cannot be opened: "Synth". the MIDI driver did not start');
    broken.close();
    const load = vi.fn();
    expect(nativeMidi(driverOf(load, 'no sequencer')).why).toBe('no sequencer');
    expect(load).not.toHaveBeenCalled();
  });

  it('tells two devices of one name apart, and skips what vanished while it looked', () => {
    const driver = new FakeRtMidi();
    driver.devices = ['Keys', '', 'Keys', 'Pads', 'Keys'];
    const midi = nativeMidi(driverOf(() => driver.binding));
    expect(midi.inputs()).toEqual(['Keys', 'Keys (2)', 'Pads', 'Keys (3)']);
  });

  it('passes over none that stays when others go or come between two places', () => {
    const driver = new FakeRtMidi();
    const midi = nativeMidi(driverOf(() => driver.binding));
    for (const [before, after] of [
      [['Going', 'Keys', 'Pads'], ['Keys', 'Pads']],
      [['Keys', 'Pads'], ['Coming', 'Keys', 'Pads']],
    ]) {
      for (let at = 0; at < 2; at++) {
        driver.devices = before as string[];
        driver.named = (place) => {
          if (place === at) driver.devices = after as string[];
        };
        expect(midi.inputs()).toEqual(after);
      }
    }
    // Where they never stop, it does not go on for ever.
    let came = 0;
    driver.named = () => (driver.devices = [`Coming ${++came}`, 'Keys']);
    expect(midi.inputs()).toEqual(['Coming 8', 'Keys']);
    expect(came).toBe(10);
    midi.close();
  });

  it('keeps one client a direction however often it lists, and none of a port that failed or closed', () => {
    const driver = new FakeRtMidi();
    driver.devices = ['Keys'];
    const midi = nativeMidi(driverOf(() => driver.binding));
    for (let n = 0; n < 100; n++) midi.inputs();
    expect(driver.clients).toBe(2);
    driver.refusing = true;
    expect(() => midi.openInput('Keys', () => {})).toThrow('the MIDI input did not open (Internal RtMidi error): "Keys"');
    expect(() => midi.openOutput('Keys')).toThrow('did not open');
    expect(driver.clients).toBe(2);
    driver.refusing = false;
    midi.openInput('Keys', () => {});
    expect(driver.clients).toBe(3);
    midi.close();
    expect(driver.clients).toBe(0);
  });

  it('opens nothing where ports came or went in that moment, since another stands in its place', () => {
    const driver = new FakeRtMidi();
    driver.devices = ['Lamp', 'Keys', 'Pads'];
    const midi = nativeMidi(driverOf(() => driver.binding));
    driver.meanwhile = () => void driver.devices.shift();
    expect(() => midi.openOutput('Keys')).toThrow('the MIDI output did not open (other ports came or went in that moment): "Keys"');
    driver.meanwhile = () => void driver.devices.pop();
    expect(() => midi.openInput('Pads', () => {})).toThrow('there is no MIDI input of this name: "Pads"');
    expect(driver.clients).toBe(2);
    driver.meanwhile = () => {};
    driver.devices = ['Keys'];
    midi.openOutput('Keys');
    expect(driver.clients).toBe(3);
  });

  it('passes the time between messages on, in milliseconds', () => {
    const midi = nativeMidi(driverOf(() => new FakeRtMidi().binding));
    const gaps: number[] = [];
    midi.openVirtualInput('Here', (_status, _a, _b, gap) => gaps.push(gap));
    midi.openOutput('Here').send(0x90, 60, 1);
    expect(gaps).toEqual([500]);
  });

  describe('whose server ends', () => {
    /** A machine with a device, on a server that can be ended and started. */
    const machine = (): { driver: FakeRtMidi; server: { here: boolean; why: string }; midi: MidiSystem } => {
      const driver = new FakeRtMidi();
      driver.devices = ['Keys'];
      const server = { here: true, why: '' };
      const midi = nativeMidi({ ...driverOf(() => driver.binding), obstacle: () => server.why, isHere: () => server.here, tracked: (make) => ({ handle: make(), tracked: { address: () => 'ours', peers: () => ['somebody'] } }), listenersOf: (_handle, addresses) => addresses.map((each) => `who hears ${each}`) });
      return { driver, server, midi };
    };

    it('lets every client go, sends nothing, and says that nobody is there', () => {
      const { driver, server, midi } = machine();
      const own = midi.openVirtualOutput('Ours');
      const named = midi.openOutput('Keys');
      expect([midi.lost, midi.losses, own.peers?.(), named.peers?.(), driver.clients]).toEqual([false, 0, ['somebody'], ['somebody'], 4]);
      expect([own.address?.(), midi.listenersOf?.(['a', 'b'])]).toEqual(['ours', ['who hears a', 'who hears b']]);
      server.here = false;
      // Noticed by whoever looks first.
      expect(own.peers?.()).toEqual([]);
      expect([midi.lost, midi.losses, midi.available, driver.clients]).toEqual([true, 1, false, 0]);
      expect([named.peers?.(), midi.inputs(), midi.outputs(), own.send(0x90, 60, 1), named.send(0x90, 60, 1)]).toEqual([[], [], [], false, false]);
      expect(() => midi.openOutput('Keys')).toThrow('MIDI outputs cannot be opened: "Keys". the stand-in server has ended');
      expect([midi.losses, driver.clients, own.address?.(), midi.listenersOf?.(['a'])]).toEqual([1, 0, null, null]);
    });

    it('makes ports of our own again when it is back, and leaves named ones to those who look for them', () => {
      const { driver, server, midi } = machine();
      const heard: number[] = [];
      const own = midi.openVirtualOutput('Ours');
      midi.openVirtualInput('Here', (_status, a) => heard.push(a));
      const named = midi.openOutput('Keys');
      Object.assign(server, { here: false, why: 'no server' });
      expect([midi.outputs(), driver.clients]).toEqual([[], 0]);
      Object.assign(server, { here: true, why: '' });
      expect([midi.outputs(), midi.lost, midi.available, midi.losses, driver.clients]).toEqual([['Keys', 'Here'], false, true, 1, 4]);
      midi.openOutput('Here').send(0x90, 61, 1);
      expect([heard, own.send(0x90, 60, 1), own.peers?.()]).toEqual([[61], true, ['somebody']]);
      // Cut, so that it is opened anew.
      expect([named.send(0x90, 60, 1), named.peers?.()]).toEqual([false, []]);
    });

    it('waits on while what was on the old server is not let go, and does not come back once it is closed', () => {
      const { driver, server, midi } = machine();
      midi.openVirtualOutput('Ours');
      server.here = false;
      midi.inputs();
      // The driver starts, and gives handles that are of no use.
      expect([midi.inputs(), midi.lost, driver.clients]).toEqual([[], true, 0]);
      midi.close();
      server.here = true;
      expect([midi.inputs(), midi.lost, driver.clients]).toEqual([[], false, 0]);
    });

    it('waits for one that was not started yet, and makes ports of our own with it', () => {
      const driver = new FakeRtMidi();
      driver.devices = ['Keys'];
      const server = { why: 'no server runs here' };
      const own = { ...driverOf(() => driver.binding), obstacle: () => server.why };
      expect([nativeMidi(own).lost, nativeMidi(own).supportsVirtual]).toEqual([false, false]);
      const midi = nativeMidi({ ...own, mayCome: () => true });
      expect([midi.available, midi.lost, midi.losses, midi.supportsVirtual, midi.why]).toEqual([false, true, 0, true, server.why]);
      const heard: number[] = [];
      const ours = midi.openVirtualOutput('Ours');
      midi.openVirtualInput('Here', (_status, a) => heard.push(a));
      expect([ours.send(0x90, 60, 1), ours.peers?.(), midi.outputs(), driver.clients]).toEqual([false, [], [], 0]);
      expect(() => midi.openOutput('Keys')).toThrow('MIDI outputs cannot be opened: "Keys". no server runs here');
      server.why = '';
      expect([midi.outputs(), midi.available, midi.lost, midi.losses, midi.why, driver.clients]).toEqual([['Keys', 'Here'], true, false, 0, '', 4]);
      midi.openOutput('Here').send(0x90, 61, 1);
      expect([heard, ours.send(0x90, 60, 1)]).toEqual([[61], true]);
    });

    it('does not start where the server does not answer', () => {
      const driver = new FakeRtMidi();
      const midi = nativeMidi({ ...driverOf(() => driver.binding), isHere: () => false });
      expect([midi.available, midi.why, driver.clients]).toEqual([false, 'the MIDI driver did not start: its server does not answer', 0]);
    });
  });
});
