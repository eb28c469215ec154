import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ms } from '../core/units.ts';
import type { Bytes } from '../midi/message.ts';
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
/** On JACK a look is a client more, of which every other is told: there, `jack_evmon` says when it is time to look, and this is for its absence. */
const LOOK_AT_JACK_EVERY = 10_000;
/** Changes come in flocks. */
const SETTLED = 200;

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
  private readonly every: number;
  private lookAt = -Infinity;
  private looking = false;
  private readonly sent: Bytes[] = [];
  private fewest = Infinity;
  private polled = -Infinity;
  private said: string | null = null;

  constructor({ midi, pid, outputs }: Guarded, changed: (names: readonly string[]) => void) {
    this.system = midi ? nativeMidi() : null;
    this.pid = pid;
    this.changed = changed;
    this.every = this.system?.name === 'JACK' ? LOOK_AT_JACK_EVERY : LOOK_EVERY;
    this.watch = this.system?.available
      ? watchOutputs(this.system, outputs, { attached: (port) => void this.named.set(port.name, port), detached: (port) => void this.named.delete(port.name) })
      : null;
    if (this.system?.available && this.system.name === 'JACK') {
      onJackChange(() => {
        this.lookAt = Math.min(this.lookAt, this.polled + SETTLED);
      });
    }
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

  /** Where another daemon plays already, its notes are not ours to end. */
  private yield(): void {
    if (this.sent.length === 0) return;
    const daemons = this.daemons();
    if (daemons > this.fewest) this.sent.length = 0;
    this.fewest = Math.min(this.fewest, daemons);
  }

  private daemons(): number {
    try {
      return this.system?.inputs().filter((name) => name.endsWith(`:${VIRTUAL.output}`)).length ?? 0;
    } catch {
      return 0;
    }
  }

  private put(status: number, a: number, b: number): void {
    for (const port of this.named.values()) port.send(status, a, b);
    // To both, where one listens to our own port and is chosen by name: the cable of either may have been pulled.
    for (const port of this.mirrored.values()) port.send(status, a, b);
  }

  want(patterns: readonly string[]): void {
    this.watch?.want(patterns);
  }

  /** Connects to what came, if it is time to look; the subscribers stay as they were where the daemon may be in trouble. */
  async poll(now: Ms, well = true): Promise<void> {
    this.polled = now;
    this.watch?.poll(now);
    this.yield();
    if (well && !this.looking && this.system?.available && this.system.supportsVirtual && now >= this.lookAt) {
      this.looking = true;
      this.lookAt = now + this.every;
      const names = await this.subscribers(this.system);
      if (names) this.mirror(this.system, names);
      this.looking = false;
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
      if (this.mirrored.has(name)) continue;
      try {
        this.mirrored.set(name, system.openOutput(name));
      } catch {
        // It went away in this moment; if not, it is tried again.
      }
    }
  }

  /** Disconnects in good order: JACK waits for a client that has vanished. */
  close(): void {
    this.watch?.close();
    for (const port of this.mirrored.values()) port.close();
    this.mirrored.clear();
    this.system?.close();
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
  new Promise((resolve) => void execFile(program, [word], (error, out) => resolve(error ? null : out)));

/** Calls back when anything is connected or disconnected on JACK, if `jack_evmon` is there to tell; it ends with this process. */
const onJackChange = (changed: () => void): void => {
  // Into a pipe it would say everything at its end.
  const monitor = spawn('stdbuf', ['-oL', 'jack_evmon'], { stdio: ['ignore', 'pipe', 'ignore'] });
  monitor.on('error', () => {});
  // A look is itself an event, of another kind.
  createInterface({ input: monitor.stdout }).on('line', (line) => line.startsWith('Ports ') && changed());
  process.on('exit', () => monitor.kill());
};

/** None where the driver fails to say. */
const namesOf = (system: MidiSystem): string[] => {
  try {
    return system.outputs();
  } catch {
    return [];
  }
};
