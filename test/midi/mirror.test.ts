import { describe, expect, it } from 'vitest';
import { Mirror } from '../../src/midi/mirror.ts';
import type { OutputPort } from '../../src/midi/ports.ts';

/** A sound system whose ports are opened and closed in `log`; who is connected to one can be set. */
const world = (...outputs: string[]) => {
  const log: string[] = [];
  const peers = new Map<string, readonly string[] | null>();
  const open = (name: string): OutputPort => {
    if (!outputs.includes(name)) throw new Error('gone');
    log.push(`open ${name}`);
    return { name, address: () => null, peers: () => peers.get(name) ?? null, send: (...bytes) => log.push(`${name} ${bytes.join(' ')}`) > 0, close: () => void log.push(`close ${name}`) };
  };
  const mirror = new Mirror(open);
  const follow = (...wanted: string[]): string[] => {
    log.length = 0;
    mirror.follow(wanted, () => outputs);
    return [...log];
  };
  return { outputs, peers, mirror, log, follow };
};

describe('connections to those who hear another process', () => {
  it('come and go with them, by the names that ALSA or JACK gives', () => {
    const { follow, mirror, log } = world('Synth:in 20:0', 'Organ:in 120:0', 'harp:in');
    expect(follow('20:0', 'harp:in')).toEqual(['open Synth:in 20:0', 'open harp:in']);
    expect(follow('20:0', 'harp:in')).toEqual([]);
    mirror.send(0x90, 60, 0);
    expect(log).toEqual(['Synth:in 20:0 144 60 0', 'harp:in 144 60 0']);
    expect(follow('120:0', 'harp:in')).toEqual(['close Synth:in 20:0', 'open Organ:in 120:0']);
    expect(mirror.names).toEqual(['harp:in', 'Organ:in 120:0']);
    mirror.close();
    expect(mirror.names).toEqual([]);
  });

  it('are made anew to what stands in the place of one that went', () => {
    const { follow, peers, outputs } = world('Rig Synth 131:0');
    follow('131:0');
    peers.set('Rig Synth 131:0', ['131:0']);
    expect(follow('131:0')).toEqual([]);
    outputs.splice(0, 1, 'Free Synth 131:0');
    peers.set('Rig Synth 131:0', []);
    expect(follow('131:0')).toEqual(['close Rig Synth 131:0', 'open Free Synth 131:0']);
  });

  it('are so even where that went before anyone looked again', () => {
    const { follow, peers } = world('Synth 131:0');
    peers.set('Synth 131:0', ['131:0']);
    follow('131:0');
    peers.set('Synth 131:0', []);
    expect(follow('131:0')).toEqual(['close Synth 131:0', 'open Synth 131:0']);
  });

  it('are left alone until they were seen, and where nobody can tell', () => {
    const { follow, peers } = world('slow:in');
    peers.set('slow:in', []);
    expect([follow('slow:in'), follow('slow:in')]).toEqual([['open slow:in'], []]);
    peers.set('slow:in', null);
    expect(follow('slow:in')).toEqual([]);
    peers.set('slow:in', ['slow:in']);
    follow('slow:in');
    peers.set('slow:in', null);
    expect(follow('slow:in')).toEqual([]);
  });

  it('are tried again where they failed', () => {
    const { follow, outputs, mirror } = world('a 1:0');
    expect(mirror.names).toEqual([]);
    const names = outputs.splice(0);
    mirror.follow(['1:0'], () => names);
    expect(mirror.names).toEqual([]);
    outputs.push(...names);
    expect(follow('1:0')).toEqual(['open a 1:0']);
  });

  it('are forgotten, not closed, where the server took them along', () => {
    const { follow, mirror } = world('a 1:0');
    follow('1:0');
    mirror.forget();
    expect(follow('1:0')).toEqual(['open a 1:0']);
  });
});
