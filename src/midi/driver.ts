import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Input, Output } from '@julusian/midi/lazy';
import { identified, peersAmong, peersOf, readClients, readSequencer, type SequencerPort } from './alsa-links.ts';
import { howToStartJack, isAlive, jackServers } from './jack-registry.ts';
import type { Passage } from './ports.ts';

/** The part of RtMidi's binding that is used. */
export interface Binding {
  readonly Input: new () => Pick<Input, 'getPortCount' | 'getPortName' | 'openPort' | 'openVirtualPort' | 'ignoreTypes' | 'on' | 'destroy'>;
  readonly Output: new () => Pick<Output, 'getPortCount' | 'getPortName' | 'openPort' | 'openVirtualPort' | 'sendMessage' | 'destroy'>;
}

/** A port of ours as the driver's other programs know it. */
export interface Tracked {
  /** What they call it; null where that cannot be told. */
  address(): string | null;
  /** Who is connected, found out by asking or by looking; null where that cannot be told. */
  peers(): readonly string[] | null;
  /** As an output port's; null where it is gone. */
  passage?(): Passage | null;
}

type Named = Pick<Input, 'getPortName'>;

/** One way to the machine's ports. */
export interface Driver {
  readonly name: string;
  load(): Binding;
  /** Why RtMidi cannot start, found out without it: its C code prints to stderr when it fails. Empty when it may. */
  obstacle(): string;
  /** Makes a handle for one port, and says how to know who is connected to that once it is opened. */
  tracked?<P extends Named & { destroy(): void }>(make: () => P): { readonly handle: P; readonly tracked: Tracked };
  /** Who hears ports of any program, by their addresses; null where one is not there. The handle is one for outputs. */
  listenersOf?(handle: Named, addresses: readonly string[]): readonly string[] | null;
  /** Whether a server that is not there may be started later; absent where ports need none. */
  mayCome?(): boolean;
  /** Whether the server that a handle was opened on is there; absent where ports need none, or it lives as long as the machine. */
  isHere?(handle: Named): boolean;
}

const SEQUENCER = '/dev/snd/seq';
const DRIVERS: Readonly<Record<string, string>> = { linux: 'ALSA', darwin: 'CoreMIDI', win32: 'Windows MM' };
const PACKAGE = '@julusian/midi';

const fromHere = createRequire(import.meta.url);
const easymidi = (): NodeJS.Require => createRequire(fromHere.resolve('easymidi'));

/** The folder of the layer under easymidi, and the version that is there. */
export const bindingPackage = (): { readonly folder: string; readonly version: string } => {
  const file = easymidi().resolve(`${PACKAGE}/package.json`);
  return { folder: dirname(file), version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version };
};

/** To be raised with every change of what `antiphon setup jack` does to the package: what an older one built is then not taken for it. */
const JACK_BUILD = 4;

/** Where `antiphon setup jack` builds the binding, for the version in use: outside the clone, so that one set-up serves them all. */
export const jackHome = (): string =>
  join(process.env['ANTIPHON_JACK'] ?? join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'antiphon', 'jack'), `${bindingPackage().version}-${JACK_BUILD}`);

/** What `antiphon setup jack` built; a file that is there once it is done. */
export const jackBinding = (): string => join(jackHome(), 'node_modules', PACKAGE, 'build', 'Release', 'midi.node');

/** The kernel's list of all that is on the sequencer; empty where there is none. */
const clientList = (): string => {
  try {
    return readFileSync('/proc/asound/seq/clients', 'utf8');
  } catch {
    return '';
  }
};

const sequencer = (): SequencerPort[] => readSequencer(clientList());

const onSequencer = <P extends { destroy(): void }>(make: () => P): { handle: P; tracked: Tracked } => {
  const { handle, client } = identified(make, () => readClients(clientList()));
  // RtMidi opens one port a client.
  const address = (): string | null => sequencer().find((each) => client !== null && each.address.startsWith(`${client}:`))?.address ?? null;
  return { handle, tracked: { address, peers: () => (client === null ? null : peersOf(sequencer(), client)) } };
};

const system: Driver = {
  name: DRIVERS[process.platform] ?? process.platform,
  // easymidi's own copy, so that the two never load two bindings. `lazy`: plain `require('easymidi')` throws where the binding does not load.
  load: () => easymidi()(`${PACKAGE}/lazy`) as Binding,
  obstacle: () => {
    if (process.platform !== 'linux') return '';
    try {
      accessSync(SEQUENCER, constants.R_OK | constants.W_OK);
      return '';
    } catch {
      return existsSync(SEQUENCER)
        ? `no permission for the ALSA sequencer: add this user to the group of ${SEQUENCER} (usually audio)`
        : `no ALSA sequencer here: ${SEQUENCER} is missing (on a machine with sound: modprobe snd-seq)`;
    }
  },
  ...(process.platform === 'linux' ? { tracked: onSequencer, listenersOf: (_handle: Named, addresses: readonly string[]) => peersAmong(sequencer(), addresses) } : {}),
};

/** Where our build of the binding for JACK has the names of the ports that are connected, a line each. */
export const JACK_PEERS = -1;
/** Where it says what JACK calls the port, or a client without one; nothing once its server has ended. */
export const JACK_SELF = -2;
/** Where it lists the server's MIDI outputs, a line each: the name, and after tabs those of the inputs it is connected to. */
export const JACK_CABLES = -3;

/** Where it says how many periods somebody on the server was late for, and how many bytes of ours wait for the next. */
export const JACK_PASSAGE = -4;

const linesOf = (handle: Named, question: number): string[] => handle.getPortName(question).split('\n').filter((line) => line !== '');

/** Who is late for a period never gets what came in it. */
const passageOf = (handle: Named): Passage | null => {
  const [lapses, waiting] = handle.getPortName(JACK_PASSAGE).split(' ').map(Number);
  return lapses === undefined || waiting === undefined ? null : { waits: waiting > 0, lapses };
};

const jack: Driver = {
  name: 'JACK',
  load: () => createRequire(join(jackHome(), 'package.json'))(`${PACKAGE}/lazy`) as Binding,
  obstacle: () => {
    if (!existsSync(jackBinding())) return 'JACK is not set up: run `antiphon setup jack`';
    const server = process.env['JACK_DEFAULT_SERVER'] ?? 'default';
    const servers = jackServers();
    // One that was killed leaves its socket, and its entry.
    const runs = existsSync(`/dev/shm/jack_${server}_${process.getuid?.()}_0`) && !servers.some(({ name, pid }) => name === server && !isAlive(pid));
    return runs || existsSync(join(process.env['XDG_RUNTIME_DIR'] ?? '/run', 'pipewire-0')) ? '' : `no JACK server "${server}" runs here: ${howToStartJack(servers, isAlive)}`;
  },
  mayCome: () => existsSync(jackBinding()),
  isHere: (handle) => handle.getPortName(JACK_SELF) !== '',
  tracked: (make) => {
    const handle = make();
    return { handle, tracked: { address: () => handle.getPortName(JACK_SELF) || null, peers: () => linesOf(handle, JACK_PEERS), passage: () => passageOf(handle) } };
  },
  listenersOf: (handle, addresses) => peersAmong(linesOf(handle, JACK_CABLES).map((line) => line.split('\t')).map(([address = '', ...peers]) => ({ address, peers })), addresses),
};

/** The driver that ANTIPHON_MIDI names ("jack"), else the system's own. */
export const driverHere = (): Driver => (process.env['ANTIPHON_MIDI'] === 'jack' ? jack : system);
