import type { Ms } from '../core/units.ts';
import type { Bytes } from '../midi/message.ts';
import { Listeners } from '../midi/listeners.ts';
import { Mirror } from '../midi/mirror.ts';
import { nativeMidi } from '../midi/native.ts';
import { mayHavePorts, VIRTUAL, type MidiSystem, type OutputPort } from '../midi/ports.ts';
import { watchOutputs, type PortWatch } from '../midi/watch.ts';

interface Guarded {
  readonly midi: boolean;
  readonly outputs: readonly string[];
  readonly sources: readonly string[];
}

/** Milliseconds between two looks at whether all is connected that should be, where nobody came. */
const FOLLOW_EVERY = 250;

/**
 * The guard's own connections: to the outputs the daemon plays to, chosen by the same patterns, and to whoever else is connected to a port of
 * the daemon's, its virtual one above all, which goes with it.
 */
export class GuardOutputs {
  private readonly system: MidiSystem | null;
  private readonly changed: (names: readonly string[]) => void;
  private readonly watch: PortWatch<OutputPort> | null;
  private readonly named = new Map<string, OutputPort>();
  private readonly mirrored: Mirror | null;
  private readonly sent: Bytes[] = [];
  private readonly listeners: Listeners;
  private followed = -Infinity;
  private fewest = Infinity;
  private losses = 0;
  private said: string | null = null;

  constructor({ midi, outputs, sources }: Guarded, changed: (names: readonly string[]) => void) {
    this.system = midi ? nativeMidi() : null;
    this.changed = changed;
    this.listeners = new Listeners(sources);
    const { system } = this;
    this.mirrored = system ? new Mirror((name) => system.openOutput(name)) : null;
    this.watch = this.system && mayHavePorts(this.system)
      ? watchOutputs(this.system, outputs, { attached: (port) => void this.named.set(port.name, port), detached: (port) => void this.named.delete(port.name) })
      : null;
  }

  send(status: number, a: number, b: number): void {
    if (this.system?.name === 'JACK') this.sent.push([status, a, b]);
    this.put(status, a, b);
  }

  /**
   * Sends what was sent last once more, where that may have been lost; false where there is no need, or no more. A JACK server takes seconds to
   * get over a client that was killed, and for as long those it played to wait for it and miss what comes.
   */
  sendAgain(): boolean {
    this.yield();
    for (const message of this.sent) this.put(...message);
    return this.sent.length > 0;
  }

  /** What was sent has arrived, or matters no more. */
  forget(): void {
    this.sent.length = 0;
    this.fewest = Infinity;
  }

  /** Other outputs, by patterns of their names. */
  want(patterns: readonly string[]): void {
    this.watch?.want(patterns);
  }

  /** The daemon's ports are called otherwise. */
  mirror(sources: readonly string[]): void {
    this.listeners.sources = sources;
  }

  /** Connects to what came. */
  poll(now: Ms): void {
    this.watch?.poll(now);
    this.yield();
    if (this.system?.available) this.attend(this.system, now);
    this.report();
  }

  /** Disconnects in good order: JACK waits for a client that has vanished. */
  close(): void {
    this.watch?.close();
    this.mirrored?.close();
    this.system?.close();
  }

  private put(status: number, a: number, b: number): void {
    for (const port of this.named.values()) port.send(status, a, b);
    this.mirrored?.send(status, a, b);
  }

  /** Where another daemon plays already, its notes are not ours to end. */
  private yield(): void {
    if (this.sent.length === 0) return;
    const daemons = namesOf(() => this.system?.inputs()).filter((name) => name.endsWith(`:${VIRTUAL.output}`)).length;
    if (daemons > this.fewest) this.sent.length = 0;
    this.fewest = Math.min(this.fewest, daemons);
  }

  private attend(system: MidiSystem, now: Ms): void {
    if (!this.listeners.look(system, now) && now < this.followed + FOLLOW_EVERY) return;
    this.followed = now;
    this.follow(system);
  }

  private follow(system: MidiSystem): void {
    // A server that ended took what we opened along.
    if (system.losses > this.losses) this.mirrored?.forget();
    this.losses = system.losses;
    // A named port of ours counts where it has its cable.
    const reached = new Set([...this.named.values()].flatMap((port) => port.peers?.() ?? [port.name]));
    this.mirrored?.follow(this.listeners.names.filter((peer) => !reached.has(peer)), () => namesOf(() => system.outputs()));
  }

  private report(): void {
    const names = [...new Set([...this.named.keys(), ...(this.mirrored?.names ?? [])])];
    const text = names.join('\n');
    if (text === this.said) return;
    this.said = text;
    this.changed(names);
  }
}

/** None where the driver fails to say. */
const namesOf = (list: () => string[] | undefined): string[] => {
  try {
    return list() ?? [];
  } catch {
    return [];
  }
};
