import type { DaemonState } from '../../src/live/command.ts';
import type { Bytes } from '../../src/midi/message.ts';
import { nativeMidi } from '../../src/midi/native.ts';
import { VIRTUAL, type InputPort, type OutputPort } from '../../src/midi/ports.ts';
import { folderWith, Heard, PATIENCE, pause, startDaemon, type Running, type StartOptions } from '../integration/daemon.ts';
import type { Cable, Patchbay } from './patchbay.ts';

/** What the rig's two ports are called, the player's keyboard and the synth that listens: as the patch names them, or as it does not. */
const NAMES = {
  named: { keys: 'Rig Keys', synth: 'Rig Synth' },
  own: { keys: 'Free Keys', synth: 'Free Synth' },
} as const;
/** One that has not ended so long, in milliseconds, after it was told to is killed. */
const LONGEST_STOP = 5000;
/** Something that leaves nothing behind: an undefined controller. */
const KNOCK = 119;
const PATCH = {
  name: 'rig',
  inputs: [{ port: NAMES.named.keys, thru: true }],
  outputs: [{ port: NAMES.named.synth }],
  roles: [{ kind: 'harmonise', model: 'harmony', channel: 2 }],
  params: { voices: 1 },
};

/** The guard's cables are among those at a port, and it comes and goes as it must: what does not succeed for another reason shows in what is heard. */
const attempt = (act: () => void): void => {
  try {
    act();
  } catch {
    // That cable is gone, or its port.
  }
};

const isOn = ([status, , b]: Bytes): boolean => (status & 0xf0) === 0x90 && b > 0;
const isOff = ([status, , b]: Bytes): boolean => (status & 0xf0) === 0x80 || ((status & 0xf0) === 0x90 && b === 0);

/** How often a note of a channel and pitch was begun and not ended, for those that sound. */
export const sounding = (heard: readonly Bytes[]): Map<string, number> => {
  const open = new Map<string, number>();
  for (const each of heard) {
    if (!isOn(each) && !isOff(each)) continue;
    const key = `${(each[0] & 0x0f) + 1}:${each[1]}`;
    const count = Math.max(0, (open.get(key) ?? 0) + (isOn(each) ? 1 : -1));
    if (count > 0) open.set(key, count);
    else open.delete(key);
  }
  return open;
};

/** The process that the sound system's ports hang on, where there is one. */
export interface Server {
  /** Sends it a signal, and waits until it has ended if that is what the signal does. */
  signal(signal: NodeJS.Signals): Promise<void>;
  begin(): Promise<void>;
}

/** A daemon in its own process, and in this one a keyboard and a synth on real ports. Channel 1 is the player's, channel 2 harmony's. */
export class Rig {
  /** All that the synth was sent, in order: over restarts too. */
  readonly heard = new Heard<Bytes>();
  readonly patchbay: Patchbay;
  readonly server: Server;
  private readonly system = nativeMidi();
  private readonly folder = folderWith(PATCH);
  private keys: OutputPort | null = null;
  private synth: InputPort | null = null;
  private running: Running | null = null;
  private knocks = 0;
  private ports: keyof typeof NAMES = 'named';

  constructor(patchbay: Patchbay, server: Server) {
    this.patchbay = patchbay;
    this.server = server;
    if (!this.system.available) throw new Error(this.system.why);
    this.plugKeys();
    this.plugSynth();
  }

  private get names(): (typeof NAMES)[keyof typeof NAMES] {
    return NAMES[this.ports];
  }

  plugKeys(): void {
    this.keys = this.system.openVirtualOutput(this.names.keys);
  }

  unplugKeys(): void {
    this.keys?.close();
    this.keys = null;
  }

  plugSynth(): void {
    this.synth = this.system.openVirtualInput(this.names.synth, (status, a, b) => this.heard.add([status, a, b]));
  }

  unplugSynth(): void {
    this.synth?.close();
    this.synth = null;
  }

  /** Whether the daemon has ended. */
  private get over(): boolean {
    return this.running !== null && (this.running.child.exitCode !== null || this.running.child.signalCode !== null);
  }

  /** The daemon's process, where one runs. */
  get pids(): number[] {
    return this.running?.child.pid !== undefined && !this.over ? [this.running.child.pid] : [];
  }

  /** The daemon, started where none runs, once what is played goes through it. */
  async daemon(): Promise<Running> {
    if (!this.running || this.over) {
      this.running = await startDaemon([PATCH.name], { folder: this.folder, midi: true });
      // A new daemon's own ports have no cables yet.
      await this.use(this.ports);
    } else await this.through();
    return this.running;
  }

  /** The daemon, ended in good order and started anew; nothing need go through it. */
  async anew(options: Pick<StartOptions, 'flags' | 'env'> = {}): Promise<Running> {
    if (this.running && !this.over) await this.running.stop();
    return (this.running = await startDaemon([PATCH.name], { ...options, folder: this.folder, midi: true }));
  }

  send(status: number, a: number, b: number): void {
    if (!this.keys?.send(status, a, b)) throw new Error('the keyboard is not plugged in');
  }

  press(pitch: number, velocity = 80): void {
    this.send(0x90, pitch, velocity);
  }

  release(pitch: number): void {
    this.send(0x80, pitch, 64);
  }

  /** Waits until what is played comes out at the synth, and all that was played before it. */
  async through(): Promise<void> {
    const knock = ++this.knocks & 0x7f;
    const from = this.heard.all.length;
    const knocking = setInterval(() => this.keys?.send(0xb0, KNOCK, knock), 50);
    try {
      await this.heard.first(([status, a, b]) => status === 0xb0 && a === KNOCK && b === knock, from);
    } finally {
      clearInterval(knocking);
    }
    await this.quiet();
  }

  /** Waits until nothing has come for a while: what was sent has all arrived. @throws when patience ends */
  async quiet(): Promise<void> {
    const until = performance.now() + PATIENCE;
    for (let before = -1; before !== this.heard.all.length; await pause(200)) {
      if (performance.now() > until) throw new Error(`Messages come without end: ${this.heard.all.length} so far`);
      before = this.heard.all.length;
    }
  }

  /** Waits for a message at the synth, at or after place `from`. */
  async hears(status: number, a: number, b?: number, from = 0): Promise<void> {
    await this.heard.first((each) => each[0] === status && each[1] === a && (b === undefined || each[2] === b), from);
  }

  /** Waits until the synth is silent, every note ended by its own off. */
  async silence(from = 0): Promise<void> {
    if (sounding(this.heard.all.slice(from)).size === 0) return;
    await this.heard.first(() => sounding(this.heard.all.slice(from)).size === 0, this.heard.all.length);
  }

  /** Plays through the ports that the daemon opens by name, or through the daemon's own, with cables put in by hand. */
  async use(which: keyof typeof NAMES): Promise<void> {
    this.unplugKeys();
    this.unplugSynth();
    this.ports = which;
    this.plugKeys();
    this.plugSynth();
    if (which === 'own') {
      this.patchbay.connect([this.address('from', this.names.keys), this.address('to', VIRTUAL.input)]);
      this.patchbay.connect([this.address('from', VIRTUAL.output), this.address('to', this.names.synth)]);
    }
    await this.through();
  }

  /** Pulls every cable of the keyboard or the synth, as a hand at the patchbay does. */
  pull(what: 'keys' | 'synth'): Cable[] {
    const port = this.address(what === 'keys' ? 'from' : 'to', this.names[what]);
    const cables = this.patchbay.cables().filter((cable) => cable.includes(port));
    if (cables.length === 0) throw new Error(`no cable at ${port} among ${JSON.stringify(this.patchbay.cables())}`);
    for (const cable of cables) attempt(() => this.patchbay.disconnect(cable));
    return cables;
  }

  restore(cables: readonly Cable[]): void {
    for (const cable of cables) attempt(() => this.patchbay.connect(cable));
  }

  /** Puts a cable from the daemon's own output into its own input; `unplug` pulls it. */
  loop(): Cable {
    const cable: Cable = [this.address('from', VIRTUAL.output), this.address('to', VIRTUAL.input)];
    this.patchbay.connect(cable);
    return cable;
  }

  unplug(cable: Cable): void {
    this.patchbay.disconnect(cable);
  }

  /** Waits until this process has its ports on the server again. */
  async back(): Promise<void> {
    while (this.system.inputs().length === 0 || this.system.lost) await pause(50);
  }

  /** Waits until the daemon has said something with this code so many times. @throws when patience ends */
  async says(code: string, times: number): Promise<void> {
    for (const until = performance.now() + PATIENCE; this.said(code) < times; await pause(20)) {
      if (performance.now() > until) throw new Error(`The daemon has not said [${code}] ${times} times within ${PATIENCE / 1000} s, but printed: ${this.running?.printed().slice(-500)}`);
    }
  }

  /** How often the daemon has said something with this code. */
  said(code: string): number {
    return (this.running?.printed().split(`[${code}]`).length ?? 1) - 1;
  }

  private async state(): Promise<DaemonState> {
    return (await (await fetch(`http://127.0.0.1:${this.running?.http}/state.json`)).json()) as DaemonState;
  }

  /** Waits until the daemon has noticed that the synth is not there. @throws when patience ends */
  async synthGone(): Promise<void> {
    for (const until = performance.now() + PATIENCE; (await this.state()).outputs.some((name) => name.includes(this.names.synth)); await pause(50)) {
      if (performance.now() > until) throw new Error(`The daemon still has ${this.names.synth} after ${PATIENCE / 1000} s`);
    }
  }

  /** Waits until the daemon's guard is connected to the synth, or is not. @throws when patience ends, with what it is connected to */
  async guarded(wanted: boolean): Promise<void> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const { guarded } = await this.state();
      if ((guarded?.some((name) => name.includes(this.names.synth)) ?? false) === wanted) return;
      if (performance.now() > until) throw new Error(`The guard is ${wanted ? 'not ' : ''}connected to ${this.names.synth} after ${PATIENCE / 1000} s, but to ${guarded?.join(', ') ?? 'nothing: it does not run'}. Cables: ${JSON.stringify(this.patchbay.cables())}`);
      await pause(5);
    }
  }

  /** The address of the daemon's own output. */
  get output(): string {
    return this.address('from', VIRTUAL.output);
  }

  private address(end: 'from' | 'to', part: string): string {
    const names = end === 'from' ? this.system.inputs() : this.system.outputs();
    const name = names.find((each) => each.includes(part));
    if (name === undefined) throw new Error(`no ${part} in ${names.join(', ')}`);
    return this.patchbay.addressOf(name);
  }

  /** Whether no message gets from the keyboard to the synth with a cable between them, and not for a daemon that ended on its own. */
  async standsStill(): Promise<boolean> {
    if (this.over && !this.running?.child.killed) return false;
    this.unplugKeys();
    this.unplugSynth();
    this.plugKeys();
    this.plugSynth();
    try {
      this.patchbay.connect([this.address('from', this.names.keys), this.address('to', this.names.synth)]);
      await this.through();
      return false;
    } catch {
      return true;
    }
  }

  /** In good order, if the daemon can: a JACK server in step never gets over a client that was killed. */
  async close(): Promise<void> {
    if (this.running) await Promise.race([this.running.stop(), pause(LONGEST_STOP)]);
    await this.running?.discard();
    this.system.close();
  }
}

/** The pitches that were begun on a channel. */
export const begun = (heard: readonly Bytes[], channel: number): number[] => heard.filter((each) => isOn(each) && (each[0] & 0x0f) === channel - 1).map((each) => each[1]);
