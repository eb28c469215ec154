import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import osc from 'osc-js';
import { describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import { coins } from '../../src/core/rng.ts';
import { readPatch } from '../../src/live/patch.ts';
import { isMessage, MessageParser } from '../../src/midi/message.ts';
import { decodeWeights, encodeWeights, readCard } from '../../src/model/checkpoint.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { readPacket } from '../../src/net/osc.ts';
import { CLIENT, readMessage } from '../../src/net/protocol.ts';
import { randomWeights, TINY } from '../model/shape.ts';
import { fixture } from '../fixtures/at.ts';
import { mutated } from './mutate.ts';

/** Inputs for each door; `npm run fuzz` takes 100,000. */
const INPUTS = Number(process.env['ANTIPHON_FUZZ'] ?? 2000);
/** More processor time than this, in milliseconds, is a hang: the clock would count what other programs take. */
const HANG = 1000;

const busy = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const text = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const filesIn = (folder: string, ending: string): Buffer[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending)).map((name) => readFileSync(join(folder, name)));
const packet = (address: string, ...args: (number | string)[]): Buffer => Buffer.from(new (osc as unknown as typeof osc.default).Message(address, ...args).pack() as Uint8Array);

const { manifest, bytes: weights } = encodeWeights(TINY, randomWeights(TINY, 1));
const card = { format: 'antiphon-model-1', name: 'tiny', encoding: 'melody', encodingHash: 'melody-1', shape: TINY, weights: manifest, training: {}, report: {} };

interface Door {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Takes an input in; throws AntiphonError where it is refused. */
  readonly read: (bytes: Buffer) => unknown;
  /** What must hold of what was made of it. */
  readonly holds?: (made: unknown) => boolean;
}

const DOORS: readonly Door[] = [
  {
    name: 'MIDI bytes',
    seeds: [[0x90, 60, 100, 62, 100, 60, 0, 0x80, 62, 0], [0xb0, 64, 127, 0xf8, 0x90, 0xfe, 60, 90, 0xe0, 0, 64], [0xf0, 0x7e, 0x7f, 6, 1, 0xf7, 0xc0, 5, 0xd3, 80], [0xfa, 0xf8, 0xf2, 0, 0, 0xfc, 0xff]].map((bytes) => Uint8Array.from(bytes)),
    read: (bytes) => {
      const made: boolean[] = [];
      const parser = new MessageParser((status, a, b) => made.push(isMessage(status, a, b)), (status) => made.push(status >= 0xf8));
      // Cut where a driver may cut.
      const cut = bytes.length >> 1;
      parser.write(bytes.subarray(0, cut));
      parser.write(bytes.subarray(cut));
      return made;
    },
    holds: (made) => (made as boolean[]).every(Boolean),
  },
  {
    name: 'OSC packets',
    seeds: [packet('/antiphon/note', 60, 80, 1), packet('/antiphon/param/temperature', 1.5), packet('/antiphon/patch', 'harmony'), Buffer.concat([Buffer.from('#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x1c', 'latin1'), packet('/antiphon/note', 60, 80)])],
    read: readPacket,
    holds: (made) => (made as { kind: string; pitch: number }[]).every(({ kind, pitch }) => kind !== 'note' || (Number.isInteger(pitch) && pitch >= 0 && pitch <= 127)),
  },
  {
    name: 'WebSocket messages',
    seeds: [{ type: 'note', pitch: 60, velocity: 80, channel: 2 }, { type: 'param', name: 'temperature', value: 1.25 }, { type: 'patch', name: 'duet' }, { type: 'ping', client: 1 }, { type: 'control', controller: 64, value: 127 }, ...Object.keys(CLIENT).map((type) => ({ type }))].map(text),
    read: (bytes) => readMessage(bytes.toString()),
  },
  { name: 'MIDI files', seeds: ['folk', 'lieder', 'pop909'].flatMap((folder) => filesIn(fixture(folder), '.mid')).filter(({ length }) => length < 20_000), read: readSmf },
  { name: 'patches', seeds: filesIn(fixture('../../patches'), '.json'), read: (bytes) => readPatch(bytes.toString(), 'patch.json') },
  {
    name: 'model cards',
    seeds: [text(card), text({ ...card, shape: { ...TINY, attention: { window: 8, size: 4, heads: 2 }, deep: 1, skip: true } })],
    read: (bytes) => {
      const { shape, weights: told } = readCard(bytes.toString(), 'model.json');
      return decodeWeights(shape, told, weights);
    },
  },
  { name: 'weights', seeds: [weights], read: (bytes) => decodeWeights(TINY, manifest, bytes) },
];

describe(`${INPUTS} faulty inputs at each door`, () => {
  it.each(DOORS)('$name: taken, or refused with a typed error, in less than a second', ({ name, seeds, read, holds = () => true }) => {
    expect(seeds.length).toBeGreaterThan(0);
    const coin = coins(name.length);
    let [taken, refused, longest] = [0, 0, 0];
    for (let i = 0; i < INPUTS; i++) {
      const bytes = mutated(seeds, coin);
      const began = busy();
      try {
        const made = read(bytes);
        taken++;
        if (!holds(made)) throw new Error(`made what must not be of ${bytes.toString('base64')}`);
      } catch (thrown) {
        if (!(thrown instanceof AntiphonError)) throw new Error(`input ${i} of ${name}: ${bytes.toString('base64')}`, { cause: thrown });
        expect(thrown.code).toMatch(/^[a-z]+\.[a-z-]+$/i);
        refused++;
      }
      longest = Math.max(longest, busy() - began);
    }
    expect(longest).toBeLessThan(HANG);
    expect(taken + refused).toBe(INPUTS);
    // Faults that are never refused, and inputs that never come through, would test nothing; only bytes of a wire are all taken.
    if (name === 'MIDI bytes') expect(taken).toBe(INPUTS);
    else expect(Math.min(taken, refused)).toBeGreaterThan(INPUTS / 500);
  }, 600_000);
});
