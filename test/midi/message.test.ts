import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms } from '../../src/core/units.ts';
import { channelOf, control, isMessage, lengthOf, MessageParser, noteOff, noteOn, toPlayed } from '../../src/midi/message.ts';

interface Read {
  readonly messages: number[][];
  readonly timing: number[];
  readonly parser: MessageParser;
}

const read = (...chunks: readonly (readonly number[])[]): Read => {
  const messages: number[][] = [];
  const timing: number[] = [];
  const parser = new MessageParser((...message) => messages.push(message), (status) => timing.push(status));
  for (const chunk of chunks) parser.write(chunk);
  return { messages, timing, parser };
};

describe('MessageParser', () => {
  it('keeps running status, also for messages of two bytes', () => {
    expect(read([0x90, 60, 100, 62, 0, 0xc5, 7, 8, 0xe0, 0, 64]).messages).toEqual([[0x90, 60, 100], [0x90, 62, 0], [0xc5, 7, 0], [0xc5, 8, 0], [0xe0, 0, 64]]);
  });

  it('takes real-time bytes anywhere: inside a message, under running status, inside system exclusive', () => {
    const { messages, timing, parser } = read([0x90, 0xf8, 60, 0xfe, 100, 0xfa, 62, 0xff, 90, 0xf0, 1, 0xfc, 2, 0xf7]);
    expect(messages).toEqual([[0x90, 60, 100], [0x90, 62, 90]]);
    expect(timing).toEqual([0xf8, 0xfa, 0xfc]);
    expect([parser.sensing, parser.resets, parser.strays, parser.unfinished]).toEqual([1, 1, 0, 0]);
  });

  it('skips system exclusive of any length over any chunks', () => {
    const dump = Array.from({ length: 100_000 }, (_, i) => i & 0x7f);
    expect(read([0xf0], dump, dump, [0xf7, 0x80, 1, 2]).messages).toEqual([[0x80, 1, 2]]);
  });

  it('takes a status byte as the end of system exclusive that has none', () => {
    expect(read([0xf0, 1, 2, 0x91, 60, 1]).messages).toEqual([[0x91, 60, 1]]);
  });

  it('forgets running status at system exclusive and system common, and counts what is then astray', () => {
    for (const [common, strays] of [[[0xf0, 1, 0xf7], 2], [[0xf1, 5], 2], [[0xf2, 5, 6], 2], [[0xf3, 5], 2], [[0xf4], 2], [[0xf6], 2], [[0xf7], 2]] as const) {
      const { messages, parser } = read([0x90, 60, 1], common, [61, 1, 0x90, 62, 1]);
      expect(messages).toEqual([[0x90, 60, 1], [0x90, 62, 1]]);
      expect(parser.strays).toBe(strays);
    }
  });

  it('drops a message that the next status byte cuts short, counts it, and is in step again', () => {
    const { messages, parser } = read([0x90, 60, 0x80, 0xb0, 64, 127, 64, 0xf2, 1, 0x91, 1, 2]);
    expect(messages).toEqual([[0xb0, 64, 127], [0x91, 1, 2]]);
    expect(parser.unfinished).toBe(4);
  });

  it('counts undefined real-time bytes, and keeps running status over them', () => {
    const { messages, parser } = read([0x90, 0xf9, 60, 0xfd, 1]);
    expect([messages, parser.unknown]).toEqual([[[0x90, 60, 1]], 2]);
  });

  it('reads any cutting of any bytes as the whole', () => {
    const likely = fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0x80, max: 0xff }), fc.constantFrom(0xf0, 0xf7, 0xf8, 0x90));
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 120 }), fc.array(fc.nat(120), { maxLength: 12 }), (bytes, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const cut = read(...edges.slice(1).map((edge, i) => bytes.slice(edges[i], edge)));
        expect(cut).toEqual({ ...read(bytes), parser: cut.parser });
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('reads back what was written, with running status, and system exclusive and real-time bytes strewn in', () => {
    const byte = fc.nat(127);
    const message = fc.tuple(fc.integer({ min: 0x80, max: 0xef }), byte, byte);
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.boolean(), fc.option(fc.array(byte)), fc.array(fc.constantFrom(0xf8, 0xfa, 0xfb, 0xfc, 0xfe, 0xff), { maxLength: 3 }))), (items) => {
        const wire: number[] = [];
        const messages: number[][] = [];
        const timing: number[] = [];
        let running = 0;
        for (const [[status, a, b], run, exclusive, strewn] of items) {
          if (exclusive) wire.push(0xf0, ...exclusive, 0xf7);
          if (exclusive) running = 0;
          const short = lengthOf(status) === 2;
          messages.push([status, a, short ? 0 : b]);
          if (!run || running !== status) wire.push(status);
          wire.push(a, ...strewn, ...(short ? [] : [b]));
          timing.push(...strewn.filter((at) => at < 0xfd));
          running = status;
        }
        const back = read(wire);
        expect([back.messages, back.timing]).toEqual([messages, timing]);
        expect([back.parser.strays, back.parser.unfinished]).toEqual([0, 0]);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

describe('messages', () => {
  it('have the lengths of MIDI 1.0', () => {
    expect([0x00, 0x7f, 0x80, 0x9f, 0xaf, 0xbf, 0xc0, 0xdf, 0xe0, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf6, 0xf7, 0xf8, 0xff, 256, -1, 0.5].map(lengthOf)).toEqual([0, 0, 3, 3, 3, 3, 2, 2, 3, 0, 2, 3, 2, 0, 1, 0, 1, 1, 0, 0, 0]);
    expect([isMessage(0x90, 0, 127), isMessage(0x90, 128, 0), isMessage(0x90, 0, NaN), isMessage(0xf0, 0, 0)]).toEqual([true, false, false, false]);
  });

  it('are built for channels as musicians count them', () => {
    expect([noteOn(channel(1), 60, 100), noteOff(channel(10), 36), control(channel(16), 64, 127)]).toEqual([[0x90, 60, 100], [0x89, 36, 64], [0xbf, 64, 127]]);
    expect(channelOf(0x9f)).toBe(16);
  });

  it('are heard as notes and controls, a note-on without velocity as an off', () => {
    const time = ms(5);
    expect(toPlayed(0x91, 60, 1, time)).toEqual({ kind: 'on', time, channel: 2, pitch: 60, velocity: 1 });
    expect(toPlayed(0x91, 60, 0, time)).toEqual({ kind: 'off', time, channel: 2, pitch: 60 });
    expect(toPlayed(0x8f, 60, 9, time)).toEqual({ kind: 'off', time, channel: 16, pitch: 60 });
    expect(toPlayed(0xb0, 64, 127, time)).toEqual({ kind: 'control', time, channel: 1, controller: 64, value: 127 });
    expect([0xa0, 0xc0, 0xd0, 0xe0, 0xf8].map((status) => toPlayed(status, 1, 2, time))).toEqual([null, null, null, null, null]);
  });
});
