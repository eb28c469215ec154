import { AntiphonError, messageOf } from '../core/errors.ts';
import { driverHere, type Binding, type Driver, type Tracked } from './driver.ts';
import { isMessage, lengthOf } from './message.ts';
import { listener, mayHavePorts, noSuchPort, portRefused, type Direction, type Hear, type InputPort, type MidiSystem, type OutputPort } from './ports.ts';

type Lister = Pick<InstanceType<Binding['Output']>, 'getPortCount' | 'getPortName' | 'destroy'>;

/** A port that somebody opened. */
interface Opened<P> {
  /** What it has of the driver's; nothing once it is closed, or the server is gone. */
  handle: P | undefined;
  tracked: Tracked | undefined;
  /** Whether its server took it along. */
  lost: boolean;
  /** Makes a port of our own again; named ones are for their owners to look for. */
  readonly again: (() => void) | null;
}

const unlike = (names: readonly string[], name: string, n = 1): string => {
  const unique = n === 1 ? name : `${name} (${n})`;
  return names.includes(unique) ? unlike(names, name, n + 1) : unique;
};

/** Times a list is read for two that are alike; where ports come and go faster, the last is as good as any. */
const READINGS = 5;

/** The names of one direction, told apart where the driver does not (Windows gives two like devices one name). */
const readNames = (handle: Lister): string[] => {
  const names: string[] = [];
  for (let i = 0; i < handle.getPortCount(); i++) {
    const name = handle.getPortName(i);
    // An empty name (unplugged between the two calls) keeps its place: the index opens the port.
    names.push(name === '' ? name : unlike(names, name));
  }
  return names;
};

/** RtMidi names one place at a time: where a port goes between two, those behind it move up, and one that is there would be passed over. */
const namesOf = (handle: Lister): string[] => {
  let names = readNames(handle);
  for (let reading = 1; reading < READINGS; reading++) {
    const before = names;
    names = readNames(handle);
    if (names.length === before.length && names.every((name, at) => name === before[at])) break;
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
  why: string;
  readonly supportsVirtual: boolean;
  losses = 0;
  private binding: Binding | undefined;
  // One handle a direction, for the life of the server: a new one costs 20 ms and a client (node-easymidi#51).
  private listed: { readonly input: Lister; readonly output: Lister } | undefined;
  private readonly open = new Set<Opened<{ destroy(): void }>>();
  private readonly driver: Driver;
  private isLost = false;

  constructor(driver: Driver) {
    this.driver = driver;
    this.name = driver.name;
    this.why = this.start();
    this.isLost = this.why !== '' && (driver.mayCome?.() ?? false);
    this.supportsVirtual = mayHavePorts(this) && process.platform !== 'win32';
  }

  get available(): boolean {
    return this.listed !== undefined;
  }

  get lost(): boolean {
    this.notice();
    return this.isLost;
  }

  inputs(): string[] {
    this.look();
    return this.listed ? namesOf(this.listed.input).filter((name) => name !== '') : [];
  }

  outputs(): string[] {
    this.look();
    return this.listed ? namesOf(this.listed.output).filter((name) => name !== '') : [];
  }

  listenersOf(addresses: readonly string[]): readonly string[] | null {
    this.notice();
    return this.listed ? (this.driver.listenersOf?.(this.listed.output, addresses) ?? null) : null;
  }

  openInput(name: string, hear: Hear): InputPort {
    return this.input(name, hear, false, (port) => this.connect('input', name, port));
  }

  openVirtualInput(name: string, hear: Hear): InputPort {
    return this.input(name, hear, true, (port) => port.openVirtualPort(name));
  }

  openOutput(name: string): OutputPort {
    return this.output(name, false, (port) => this.connect('output', name, port));
  }

  openVirtualOutput(name: string): OutputPort {
    return this.output(name, true, (port) => port.openVirtualPort(name));
  }

  close(): void {
    for (const port of this.open) port.handle?.destroy();
    this.open.clear();
    this.unlist();
    this.isLost = false;
  }

  /** Why it did not start; empty when it did. */
  private start(): string {
    const { driver } = this;
    try {
      const why = driver.obstacle();
      if (why !== '') return why;
      this.binding ??= driver.load();
      const listed = (this.listed = { input: new this.binding.Input(), output: new this.binding.Output() });
      if ([listed.input, listed.output].every((each) => driver.isHere?.(each) ?? true)) return '';
      this.unlist();
      return 'the MIDI driver did not start: its server does not answer';
    } catch (thrown) {
      this.unlist();
      return `the MIDI driver did not start: ${messageOf(thrown).split('\n')[0]}`;
    }
  }

  private unlist(): void {
    this.listed?.input.destroy();
    this.listed?.output.destroy();
    this.listed = undefined;
  }

  /** A server that has ended is noticed, and one that is back gets our ports. */
  private look(): void {
    this.notice();
    if (!this.isLost || this.start() !== '') return;
    this.isLost = false;
    this.why = '';
    try {
      for (const port of this.open) port.again?.();
    } catch {
      // It ended again in this moment.
      this.lose();
    }
  }

  private notice(): void {
    if (this.listed && !(this.driver.isHere?.(this.listed.input) ?? true)) {
      this.losses++;
      this.lose();
    }
  }

  /** Every handle is let go: JACK gives a process none on the new server while one on the old is left. */
  private lose(): void {
    this.isLost = true;
    this.why = `the ${this.name} server has ended`;
    for (const port of this.open) {
      port.handle?.destroy();
      Object.assign(port, { handle: undefined, lost: true });
      if (!port.again) this.open.delete(port);
    }
    this.unlist();
  }

  private indexOf(direction: Direction, name: string): number {
    const names = this.listed ? namesOf(this.listed[direction]) : [];
    const index = names.indexOf(name);
    if (index < 0) throw noSuchPort(direction, name, names);
    return index;
  }

  /** RtMidi opens by place: where ports came or went meanwhile, another may stand there. */
  private connect(direction: Direction, name: string, port: { openPort(at: number): void }): void {
    const at = this.indexOf(direction, name);
    port.openPort(at);
    if (this.indexOf(direction, name) !== at) throw new Error('other ports came or went in that moment');
  }

  private input(name: string, hear: Hear, own: boolean, connect: (port: InstanceType<Binding['Input']>) => void): InputPort {
    const opened = this.opened('input', name, own, (binding) => new binding.Input(), (made) => {
      // Below easymidi: its handler throws inside the driver's callback when a system-exclusive message comes in two parts.
      const listen = listener(hear);
      made.ignoreTypes(true, false, true);
      // easymidi drops `seconds`, the driver's own measure of time between messages.
      made.on('messageBuffer', (seconds: number, bytes: Uint8Array) => {
        if (opened.handle === made) listen(bytes, seconds * 1000);
      });
      connect(made);
    });
    return { name, peers: () => this.peersOf(opened), close: () => this.shut(opened) };
  }

  private output(name: string, own: boolean, connect: (port: InstanceType<Binding['Output']>) => void): OutputPort {
    const opened = this.opened('output', name, own, (binding) => new binding.Output(), connect);
    const bytes = [0, 1, 2, 3].map((length) => Buffer.alloc(length));
    return {
      name,
      address: () => (opened.handle ? (opened.tracked?.address() ?? null) : null),
      peers: () => this.peersOf(opened),
      passage: () => (opened.handle ? (opened.tracked?.passage?.() ?? null) : null),
      send: (status, a, b) => {
        // Below easymidi: it sends what it is given, and a byte over 127 becomes a status byte on the wire.
        if (!opened.handle || !isMessage(status, a, b)) return false;
        const message = bytes[lengthOf(status)] as Buffer;
        message[0] = status;
        if (message.length > 1) message[1] = a;
        if (message.length > 2) message[2] = b;
        try {
          opened.handle.sendMessage(message);
          return true;
        } catch {
          return false;
        }
      },
      close: () => this.shut(opened),
    };
  }

  private opened<P extends Pick<Lister, 'getPortName' | 'destroy'>>(direction: Direction, name: string, own: boolean, make: (binding: Binding) => P, prepare: (port: P) => void): Opened<P> {
    const act = (): void => {
      if (!this.binding || !this.listed) throw new AntiphonError('midi.none', `MIDI ${direction}s cannot be opened`, name, this.why);
      let port: P | undefined;
      try {
        const { binding } = this;
        const { handle, tracked } = this.driver.tracked?.(() => make(binding)) ?? { handle: make(binding), tracked: undefined };
        port = handle;
        prepare(port);
        Object.assign(opened, { handle: port, tracked, lost: false });
      } catch (thrown) {
        // A handle whose `openPort` failed keeps its client, and an input keeps the process alive.
        port?.destroy();
        throw thrown instanceof AntiphonError ? thrown : portRefused(direction, name, messageOf(thrown));
      }
    };
    const opened: Opened<P> = { handle: undefined, tracked: undefined, lost: false, again: own ? act : null };
    // A port of our own is made when the server is there that is waited for.
    if (own && this.isLost) opened.lost = true;
    else act();
    this.open.add(opened);
    return opened;
  }

  /** Of a port that its server took along nobody is at the other end. */
  private peersOf(port: Opened<{ destroy(): void }>): readonly string[] | null {
    this.notice();
    if (port.lost) return [];
    return port.handle ? (port.tracked?.peers() ?? null) : null;
  }

  /** easymidi's `close` closes the port and keeps the sequencer client (node-easymidi#51). */
  private shut(port: Opened<{ destroy(): void }>): void {
    this.open.delete(port);
    port.handle?.destroy();
    port.handle = undefined;
  }
}

/** The machine's MIDI ports; never throws: where there are none, `available` is false and `why` says so. */
export const nativeMidi = (driver: Driver = driverHere()): MidiSystem => new NativeMidi(driver);
