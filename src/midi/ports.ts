import { AntiphonError } from '../core/errors.ts';
import type { Closable } from '../core/owner.ts';
import { MessageParser } from './message.ts';

/**
 * Takes one channel message or real-time byte (then `a` and `b` are 0).
 * `gap` is the milliseconds since the port's message before, as the driver measured them; NaN where it does not.
 */
export type Hear = (status: number, a: number, b: number, gap: number) => void;

/** What is open, and who is at the other end. */
export interface Port extends Closable {
  readonly name: string;
  /** The ports it is connected to, as the driver calls them; null, or absent, where the driver does not tell. */
  peers?(): readonly string[] | null;
  close(): void;
}

export type InputPort = Port;

/** What became of what was sent to a port. */
export interface Passage {
  /** Whether some of it waits to go out. */
  readonly waits: boolean;
  /** Moments in which what went out may not have arrived, so far. */
  readonly lapses: number;
}

export interface OutputPort extends Port {
  /** What other programs call it; null, or absent, where the driver does not tell. */
  address?(): string | null;
  /** Null, or absent, where what is sent arrives at once, or the driver does not tell. */
  passage?(): Passage | null;
  /** False, and nothing sent, for what is no message or when the port is gone or closed. Realtime-safe: yes. */
  send(status: number, a: number, b: number): boolean;
}

/** The MIDI ports of one machine, real or in memory; `open` methods throw an `AntiphonError` with code `midi.port` or `midi.none`. */
export interface MidiSystem extends Closable {
  readonly name: string;
  readonly available: boolean;
  /** One line for people when unavailable, otherwise empty. */
  readonly why: string;
  /** Whether ports of our own can be made for other programs to connect to (not on Windows). */
  readonly supportsVirtual: boolean;
  /**
   * Whether the server that carries the ports has ended, or was not started yet, and is waited for. Each look at the ports notices it: those opened by
   * name are gone then; those of our own are made when it is there, with no cables.
   */
  readonly lost: boolean;
  /** Times it was lost. */
  readonly losses: number;
  inputs(): string[];
  outputs(): string[];
  /** Who hears output ports of any program, by their addresses; null, or absent, where the driver does not tell or one is not there. */
  listenersOf?(addresses: readonly string[]): readonly string[] | null;
  openInput(name: string, hear: Hear): InputPort;
  openOutput(name: string): OutputPort;
  openVirtualInput(name: string, hear: Hear): InputPort;
  openVirtualOutput(name: string): OutputPort;
  close(): void;
}

/** The receiving end of one connection: bytes as they come, cut anywhere, and the gap before them in milliseconds. */
export const listener = (hear: Hear): ((bytes: ArrayLike<number>, gap: number) => void) => {
  let since = NaN;
  const parser = new MessageParser(
    (status, a, b) => hear(status, a, b, since),
    (status) => hear(status, 0, 0, since),
  );
  return (bytes, gap) => {
    since = gap;
    parser.write(bytes);
  };
};

/** Whether a system has ports, or may come to have some. */
export const mayHavePorts = (system: Pick<MidiSystem, 'available' | 'lost'>): boolean => system.available || system.lost;

/** Ports open at once in one direction; `PortWatch` and the ledger number them from 0. */
export const PORTS = 16;

/** What our own virtual ports are called. */
export const VIRTUAL = { input: 'Antiphon In', output: 'Antiphon Out' } as const;

/**
 * What `*` leaves out: ports that give back what is sent to them. RtMidi shows each connection that this very
 * process has made as a port of its own, and "Midi Through" is ALSA's loop: with either, Antiphon answers itself.
 */
const LOOPS = ['rtmidi', 'midi through'];

/** The names a pattern chooses: those that contain it in any case, `*` for all; never Antiphon's own ports. */
export const matchPorts = (pattern: string, names: readonly string[]): string[] => {
  const wanted = pattern.trim().toLowerCase();
  return names.filter((name) => {
    const lower = name.toLowerCase();
    if (wanted === '' || lower.includes('antiphon')) return false;
    return wanted === '*' ? !LOOPS.some((loop) => lower.includes(loop)) : lower.includes(wanted);
  });
};

/** The names any of the patterns chooses, each once, in the order of `names`. */
export const matchAny = (patterns: readonly string[], names: readonly string[]): string[] => {
  const chosen = new Set(patterns.flatMap((pattern) => matchPorts(pattern, names)));
  return names.filter((name) => chosen.has(name));
};

export type Direction = 'input' | 'output';

/** The error for a port that is not there; it lists those that are. */
export const noSuchPort = (direction: Direction, name: string, names: readonly string[]): AntiphonError =>
  new AntiphonError(
    'midi.port',
    `there is no MIDI ${direction} of this name`,
    name,
    names.length === 0 ? `There are no MIDI ${direction}s here: connect a device` : `Found: ${names.map((found) => `"${found}"`).join(', ')}`,
  );

/** The error for a port that is there and does not open. */
export const portRefused = (direction: Direction, name: string, reason: string): AntiphonError =>
  new AntiphonError('midi.port', `the MIDI ${direction} did not open (${reason})`, name, 'Another program may hold it: close that, or plug the device in again');

/** The first port a pattern chooses; throws `midi.port` when it chooses none. */
export const choosePort = (direction: Direction, pattern: string, names: readonly string[]): string => {
  const [first] = matchPorts(pattern, names);
  if (first === undefined) throw noSuchPort(direction, pattern, names);
  return first;
};
