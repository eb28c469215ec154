import { isMessage, lengthOf, type Bytes } from './message.ts';
import { listener, noSuchPort, type Hear, type InputPort, type MidiSystem, type OutputPort } from './ports.ts';

type Listeners = Set<(bytes: ArrayLike<number>, gap: number) => void>;

/** MIDI ports that exist in this process only: devices are plugged in, played and listened to by a test. */
export class MemoryMidi implements MidiSystem {
  readonly name = 'memory';
  readonly available = true;
  readonly why = '';
  readonly supportsVirtual = true;
  readonly lost = false;
  readonly losses = 0;
  /** By device that plays to us, or virtual output of ours: who listens. */
  private readonly sources = new Map<string, Listeners>();
  /** By device that we play to, or virtual input of ours: who listens. */
  private readonly sinks = new Map<string, Listeners>();
  private readonly logs = new Map<string, Bytes[]>();

  inputs(): string[] {
    return [...this.sources.keys()];
  }

  outputs(): string[] {
    return [...this.sinks.keys()];
  }

  /** Plugs in a device that plays. */
  plugInput(name: string): void {
    this.sources.set(name, new Set());
  }

  unplugInput(name: string): void {
    this.sources.delete(name);
  }

  /** Plugs in a device that listens; what it hears is in `received`. */
  plugOutput(name: string): void {
    this.sinks.set(name, new Set([this.log(name)]));
  }

  unplugOutput(name: string): void {
    this.sinks.delete(name);
  }

  /** The device `name` plays bytes, cut as they are given, `gap` ms after those before; false when it is not plugged in. */
  play(name: string, bytes: ArrayLike<number>, gap = NaN): boolean {
    return deliver(this.sources.get(name), bytes, gap);
  }

  /** Every message that was ever sent to the device `name`, or by our virtual output of this name. */
  received(name: string): readonly Bytes[] {
    return this.logs.get(name) ?? [];
  }

  openInput(name: string, hear: Hear): InputPort {
    const source = this.sources.get(name);
    if (!source) throw noSuchPort('input', name, this.inputs());
    const listen = listener(hear);
    source.add(listen);
    return { name, close: () => void source.delete(listen) };
  }

  openOutput(name: string): OutputPort {
    const sink = this.sinks.get(name);
    if (!sink) throw noSuchPort('output', name, this.outputs());
    return this.output(name, this.sinks, sink, () => {});
  }

  openVirtualInput(name: string, hear: Hear): InputPort {
    const sink: Listeners = new Set([listener(hear)]);
    this.sinks.set(name, sink);
    return { name, close: () => forget(this.sinks, name, sink) };
  }

  openVirtualOutput(name: string): OutputPort {
    const source: Listeners = new Set([this.log(name)]);
    this.sources.set(name, source);
    return this.output(name, this.sources, source, () => forget(this.sources, name, source));
  }

  close(): void {
    this.sources.clear();
    this.sinks.clear();
  }

  private output(name: string, ports: ReadonlyMap<string, Listeners>, to: Listeners, closed: () => void): OutputPort {
    let open = true;
    return {
      name,
      send: (status, a, b) => {
        // A device that came back under its name is another connection: this one stays dead.
        if (!open || ports.get(name) !== to || !isMessage(status, a, b)) return false;
        return deliver(to, [status, a, b].slice(0, lengthOf(status)), NaN);
      },
      close: () => {
        open = false;
        closed();
      },
    };
  }

  private log(name: string): (bytes: ArrayLike<number>, gap: number) => void {
    const log = this.logs.get(name) ?? [];
    this.logs.set(name, log);
    return listener((status, a, b) => log.push([status, a, b]));
  }
}

const deliver = (to: Listeners | undefined, bytes: ArrayLike<number>, gap: number): boolean => {
  if (!to) return false;
  for (const listen of to) listen(bytes, gap);
  return true;
};

const forget = (ports: Map<string, Listeners>, name: string, mine: Listeners): void => {
  if (ports.get(name) === mine) ports.delete(name);
};
