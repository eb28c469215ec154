import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import { channel, ms, pitch } from '../../src/core/units.ts';
import { readPacket, writeTold } from '../../src/net/osc.ts';
import { stateWith } from './state.ts';

const padded = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'utf8'), Buffer.alloc(4 - (Buffer.byteLength(text) % 4))]);

/** A message built by hand, so that the codec is not its own judge. */
const message = (address: string, tags: string, ...values: (number | string)[]): Buffer =>
  Buffer.concat([
    padded(address),
    padded(`,${tags}`),
    ...values.map((value, i) => {
      if (typeof value === 'string') return padded(value);
      const bytes = Buffer.alloc(tags[i] === 'd' || tags[i] === 'h' ? 8 : 4);
      if (tags[i] === 'i') bytes.writeInt32BE(value);
      else if (tags[i] === 'f') bytes.writeFloatBE(value);
      else if (tags[i] === 'd') bytes.writeDoubleBE(value);
      else bytes.writeBigInt64BE(BigInt(value));
      return bytes;
    }),
  ]);

const bundle = (...elements: Buffer[]): Buffer =>
  Buffer.concat([
    padded('#bundle'),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]),
    ...elements.flatMap((element) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(element.length);
      return [length, element];
    }),
  ]);

const refused = (bytes: Uint8Array): AntiphonError => {
  try {
    readPacket(bytes);
  } catch (thrown) {
    if (thrown instanceof AntiphonError) return thrown;
    throw thrown;
  }
  throw new Error('was not refused');
};

const C4 = { kind: 'note', pitch: 60, velocity: 80, channel: 1 };

describe('OSC in', () => {
  it.each([
    ['ints', message('/antiphon/note', 'ii', 60, 80), C4],
    ['floats', message('/antiphon/note', 'ff', 60, 80), C4],
    ['doubles and int64s', message('/antiphon/note', 'dh', 60, 80), C4],
    ['a channel', message('/antiphon/note', 'iii', 60, 80, 5), { ...C4, channel: 5 }],
    ['a release', message('/antiphon/note', 'ii', 60, 0), { ...C4, velocity: 0 }],
    ['a faint touch, which is no release', message('/antiphon/note', 'if', 60, 0.2), { ...C4, velocity: 1 }],
    ['a fader between keys', message('/antiphon/note', 'ff', 59.6, 80.4), C4],
    ['a parameter', message('/antiphon/param/temperature', 'f', 1.5), { kind: 'param', name: 'temperature', value: 1.5 }],
    ['a parameter as int', message('/antiphon/param/voices', 'i', 2), { kind: 'param', name: 'voices', value: 2 }],
    ['a parameter as a switch', message('/antiphon/param/above', 'T'), { kind: 'param', name: 'above', value: 1 }],
    ['a patch', message('/antiphon/patch', 's', 'harmony'), { kind: 'patch', name: 'harmony' }],
    ['a patch beyond ASCII', message('/antiphon/patch', 's', 'préludes'), { kind: 'patch', name: 'préludes' }],
    ['play', message('/antiphon/play', ''), { kind: 'play' }],
    ['stop, pressed on a surface', message('/antiphon/stop', 'f', 1), { kind: 'stop' }],
    ['panic', message('/antiphon/panic', ''), { kind: 'panic' }],
    ['state', message('/antiphon/state', ''), { kind: 'state' }],
  ])('takes %s', (_, bytes, command) => {
    expect(readPacket(bytes)).toEqual([command]);
  });

  it('takes a packet that lies within a larger buffer', () => {
    const bytes = message('/antiphon/note', 'ii', 60, 80);
    expect(readPacket(Buffer.concat([Buffer.alloc(12, 0xff), bytes, Buffer.alloc(8, 0xff)]).subarray(12, 12 + bytes.length))).toEqual([C4]);
  });

  it('does nothing when a button is let go', () => {
    expect(readPacket(message('/antiphon/panic', 'f', 0))).toEqual([]);
  });

  it('takes bundles, in order, four deep', () => {
    const stop = message('/antiphon/stop', '');
    expect(readPacket(bundle(message('/antiphon/note', 'ii', 60, 80), bundle(bundle(bundle(stop))), message('/antiphon/play', '')))).toEqual([C4, { kind: 'stop' }, { kind: 'play' }]);
    expect(readPacket(bundle())).toEqual([]);
  });

  const long = Buffer.alloc(65_540);
  const cut = message('/antiphon/note', 'ii', 60, 80).subarray(0, -4);
  const lying = bundle(message('/antiphon/play', ''));
  lying.writeUInt32BE(0xffff_fffc, 16);
  it.each([
    ['nothing', Buffer.alloc(0), 'osc.packet', 'multiple of four'],
    ['an odd length', Buffer.from('/ab'), 'osc.packet', 'multiple of four'],
    ['text', Buffer.from('hello world!'), 'osc.packet', 'slash'],
    ['a packet too long', long, 'osc.packet', '65540'],
    ['an address without end', Buffer.from('/antiphon/no'), 'osc.packet', 'no end'],
    ['no type tags', padded('/antiphon/play'), 'osc.packet', 'no type tags'],
    ['tags without a comma', Buffer.concat([padded('/antiphon/play'), padded('ii')]), 'osc.packet', 'no type tags'],
    ['an argument missing', cut, 'osc.packet', 'before its arguments'],
    ['an argument too many', Buffer.concat([message('/antiphon/play', ''), Buffer.alloc(4)]), 'osc.packet', 'after its arguments'],
    ['a blob', Buffer.concat([padded('/antiphon/note'), padded(',b'), Buffer.from([0x7f, 0xff, 0xff, 0xff])]), 'osc.packet', 'type: "b"'],
    ['an element longer than its bundle', lying, 'osc.packet', 'longer than its bundle'],
    ['a bundle cut off', padded('#bundle'), 'osc.packet', 'time tag'],
    ['bundles five deep', bundle(bundle(bundle(bundle(bundle())))), 'osc.packet', 'deeper than'],
    ['a thousand messages', bundle(...Array.from({ length: 1000 }, () => message('/antiphon/play', ''))), 'osc.packet', 'Too many'],
    ['an unknown address', message('/antiphon/sing', ''), 'osc.address', 'There are: /antiphon/note'],
    ['a pattern', message('/antiphon/****************', ''), 'osc.address', '****'],
    ['a property of every object', message('/antiphon/param/__proto__', 'i', 1), 'message.field', 'There are: temperature'],
    ['what Antiphon itself sends', message('/antiphon/error', 'ss', 'a', 'b'), 'osc.echo', 'different ports'],
    ['a pitch too high', message('/antiphon/note', 'ii', 128, 80), 'message.field', 'note.pitch cannot be: 128'],
    ['a pitch that is no number', message('/antiphon/note', 'fi', NaN, 80), 'message.field', 'note.pitch'],
    ['a velocity missing', message('/antiphon/note', 'i', 60), 'message.field', 'note.velocity cannot be: "nothing"'],
    ['a pitch in words', message('/antiphon/note', 'si', 'C4', 80), 'message.field', '"C4"'],
    ['a parameter out of range', message('/antiphon/param/temperature', 'f', 9), 'param.value', 'Give a number from 0.1 to 2.'],
    ['a path for a patch', message('/antiphon/patch', 's', '../x'), 'message.field', '../x'],
  ])('refuses %s', (_, bytes, code, words) => {
    const error = refused(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it('survives anything: only commands and typed errors come out', () => {
    const good = [
      message('/antiphon/note', 'iii', 60, 80, 1),
      message('/antiphon/param/temperature', 'f', 1.5),
      message('/antiphon/patch', 's', 'harmony'),
      bundle(message('/antiphon/note', 'ff', 60, 80), bundle(message('/antiphon/stop', ''))),
    ];
    const edit = fc.tuple(fc.nat(120), fc.nat(255), fc.constantFrom('set', 'cut', 'double'));
    const mutated = fc.tuple(fc.constantFrom(...good), fc.array(edit, { minLength: 1, maxLength: 5 })).map(([bytes, edits]) =>
      edits.reduce((now, [at, value, how]) => {
        const place = now.length === 0 ? 0 : at % now.length;
        if (how === 'cut') return now.subarray(0, place & ~3);
        if (how === 'double') return Buffer.concat([now, now.subarray(place & ~3)]);
        const next = Buffer.from(now);
        next[place] = value;
        return next;
      }, bytes),
    );
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }), (bytes) => {
        try {
          for (const command of readPacket(bytes)) if (command.kind === 'note') expect(Number.isInteger(command.pitch) && command.pitch >= 0 && command.pitch <= 127).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AntiphonError);
        }
      }),
      { seed: 11, numRuns: 8000 },
    );
  });
});

describe('OSC out', () => {
  const note = { kind: 'note', pitch: pitch(64), velocity: 70, channel: channel(2), role: 'harmonise', id: 9, wanted: ms(86_400_000.5), sent: ms(0) } as const;

  it('is these bytes', () => {
    const bytes = Buffer.concat([message('/antiphon/out/note', 'iii', 64, 70, 2)]);
    const expected = Buffer.concat([padded('/antiphon/out/note'), padded(',iiisid'), bytes.subarray(-12), padded('harmonise'), Buffer.from([0, 0, 0, 9]), message('/x', 'd', 86_400_000.5).subarray(-8)]);
    expect(Buffer.from(writeTold(note)[0] as Uint8Array).toString('hex')).toBe(expected.toString('hex'));
  });

  it('is these bytes for each note, of whatever role, whatever came before', () => {
    for (const [i, role] of (['harmonise', 'bass', 'player', 'harmonise', 'bass', 'player'] as const).entries()) {
      const expected = message(role === 'player' ? '/antiphon/out/heard' : '/antiphon/out/note', 'iiisid', 60 + i, i, i + 1, role, 1000 * i, i / 3);
      expect(Buffer.from(writeTold({ ...note, role, pitch: pitch(60 + i), velocity: i, channel: channel(i + 1), id: 1000 * i, wanted: ms(i / 3) })[0] as Uint8Array).toString('hex')).toBe(expected.toString('hex'));
    }
  });

  it.each([
    [{ kind: 'withdraw', id: 9 } as const, [message('/antiphon/out/withdraw', 'i', 9)]],
    [{ kind: 'ready' } as const, [message('/antiphon/ready', '')]],
    [{ kind: 'param', name: 'temperature', value: 0.5 } as const, [message('/antiphon/out/param', 'sf', 'temperature', 0.5)]],
    [{ kind: 'patch', name: 'Préludes' } as const, [message('/antiphon/out/patch', 's', 'Préludes')]],
    [{ kind: 'error', code: 'a.b', message: 'größer\0' } as const, [message('/antiphon/error', 'ss', 'a.b', 'größer ')]],
  ])('says %o', (told, expected) => {
    expect(writeTold(told).map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(expected.map((bytes) => bytes.toString('hex')));
  });

  it("keeps the player's own notes apart", () => {
    expect(Buffer.from(writeTold({ ...note, role: 'player' })[0] as Uint8Array).toString('latin1')).toContain('/antiphon/out/heard\0');
  });

  it('says the state in one message a thing', () => {
    const addresses = writeTold({ kind: 'state', state: stateWith({ bpm: null }) }).map((bytes) => Buffer.from(bytes).toString('latin1').split('\0')[0]);
    expect(addresses.slice(-5)).toEqual(['/antiphon/out/counter', ...Array.from({ length: 4 }, () => '/antiphon/out/latency')]);
    expect(addresses.slice(0, 5)).toEqual(['/antiphon/out/patch', '/antiphon/out/running', '/antiphon/out/engine', '/antiphon/out/tempo', '/antiphon/out/param']);
  });
});
