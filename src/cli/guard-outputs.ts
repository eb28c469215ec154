import { execFile } from 'node:child_process';
import type { Ms } from '../core/units.ts';
import { nativeMidi } from '../midi/native.ts';
import { VIRTUAL, type MidiSystem, type OutputPort } from '../midi/ports.ts';
import { alsaSubscribers, jackSubscribers } from '../midi/subscribers.ts';
import { watchOutputs, type PortWatch } from '../midi/watch.ts';

interface Guarded {
  readonly midi: boolean;
  readonly pid: number;
  readonly outputs: readonly string[];
}

/** Milliseconds between two looks at who listens to the daemon's own port. */
const LOOK_EVERY = 1000;

/**
 * The guard's own connections: to the outputs the daemon plays to, chosen by the same patterns, and to whoever listens to its virtual port,
 * which goes with it.
 */
export class GuardOutputs {
  private readonly system: MidiSystem | null;
  private readonly pid: number;
  private readonly changed: (names: readonly string[]) => void;
  private readonly watch: PortWatch<OutputPort> | null;
  private readonly named = new Map<string, OutputPort>();
  private readonly mirrored = new Map<string, OutputPort>();
  private looked = -Infinity;
  private said: string | null = null;

  constructor({ midi, pid, outputs }: Guarded, changed: (names: readonly string[]) => void) {
    this.system = midi ? nativeMidi() : null;
    this.pid = pid;
    this.changed = changed;
    this.watch = this.system?.available
      ? watchOutputs(this.system, outputs, { attached: (port) => void this.named.set(port.name, port), detached: (port) => void this.named.delete(port.name) })
      : null;
  }

  send(status: number, a: number, b: number): void {
    for (const port of this.named.values()) port.send(status, a, b);
    for (const [name, port] of this.mirrored) if (!this.named.has(name)) port.send(status, a, b);
  }

  want(patterns: readonly string[]): void {
    this.watch?.want(patterns);
  }

  /** Connects to what came, if it is time to look; the subscribers stay as they were where the daemon may be in trouble. */
  async poll(now: Ms, well = true): Promise<void> {
    this.watch?.poll(now);
    if (well && this.system?.available && this.system.supportsVirtual && now - this.looked >= LOOK_EVERY) {
      this.looked = now;
      const names = await this.subscribers(this.system);
      if (names) this.mirror(this.system, names);
    }
    this.report();
  }

  /** Names of the ports that listen to the daemon's own; null where nobody can say. */
  private async subscribers(system: MidiSystem): Promise<string[] | null> {
    if (system.name === 'JACK') {
      const text = await printed('jack_lsp', '-c');
      return text === null ? null : jackSubscribers(text, VIRTUAL.output);
    }
    const text = process.platform === 'linux' ? await printed('aconnect', '-l') : null;
    if (text === null) return null;
    const addresses = alsaSubscribers(text, this.pid, VIRTUAL.output);
    return namesOf(system).filter((name) => addresses.some((address) => name.endsWith(` ${address}`)));
  }

  private mirror(system: MidiSystem, names: readonly string[]): void {
    for (const [name, port] of this.mirrored) {
      if (names.includes(name)) continue;
      port.close();
      this.mirrored.delete(name);
    }
    for (const name of names) {
      if (this.mirrored.has(name) || this.named.has(name)) continue;
      try {
        this.mirrored.set(name, system.openOutput(name));
      } catch {
        // It went away in this moment; if not, it is tried again.
      }
    }
  }

  private report(): void {
    const names = [...new Set([...this.named.keys(), ...this.mirrored.keys()])];
    const text = names.join('\n');
    if (text === this.said) return;
    this.said = text;
    this.changed(names);
  }
}

/** What a program prints; null where it is missing or fails. */
const printed = (program: string, word: string): Promise<string | null> =>
  new Promise((resolve) => void execFile(program, [word], { timeout: LOOK_EVERY }, (error, out) => resolve(error ? null : out)));

/** None where the driver fails to say. */
const namesOf = (system: MidiSystem): string[] => {
  try {
    return system.outputs();
  } catch {
    return [];
  }
};
