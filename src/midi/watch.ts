import { AntiphonError } from '../core/errors.ts';
import { ms, type Ms } from '../core/units.ts';
import { matchAny, PORTS, type Hear, type InputPort, type MidiSystem, type OutputPort } from './ports.ts';

/** Where ports come from: one direction of a `MidiSystem`. */
export interface PortSource<P extends InputPort | OutputPort> {
  list(): string[];
  open(name: string, slot: number): P;
}

/** Told what came and went. A device that comes back is given the slot it had. */
export interface Watching<P> {
  attached(port: P, slot: number): void;
  detached(port: P, slot: number): void;
}

interface Slot<P> {
  device: string;
  port: P | undefined;
  /** Looks that may still find it unconnected: JACK connects a little after the opening. */
  patience: number;
}

/** What a device is called whichever place it was plugged in at: ALSA ends a name with client and port number, "20:0"; JACK numbers clients of one name, "synth-01:in". */
const deviceOf = (name: string): string => name.replace(/ \d+:\d+$/, '').replace(/-\d\d(?=:)/, '');

/** Keeps the ports that patterns choose open, and connected, as they come and go. RtMidi tells nothing of either: hence the polling. */
export class PortWatch<P extends InputPort | OutputPort> {
  /** Ports opened that had been lost before. */
  reattached = 0;
  /** Times the system threw, or there was no slot; each is tried again at the next poll. */
  failures = 0;
  /** The failure that came last, for `doctor` and logs. */
  lastFailure: unknown;
  private readonly source: PortSource<P>;
  private readonly watching: Watching<P>;
  private readonly every: number;
  private readonly slots: Slot<P>[] = [];
  private wanted: readonly string[];
  private polled = -Infinity;

  /** @param every milliseconds between two looks at the system */
  constructor(source: PortSource<P>, wanted: readonly string[], watching: Watching<P>, every = 1000) {
    this.source = source;
    this.wanted = wanted;
    this.watching = watching;
    this.every = every;
  }

  /** The names of the ports that are open. */
  get open(): string[] {
    return this.slots.flatMap(({ port }) => (port ? [port.name] : []));
  }

  /** Other patterns, from the next poll on, which is then due at once. */
  want(patterns: readonly string[]): void {
    this.wanted = patterns;
    this.polled = -Infinity;
  }

  /** When to poll next. */
  get next(): Ms {
    return ms(this.polled + this.every);
  }

  /** Looks at the system if it is time to. Never throws for the system's sake. */
  poll(now: Ms): void {
    if (now < this.next) return;
    this.polled = now;
    const names = this.attempt(() => this.source.list());
    // A list that failed says nothing: what is open stays open.
    if (names === undefined) return;
    const chosen = matchAny(this.wanted, names);
    this.slots.forEach((slot, at) => {
      if (slot.port && (!chosen.includes(slot.port.name) || this.isCut(slot))) this.detach(slot, at);
    });
    const { open } = this;
    for (const name of chosen) if (!open.includes(name)) this.attach(name);
  }

  /** Closes every port; each is reported detached. */
  close(): void {
    this.slots.forEach((slot, at) => this.detach(slot, at));
  }

  private attach(name: string): void {
    const device = deviceOf(name);
    let at = this.slots.findIndex((slot) => !slot.port && slot.device === device);
    const again = at >= 0;
    if (!again) at = this.slots.length < PORTS ? this.slots.length : this.slots.findIndex((slot) => !slot.port);
    const port = this.attempt(() => {
      if (at < 0) throw new AntiphonError('midi.port', `more than ${PORTS} MIDI ports are chosen`, name, 'Choose fewer by name');
      return this.source.open(name, at);
    });
    if (!port) return;
    this.slots[at] = { device, port, patience: 1 };
    if (again) this.reattached++;
    this.watching.attached(port, at);
  }

  private detach(slot: Slot<P>, at: number): void {
    const { port } = slot;
    if (!port) return;
    slot.port = undefined;
    this.attempt(() => port.close());
    this.watching.detached(port, at);
  }

  /** Pulled by a patchbay, or the device was gone and back between two looks: only opened anew is it connected again. */
  private isCut(slot: Slot<P>): boolean {
    const peers = this.attempt(() => slot.port?.peers?.() ?? null);
    if (!peers) return false;
    if (peers.length > 0) slot.patience = 0;
    return peers.length === 0 && --slot.patience < 0;
  }

  private attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (thrown) {
      this.failures++;
      this.lastFailure = thrown;
      return undefined;
    }
  }
}

/** Watches inputs; `hearer` makes the listener of each, from its name and slot. */
export const watchInputs = (system: MidiSystem, wanted: readonly string[], hearer: (name: string, slot: number) => Hear, watching: Watching<InputPort>): PortWatch<InputPort> =>
  new PortWatch({ list: () => system.inputs(), open: (name, slot) => system.openInput(name, hearer(name, slot)) }, wanted, watching);

/** Watches outputs; the slot is the ledger's port number. */
export const watchOutputs = (system: MidiSystem, wanted: readonly string[], watching: Watching<OutputPort>): PortWatch<OutputPort> =>
  new PortWatch({ list: () => system.outputs(), open: (name) => system.openOutput(name) }, wanted, watching);
