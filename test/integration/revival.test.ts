import { createSocket, type Socket } from 'node:dgram';
import osc from 'osc-js';
import { afterEach, expect, it } from 'vitest';
import { Daemon } from '../../src/cli/daemon.ts';
import { loadPatches } from '../../src/cli/patches.ts';
import { castOf } from '../../src/live/cast.ts';
import type { Told } from '../../src/live/command.ts';
import { Heard } from './daemon.ts';

let daemon: Daemon | undefined;
let socket: Socket | undefined;
afterEach(async () => {
  socket?.close();
  await daemon?.close();
});

const begin = async (): Promise<{ told: Heard<Told>; warned: Heard<string>; port: number }> => {
  const told = new Heard<Told>();
  const warned = new Heard<string>();
  const patches = loadPatches('harmony', () => {}, () => {});
  daemon = new Daemon({
    patches, cast: castOf(patches), engine: 'wasm', seed: 1, slow: 1, midi: false, midiIn: [], midiOut: [], guard: 0,
    oscIn: { host: '127.0.0.1', port: 0 }, oscOut: null,
    record: () => {}, tell: (each) => told.add(each), warn: (code) => warned.add(code), lost: () => {},
  });
  await daemon.start();
  return { told, warned, port: daemon.oscPort as number };
};

it('hears again after the thread that listens has failed, and has let go of the keys that were down', async () => {
  const { told, warned, port } = await begin();
  const player = (socket = createSocket('udp4'));
  const play = (pitch: number, velocity: number): void => player.send(new (osc as unknown as typeof osc.default).Message('/antiphon/note', pitch, velocity).pack() as Uint8Array, port, '127.0.0.1');
  const sung = (from: number, on: boolean): Promise<Told> => told.first((each) => each.kind === 'note' && each.role === 'harmonise' && each.velocity > 0 === on, from);

  play(60, 80);
  await sung(0, true);
  const before = told.all.length;
  await daemon?.['threads'].get('input')?.terminate();
  await sung(before, false);
  await warned.first((code) => code === 'input.back');
  expect(daemon?.oscPort).toBe(port);
  const after = told.all.length;
  play(64, 80);
  await sung(after, true);
  play(64, 0);
  await sung(after, false);
  expect(warned.all).toEqual(['input.back']);
});

it('waits for its port where another has taken it meanwhile', async () => {
  const { warned, port } = await begin();
  const squatter = (socket = createSocket('udp4'));
  await daemon?.['threads'].get('input')?.terminate();
  await new Promise<void>((resolve) => squatter.bind(port, '127.0.0.1', resolve));
  await warned.first((code) => code === 'osc.port');
  expect(warned.all).toEqual(['osc.port']);
  await new Promise<void>((resolve) => squatter.close(resolve));
  socket = undefined;
  await warned.first((code) => code === 'input.back');
  expect(daemon?.oscPort).toBe(port);
});
