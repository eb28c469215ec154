import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import osc from 'osc-js';
import { WebSocket } from 'ws';
import { channelOf, STATUS } from '../midi/message.ts';
import { nativeMidi } from '../midi/native.ts';

// The package's types describe an ES module, but what Node imports is its CommonJS build.
const OSC = osc as unknown as typeof osc.default;

type Listener = (pitch: number, role: string, wanted: number, velocity: number) => void;

/** One way to reach the daemon, or a bare reflector in its place. Times are the caller's business. */
export interface Transport {
  readonly name: string;
  /** Sends a key down (or up, velocity 0). */
  strike(pitch: number, velocity: number): void;
  /** Called for each note that comes back (its end has velocity 0), with its role where the transport tells it and its wanted time where it is known. */
  heard(listener: Listener): void;
  close(): void;
}

/** Where a daemon, or a reflector, is reached. */
export interface Places {
  readonly osc: { readonly port: number; readonly back: number };
  readonly ws: number;
  /** Names of MIDI ports, to play to and to hear, and the role that a channel is. */
  readonly midi?: { readonly to: string; readonly from: string; readonly roleOf: (channel: number) => string };
}

const udp = async ({ osc: { port, back } }: Places): Promise<Transport> => {
  const socket = createSocket('udp4');
  socket.bind(back, '127.0.0.1');
  await once(socket, 'listening');
  let listener: Listener = () => {};
  socket.on('message', (bytes) => {
    const message = new OSC.Message('/');
    // osc-js forgets a view's offset.
    message.unpack(new DataView(Uint8Array.from(bytes).buffer));
    const [pitch, velocity, , role, , wanted] = message.args as [number, number, number, string, number, number];
    if (message.address.endsWith('/note')) listener(pitch, role ?? 'echo', wanted, velocity);
  });
  return {
    name: 'osc',
    strike: (pitch, velocity) => socket.send(new OSC.Message('/antiphon/note', pitch, velocity).pack(), port, '127.0.0.1'),
    heard: (each) => (listener = each),
    close: () => socket.close(),
  };
};

const ws = async ({ ws: port }: Places): Promise<Transport> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: false });
  await once(socket, 'open');
  let listener: Listener = () => {};
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; pitch: number; velocity: number; role?: string; wanted?: number };
    if (message.type === 'note') listener(message.pitch, message.role ?? 'echo', message.wanted ?? NaN, message.velocity);
  });
  return {
    name: 'websocket',
    strike: (pitch, velocity) => socket.send(JSON.stringify({ type: 'note', pitch, velocity })),
    heard: (each) => (listener = each),
    close: () => socket.close(),
  };
};

/** Ports of the system. Null where there is no MIDI system, or no such port. */
const midi = async ({ midi: place }: Places): Promise<Transport | null> => {
  const system = nativeMidi();
  const to = place && system.outputs().find((name) => name.includes(place.to));
  const from = place && system.inputs().find((name) => name.includes(place.from));
  if (to === undefined || from === undefined) {
    system.close();
    return null;
  }
  let listener: Listener = () => {};
  const output = system.openOutput(to);
  system.openInput(from, (status, a, b) => (status & 0xe0) === 0x80 && listener(a, place?.roleOf(channelOf(status)) ?? 'echo', NaN, (status & 0xf0) === STATUS.on ? b : 0));
  return { name: `midi (${system.name})`, strike: (pitch, velocity) => void output.send(velocity > 0 ? STATUS.on : STATUS.off, pitch, velocity), heard: (each) => (listener = each), close: () => system.close() };
};

/** Every transport there is on this machine. */
export const TRANSPORTS: readonly ((places: Places) => Promise<Transport | null>)[] = [udp, ws, midi];
