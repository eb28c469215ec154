import osc from 'osc-js';
import { AntiphonError } from '../core/errors.ts';
import type { Command, DaemonState, Told } from '../live/command.ts';
import { LATENCY_NAMES } from '../live/latency.ts';
import { PARAM_NAMES } from '../live/params.ts';
import { commandOf, NOBODYS } from './protocol.ts';

// The package's types describe an ES module, but what Node imports is its CommonJS build.
const OSC = osc as unknown as typeof osc.default;

/** Largest packet read, in bytes: more than any UDP datagram on loopback holds. */
export const LARGEST_PACKET = 65_536;
/** Bundles inside bundles, at most. */
export const DEEPEST = 4;
/** Messages read from one packet, at most. */
export const MOST_MESSAGES = 256;

type Argument = number | string;

const malformed = (what: string, value: unknown): AntiphonError => new AntiphonError('osc.packet', what, value, 'Send OSC 1.0 messages or bundles.');

const padded = (length: number): number => (length + 3) & ~3;

/** Where the padded string at `from` ends. osc-js reads on to the end of the buffer when there is no terminator. */
const afterString = (bytes: Uint8Array, from: number): number => {
  const end = bytes.indexOf(0, from);
  if (end < 0 || padded(end + 1) > bytes.length) throw malformed('A string has no end, at byte', from);
  return padded(end + 1);
};

/** Bytes of a number or of a flag by type tag, and how it is read; strings are measured. Blobs fit no address of ours. */
const TYPES: Readonly<Record<string, { readonly width: number; readonly read: (view: DataView, at: number) => Argument }>> = {
  i: { width: 4, read: (view, at) => view.getInt32(at) },
  f: { width: 4, read: (view, at) => view.getFloat32(at) },
  d: { width: 8, read: (view, at) => view.getFloat64(at) },
  h: { width: 8, read: (view, at) => Number(view.getBigInt64(at)) },
  T: { width: 0, read: () => 1 },
  F: { width: 0, read: () => 0 },
};

/** The text of a string from `from` on, padded up to `to`. */
const textOf = (bytes: Uint8Array, from: number, to: number): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
  return text.toString('utf8', 0, text.indexOf(0));
};

/** Surfaces send faders as floats: the nearest key is meant, and a touch is never a release. */
const rounded = (value: Argument | undefined, least: number): unknown =>
  typeof value === 'number' && value > 0 && value <= 127 ? Math.max(least, Math.round(value)) : value;

const note = (args: readonly Argument[]): Command => {
  const channel = args[2] === undefined ? {} : { channel: args[2] };
  return commandOf('note', { pitch: rounded(args[0], 0), velocity: rounded(args[1], 1), ...channel }) as Command;
};

/** A surface's button sends 1 when pressed and 0 when let go: only the press is meant. */
const button = (type: 'play' | 'stop' | 'panic' | 'state') => (args: readonly Argument[]): Command | undefined =>
  args[0] === 0 ? undefined : (commandOf(type, {}) as Command);

const IN: Readonly<Record<string, (args: readonly Argument[]) => Command | undefined>> = {
  '/antiphon/note': note,
  '/antiphon/patch': (args) => commandOf('patch', { name: args[0] }) as Command,
  '/antiphon/play': button('play'),
  '/antiphon/stop': button('stop'),
  '/antiphon/panic': button('panic'),
  '/antiphon/state': button('state'),
};
const PARAM = '/antiphon/param/';
const OURS = ['/antiphon/out/', '/antiphon/error', '/antiphon/ready'];

const commandAt = (address: string, args: readonly Argument[]): Command | undefined => {
  if (address.startsWith(PARAM)) return commandOf('param', { name: address.slice(PARAM.length), value: args[0] }) as Command;
  if (OURS.some((ours) => address.startsWith(ours))) {
    throw new AntiphonError('osc.echo', 'This is what Antiphon sends, not what it takes', address, 'Give input and output different ports.');
  }
  const command = Object.hasOwn(IN, address) ? IN[address] : undefined;
  if (!command) throw new AntiphonError('osc.address', 'No such address', address, `There are: ${Object.keys(IN).join(', ')}, ${PARAM}NAME.`);
  return command(args);
};

/**
 * Read here, its arguments filling it exactly: osc-js trusts every length that it is given, and takes a quarter of a millisecond over the
 * first message after a rest.
 */
const readMessage = (bytes: Uint8Array): Command | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = afterString(bytes, 0);
  const address = textOf(bytes, 0, at);
  if (bytes[at] !== 0x2c) throw malformed('A message has no type tags, at byte', at);
  const tags = at + 1;
  at = afterString(bytes, at);
  const args: Argument[] = [];
  for (let tag = tags; bytes[tag] !== 0; tag++) {
    const name = String.fromCharCode(bytes[tag] as number);
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (!type && name !== 's') throw malformed('No address here takes the type', name);
    const end = type ? at + type.width : afterString(bytes, at);
    if (end > bytes.length) throw malformed('A message ends before its arguments, at byte', bytes.length);
    args.push(type ? type.read(view, at) : textOf(bytes, at, end));
    at = end;
  }
  if (at !== bytes.length) throw malformed('A message goes on after its arguments, at byte', at);
  return commandAt(address, args);
};

const BUNDLE = '#bundle\0';
const isBundle = (bytes: Uint8Array): boolean => bytes.length >= 8 && Buffer.from(bytes.buffer, bytes.byteOffset, 8).toString('latin1') === BUNDLE;

/** The messages of a packet, flattened. osc-js checks neither the length of an element nor the depth. */
const messagesOf = (bytes: Uint8Array, depth: number, into: Uint8Array[]): Uint8Array[] => {
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw malformed('The length is not a multiple of four', bytes.length);
  if (!isBundle(bytes)) {
    if (bytes[0] !== 0x2f) throw malformed('An address starts with a slash, not with byte', bytes[0]);
    if (into.push(bytes) > MOST_MESSAGES) throw malformed('Too many messages in one packet, more than', MOST_MESSAGES);
    return into;
  }
  if (depth === DEEPEST) throw malformed('Bundles lie deeper than', DEEPEST);
  if (bytes.length < 16) throw malformed('A bundle has no time tag, with bytes', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 16; at < bytes.length; ) {
    const length = view.getUint32(at);
    at += 4;
    if (length > bytes.length - at) throw malformed('An element is longer than its bundle', length);
    messagesOf(bytes.subarray(at, at + length), depth + 1, into);
    at += length;
  }
  return into;
};

/**
 * The commands in one OSC 1.0 packet, all or none; a bundle's time tag is read as "immediately".
 * @throws AntiphonError `osc.packet`, `osc.address`, `osc.echo`, `message.field`, `param.value`
 */
export const readPacket = (bytes: Uint8Array): Command[] => {
  if (bytes.length > LARGEST_PACKET) throw malformed('A packet is too long', bytes.length);
  return messagesOf(bytes, 0, []).map(readMessage).filter((command) => command !== undefined);
};

type Typed = readonly [tag: 'i' | 'f' | 'd' | 's', value: Argument];

/** osc-js cuts each character to one byte: given the bytes of UTF-8 as characters, it sends them whole. */
const utf8 = (text: string): string => Buffer.from(text.replaceAll('\0', ' '), 'utf8').toString('latin1');

const packet = (address: string, ...args: readonly Typed[]): Uint8Array => {
  const message = new OSC.TypedMessage(address, []);
  for (const [tag, value] of args) message.add(tag, typeof value === 'string' ? utf8(value) : value);
  return message.pack();
};

type ToldNote = Extract<Told, { kind: 'note' }>;

/** The player's own notes go to an address of their own, so that a synth on `/antiphon/out/note` does not double them. */
const notePacket = ({ role, pitch, velocity, channel, id, wanted }: ToldNote): Uint8Array =>
  packet(role === 'player' ? '/antiphon/out/heard' : '/antiphon/out/note', ['i', pitch], ['i', velocity], ['i', channel], ['s', role], ['i', id], ['d', wanted]);

/** A role's notes as osc-js packs them. */
const prepared = new Map<string, Uint8Array>();

/** Sets the numbers of a packet prepared: to pack each anew takes a tenth of a millisecond after a rest. */
const noteBytes = (told: ToldNote): Uint8Array => {
  let like = prepared.get(told.role);
  if (!like) prepared.set(told.role, (like = notePacket(told)));
  const bytes = like.slice();
  const view = new DataView(bytes.buffer);
  const first = bytes.length - 24 - padded(told.role.length + 1);
  view.setInt32(first, told.pitch);
  view.setInt32(first + 4, told.velocity);
  view.setInt32(first + 8, told.channel);
  view.setInt32(bytes.length - 12, told.id);
  view.setFloat64(bytes.length - 8, told.wanted);
  return bytes;
};

/** Milliseconds; below 0 what was not measured yet. */
const orUnknown = (value: number | null): number => (value !== null && Number.isFinite(value) ? value : -1);

const statePackets = (state: DaemonState): Uint8Array[] => [
  packet('/antiphon/out/patch', ['s', state.patch]),
  packet('/antiphon/out/running', ['i', state.running ? 1 : 0]),
  packet('/antiphon/out/engine', ['s', state.engine], ['f', orUnknown(state.stepMs)]),
  packet('/antiphon/out/tempo', ['f', state.bpm ?? 0]),
  ...PARAM_NAMES.map((name) => packet('/antiphon/out/param', ['s', name], ['f', state.params[name]])),
  ...Object.entries(state.counters).map(([name, count]) => packet('/antiphon/out/counter', ['s', name], ['f', count])),
  // Milliseconds at p50, p99 and most.
  ...LATENCY_NAMES.map((name) => packet('/antiphon/out/latency', ['s', name], ...([state.latency[name].p50, state.latency[name].p99, state.latency[name].max].map((value) => ['f', orUnknown(value)] as const)))),
];

/** What clients are told, as OSC packets. `wantedMs` is a double: a float loses milliseconds within hours. */
export const writeTold = (told: Told): Uint8Array[] => {
  switch (told.kind) {
    case 'note':
      return [noteBytes(told)];
    case 'withdraw':
      return [packet('/antiphon/out/withdraw', ['i', told.id])];
    case 'param':
      return [packet('/antiphon/out/param', ['s', told.name], ['f', told.value])];
    case 'patch':
      return [packet('/antiphon/out/patch', ['s', told.name])];
    case 'error':
      return [packet('/antiphon/error', ['s', told.code], ['s', told.message])];
    case 'ready':
      return [packet('/antiphon/ready')];
    case 'state':
      return statePackets(told.state);
  }
};

/** Reads and writes a note so often that the compiler has come to it before the first is played. */
export const warmOsc = (rounds: number): void => {
  const bytes = packet('/antiphon/note', ['i', 60], ['i', 80]);
  for (let round = 0; round < rounds; round++) {
    readPacket(bytes);
    noteBytes(NOBODYS);
  }
};
