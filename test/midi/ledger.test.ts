import { describe, expect, it } from 'vitest';
import { channel, ms } from '../../src/core/units.ts';
import { Ledger } from '../../src/midi/ledger.ts';
import { CountingSynth } from './synth.ts';

const ONE = channel(1);
const HELD = ms(Infinity);

const stage = (capacity?: number): { synth: CountingSynth; ledger: Ledger; ended: number[] } => {
  const synth = new CountingSynth();
  const ledger = new Ledger(synth.send, capacity);
  const ended: number[] = [];
  ledger.onEnd((owner) => ended.push(owner));
  return { synth, ledger, ended };
};

describe('Ledger', () => {
  it('sends a note and its off, once', () => {
    const { synth, ledger, ended } = stage();
    expect(ledger.strike(7, 2, channel(3), 60, 100, HELD)).toBe(true);
    expect([ledger.sounding(), ledger.has(7)]).toEqual([1, true]);
    expect([ledger.release(7), ledger.release(7)]).toEqual([true, false]);
    expect(synth.take()).toEqual([[2, 0x92, 60, 100], [2, 0x82, 60, 64]]);
    expect([ledger.sounding(), ended]).toEqual([0, [7]]);
  });

  it('passes the release velocity of a player on', () => {
    const { synth, ledger } = stage();
    ledger.strike(7, 0, ONE, 60, 100, HELD);
    ledger.release(7, 3);
    expect(synth.take()[1]).toEqual([0, 0x80, 60, 3]);
  });

  it('does not let the owners of a key end each other; the last ends it, with an off for every on', () => {
    const { synth, ledger } = stage();
    ledger.strike(1, 0, ONE, 60, 100, HELD);
    ledger.strike(2, 0, ONE, 60, 50, ms(10));
    ledger.strike(3, 0, channel(2), 60, 50, HELD);
    expect(synth.take()).toEqual([[0, 0x90, 60, 100], [0, 0x90, 60, 50], [0, 0x91, 60, 50]]);
    expect(ledger.due(ms(10))).toBe(1);
    expect(synth.take()).toEqual([]);
    ledger.release(1);
    expect(synth.take()).toEqual([[0, 0x80, 60, 64], [0, 0x80, 60, 64]]);
    expect(ledger.sounding()).toBe(1);
  });

  it('owes a key eight offs at most, however often it is struck', () => {
    const { synth, ledger } = stage();
    for (let owner = 0; owner < 100; owner++) ledger.strike(owner, 0, ONE, 60, 9, HELD);
    expect(synth.sounding).toBe(8);
    ledger.releaseAll();
    expect([synth.sounding, synth.needless, synth.sent.length]).toEqual([0, 0, 200]);
  });

  it('ends an owner that strikes again first', () => {
    const { synth, ledger, ended } = stage();
    ledger.strike(1, 0, ONE, 60, 9, ms(5));
    ledger.strike(1, 0, ONE, 62, 9, ms(20));
    expect(synth.take()).toEqual([[0, 0x90, 60, 9], [0, 0x80, 60, 64], [0, 0x90, 62, 9]]);
    expect([ledger.due(ms(19)), ledger.due(ms(20)), ended]).toEqual([0, 1, [1, 1]]);
  });

  it('ends what is due, in order of time, and no other note in its place', () => {
    const { synth, ledger } = stage();
    ledger.strike(1, 0, ONE, 60, 9, ms(30));
    ledger.strike(2, 0, ONE, 62, 9, ms(10));
    ledger.strike(3, 0, ONE, 64, 9, ms(20));
    ledger.release(2);
    ledger.strike(4, 0, ONE, 65, 9, HELD);
    synth.take();
    expect(ledger.next()).toBeLessThanOrEqual(20);
    expect(ledger.due(ms(19.9))).toBe(0);
    expect(ledger.due(ms(100))).toBe(2);
    expect(synth.take()).toEqual([[0, 0x80, 64, 64], [0, 0x80, 60, 64]]);
    expect([ledger.next(), ledger.sounding()]).toEqual([Infinity, 1]);
  });

  it('moves an end, both ways and to never', () => {
    const { ledger } = stage();
    for (const owner of [1, 2, 3]) ledger.strike(owner, 0, ONE, 60 + owner, 9, ms(50));
    expect([ledger.endAt(1, ms(10)), ledger.endAt(2, ms(90)), ledger.endAt(3, HELD), ledger.endAt(4, ms(1))]).toEqual([true, true, true, false]);
    expect([ledger.due(ms(10)), ledger.due(ms(50)), ledger.due(ms(90)), ledger.due(ms(1e9))]).toEqual([1, 0, 1, 0]);
    expect(ledger.has(3)).toBe(true);
  });

  it('ends the oldest when full, and counts it', () => {
    const { synth, ledger, ended } = stage(4);
    for (const owner of [1, 2, 3, 4]) ledger.strike(owner, 0, ONE, 60 + owner, 9, HELD);
    ledger.release(2);
    for (const owner of [5, 6, 7]) ledger.strike(owner, 0, ONE, 60 + owner, 9, HELD);
    expect([ledger.stolen, ended, ledger.sounding(), synth.sounding]).toEqual([2, [2, 1, 3], 4, 4]);
  });

  it('forgets ends that no longer matter: 100,000 short notes with distant ends fill nothing', () => {
    const { ledger } = stage(8);
    ledger.strike(-1, 0, ONE, 1, 9, ms(1e9));
    for (let owner = 0; owner < 100_000; owner++) {
      ledger.strike(owner, 0, ONE, 60, 9, ms(1e9 + owner));
      ledger.release(owner);
    }
    ledger.strike(-2, 0, ONE, 2, 9, ms(1e8));
    expect([ledger.due(ms(1e8)), ledger.due(ms(1e9)), ledger.sounding(), ledger.stolen]).toEqual([1, 1, 0, 0]);
  });

  it('refuses what is no note, counts it, and sends nothing', () => {
    const { synth, ledger } = stage();
    const wrong: [number, number, number, number, number][] = [[-1, 1, 60, 1, 0], [16, 1, 60, 1, 0], [0.5, 1, 60, 1, 0], [0, 0, 60, 1, 0], [0, 17, 60, 1, 0], [0, 1, 128, 1, 0], [0, 1, 60.5, 1, 0], [0, 1, 60, 0, 0], [0, 1, 60, 128, 0], [0, 1, NaN, 1, 0], [0, 1, 60, 1, NaN]];
    for (const [port, line, pitch, velocity, until] of wrong) expect(ledger.strike(1, port, channel(line), pitch, velocity, ms(until))).toBe(false);
    expect([ledger.control(1, 0, ONE, 128, 0), ledger.control(1, 0, ONE, 64, 200), ledger.pass(0, 0x90, 60, 1), ledger.pass(0, 0xe0, 128, 1)]).toEqual([false, false, false, false]);
    expect([ledger.refused, synth.sent, ledger.sounding()]).toEqual([wrong.length + 4, [], 0]);
  });

  it('tells what sounds', () => {
    const { ledger } = stage();
    ledger.strike(5, 3, channel(16), 127, 1, ms(8));
    ledger.strike(6, 0, ONE, 0, 127, HELD);
    ledger.release(6);
    const seen: number[][] = [];
    ledger.each((...note) => seen.push(note));
    expect(seen).toEqual([[5, 3, 16, 127, 1, 8]]);
  });

  it('ends the chosen owners only, with their pedals', () => {
    const { synth, ledger } = stage();
    for (const owner of [1, 2]) ledger.strike(owner, 0, ONE, 60 + owner, 9, HELD);
    ledger.control(1, 0, ONE, 64, 127);
    ledger.control(2, 0, channel(2), 64, 127);
    synth.take();
    ledger.releaseAll((owner) => owner === 1);
    expect(synth.take()).toEqual([[0, 0x80, 61, 64], [0, 0xb0, 64, 0]]);
    expect([ledger.sounding(), ledger.pedalsDown]).toEqual([1, 1]);
  });

  it('panics exactly: offs, pedals up, then all notes and all sound off wherever it played', () => {
    const { synth, ledger } = stage();
    ledger.strike(1, 0, ONE, 60, 9, HELD);
    ledger.strike(2, 3, channel(10), 36, 9, HELD);
    ledger.control(1, 0, ONE, 67, 20);
    ledger.control(1, 0, ONE, 7, 100);
    ledger.pass(1, 0xe4, 0, 64);
    synth.take();
    ledger.panic();
    expect(synth.take()).toEqual([
      [0, 0x80, 60, 64], [3, 0x89, 36, 64], [0, 0xb0, 67, 0],
      [0, 0xb0, 123, 0], [0, 0xb0, 120, 0], [1, 0xb4, 123, 0], [1, 0xb4, 120, 0], [3, 0xb9, 123, 0], [3, 0xb9, 120, 0],
    ]);
  });
});

describe('Ledger, pedals', () => {
  it('stand as deep as the deepest owner holds them, and are up with the last', () => {
    const { synth, ledger } = stage();
    for (const [owner, value] of [[1, 40], [2, 127], [1, 0], [2, 60], [2, 0]] as const) ledger.control(owner, 0, ONE, 64, value);
    expect(synth.take().map((message) => message[3])).toEqual([40, 127, 127, 60, 0]);
    expect(ledger.pedalsDown).toBe(0);
  });

  it('lift for panic even with more owners than are remembered', () => {
    const { synth, ledger } = stage();
    for (let owner = 0; owner < 20; owner++) for (const pedal of [64, 66, 67]) ledger.control(owner, 1, ONE, pedal, 127);
    ledger.panic();
    expect([synth.pedalsDown, ledger.pedalsDown]).toEqual([0, 0]);
  });
});

describe('Ledger, ports lost and back', () => {
  it('sends nothing to a lost port and keeps what is owned', () => {
    const { synth, ledger } = stage();
    ledger.strike(1, 0, ONE, 60, 9, HELD);
    synth.take();
    ledger.portLost(0);
    ledger.strike(2, 0, ONE, 62, 9, HELD);
    ledger.strike(3, 1, ONE, 64, 9, HELD);
    expect([ledger.sounding(), synth.take()]).toEqual([3, [[1, 0x90, 64, 9]]]);
    ledger.release(2);
    ledger.panic();
    expect(synth.take().every(([port]) => port === 1)).toBe(true);
    expect(ledger.sounding()).toBe(0);
  });

  it('when back, sends the offs that were missed and the pedals as they stand, and strikes nothing again', () => {
    const { synth, ledger } = stage();
    ledger.control(9, 0, ONE, 64, 127);
    ledger.control(9, 0, ONE, 66, 127);
    ledger.strike(1, 0, ONE, 60, 9, HELD);
    ledger.strike(2, 0, ONE, 62, 9, HELD);
    ledger.portLost(0);
    ledger.release(1);
    ledger.control(9, 0, ONE, 66, 0);
    ledger.strike(3, 0, ONE, 65, 9, HELD);
    synth.take();
    ledger.portBack(0);
    expect(synth.take()).toEqual([[0, 0x80, 60, 64], [0, 0xb0, 64, 127], [0, 0xb0, 66, 0]]);
    ledger.release(2);
    ledger.release(3);
    expect(synth.take()).toEqual([[0, 0x80, 62, 64]]);
  });
});
