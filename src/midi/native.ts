import { AntiphonError, messageOf } from '../core/errors.ts';
import { driverHere, type Binding, type Driver, type Peers } from './driver.ts';
import { isMessage, lengthOf } from './message.ts';
import { listener, noSuchPort, portRefused, type Direction, type Hear, type InputPort, type MidiSystem, type OutputPort } from './ports.ts';

type Lister = Pick<InstanceType<Binding['Output']>, 'getPortCount' | 'getPortName' | 'destroy'>;

const unlike = (names: readonly string[], name: string, n = 1): string => {
  const unique = n === 1 ? name : `${name} (${n})`;
  return names.includes(unique) ? unlike(names, name, n + 1) : unique;
};

/** The names of one direction, told apart where the driver does not (Windows gives two like devices one name). */
const namesOf = (handle: Lister): string[] => {
  const names: string[] = [];
  for (let i = 0; i < handle.getPortCount(); i++) {
    const name = handle.getPortName(i);
    // An empty name (unplugged between the two calls) keeps its place: the index opens the port.
    names.push(name === '' ? name : unlike(names, name));
  }
  return names;
};

/**
 * The machine's MIDI ports, by RtMidi as easymidi brings it. easymidi's own classes are passed by, each for a fault that bites on stage:
 * its listing and its constructors leave a sequencer client behind every time (node-easymidi#51), its input ends the
 * process on a system-exclusive message in two parts and drops the time stamp, its output sends values unchecked,
 * and its `close` keeps the client.
 */
class NativeMidi implements MidiSystem {
  readonly name: string;
  readonly why: string;
  readonly supportsVirtual: boolean;
  private readonly binding: Binding | undefined;
  // One handle a direction, for the life of the system: a new one costs 20 ms and a client (node-easymidi#51).
  private readonly listed: { readonly input: Lister; readonly output: Lister } | undefined;
  private readonly open = new Set<{ destroy(): void }>();
  private readonly driver: Driver;

  constructor(driver: Driver) {
    this.driver = driver;
    this.name = driver.name;
    let why = '';
    try {
      why = driver.obstacle();
      if (why === '') {
        this.binding = driver.load();
        this.listed = { input: new this.binding.Input(), output: new this.binding.Output() };
      }
    } catch (thrown) {
      why = `the MIDI driver did not start: ${messageOf(thrown).split('\n')[0]}`;
    }
    this.why = why;
    this.supportsVirtual = this.available && process.platform !== 'win32';
  }

  get available(): boolean {
    return this.listed !== undefined;
  }

  inputs(): string[] {
    return this.listed ? namesOf(this.listed.input).filter((name) => name !== '') : [];
  }

  outputs(): string[] {
    return this.listed ? namesOf(this.listed.output).filter((name) => name !== '') : [];
  }

  openInput(name: string, hear: Hear): InputPort {
    return this.input(name, hear, (port) => port.openPort(this.indexOf('input', name)));
  }

  openVirtualInput(name: string, hear: Hear): InputPort {
    return this.input(name, hear, (port) => port.openVirtualPort(name));
  }

  openOutput(name: string): OutputPort {
    return this.output(name, (port) => port.openPort(this.indexOf('output', name)));
  }

  openVirtualOutput(name: string): OutputPort {
    return this.output(name, (port) => port.openVirtualPort(name));
  }

  close(): void {
    for (const port of this.open) port.destroy();
    this.open.clear();
    this.listed?.input.destroy();
    this.listed?.output.destroy();
  }

  private indexOf(direction: Direction, name: string): number {
    const names = this.listed ? namesOf(this.listed[direction]) : [];
    const index = names.indexOf(name);
    if (index < 0) throw noSuchPort(direction, name, names);
    return index;
  }

  private input(name: string, hear: Hear, connect: (port: InstanceType<Binding['Input']>) => void): InputPort {
    const { port, peers } = this.made('input', name, (binding) => new binding.Input(), (made) => {
      // Below easymidi: its handler throws inside the driver's callback when a system-exclusive message comes in two parts.
      const listen = listener(hear);
      made.ignoreTypes(true, false, true);
      // easymidi drops `seconds`, the driver's own measure of time between messages.
      made.on('messageBuffer', (seconds: number, bytes: Uint8Array) => {
        if (this.open.has(made)) listen(bytes, seconds * 1000);
      });
      connect(made);
    });
    return { name, peers, close: () => this.destroy(port) };
  }

  private output(name: string, connect: (port: InstanceType<Binding['Output']>) => void): OutputPort {
    const { port, peers } = this.made('output', name, (binding) => new binding.Output(), connect);
    const bytes = [0, 1, 2, 3].map((length) => Buffer.alloc(length));
    return {
      name,
      peers,
      send: (status, a, b) => {
        // Below easymidi: it sends what it is given, and a byte over 127 becomes a status byte on the wire.
        if (!this.open.has(port) || !isMessage(status, a, b)) return false;
        const message = bytes[lengthOf(status)] as Buffer;
        message[0] = status;
        if (message.length > 1) message[1] = a;
        if (message.length > 2) message[2] = b;
        try {
          port.sendMessage(message);
          return true;
        } catch {
          return false;
        }
      },
      close: () => this.destroy(port),
    };
  }

  private made<P extends Pick<Lister, 'getPortName' | 'destroy'>>(direction: Direction, name: string, make: (binding: Binding) => P, prepare: (port: P) => void): { readonly port: P; readonly peers: Peers } {
    if (!this.binding || !this.listed) throw new AntiphonError('midi.none', `MIDI ${direction}s cannot be opened`, name, this.why);
    let port: P | undefined;
    try {
      const track = this.driver.tracking?.(direction);
      const made = (port = make(this.binding));
      prepare(made);
      this.open.add(made);
      const peers = track?.(made);
      return { port: made, peers: () => (this.open.has(made) ? (peers?.() ?? null) : null) };
    } catch (thrown) {
      // A handle whose `openPort` failed keeps its client, and an input keeps the process alive.
      port?.destroy();
      throw thrown instanceof AntiphonError ? thrown : portRefused(direction, name, messageOf(thrown));
    }
  }

  /** easymidi's `close` closes the port and keeps the sequencer client (node-easymidi#51). */
  private destroy(port: { destroy(): void }): void {
    if (this.open.delete(port)) port.destroy();
  }
}

/** The machine's MIDI ports; never throws: where there are none, `available` is false and `why` says so. */
export const nativeMidi = (driver: Driver = driverHere()): MidiSystem => new NativeMidi(driver);
