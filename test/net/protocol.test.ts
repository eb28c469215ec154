import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import { channel, ms, pitch } from '../../src/core/units.ts';
import type { Told } from '../../src/live/command.ts';
import { CLIENT, messageFrom, readMessage, schema, SERVER } from '../../src/net/protocol.ts';
import { stateWith } from './state.ts';

const refused = (text: string): AntiphonError => {
  try {
    readMessage(text);
  } catch (thrown) {
    if (thrown instanceof AntiphonError) return thrown;
    throw thrown;
  }
  throw new Error(`was not refused: ${text}`);
};

describe('messages of a client', () => {
  it.each([
    ['{"type":"note","pitch":60,"velocity":80}', { kind: 'note', pitch: 60, velocity: 80, channel: 1 }],
    ['{"type":"note","pitch":0,"velocity":0,"channel":16}', { kind: 'note', pitch: 0, velocity: 0, channel: 16 }],
    ['{"type":"control","controller":64,"value":127}', { kind: 'control', controller: 64, value: 127, channel: 1 }],
    ['{"type":"param","name":"temperature","value":1.25}', { kind: 'param', name: 'temperature', value: 1.25 }],
    ['{"type":"param","name":"voices","value":1.6}', { kind: 'param', name: 'voices', value: 2 }],
    ['{"type":"patch","name":"call-and-response"}', { kind: 'patch', name: 'call-and-response' }],
    ['{"type":"play"}', { kind: 'play' }],
    ['{"type":"stop"}', { kind: 'stop' }],
    ['{"type":"panic"}', { kind: 'panic' }],
    ['{"type":"state"}', { kind: 'state' }],
    ['{"type":"ping","client":12.5}', { kind: 'ping', client: 12.5 }],
  ])('%s', (text, command) => {
    expect(readMessage(text)).toEqual(command);
  });

  it.each([
    ['', 'message.json', 'This is not JSON'],
    ['{"type":"note"', 'message.json', 'This is not JSON'],
    ['[1,2]', 'message.json', 'a list'],
    ['null', 'message.json', 'null'],
    ['{}', 'message.type', 'nothing'],
    ['{"type":"sing"}', 'message.type', 'There are: note, control, param, patch, play, stop, panic, state, ping.'],
    ['{"type":"__proto__"}', 'message.type', '__proto__'],
    ['{"type":"constructor"}', 'message.type', 'constructor'],
    ['{"type":{"a":1}}', 'message.type', 'an object'],
    ['{"type":"note","velocity":80}', 'message.field', 'note.pitch cannot be: "nothing". Give a whole number from 0 to 127.'],
    ['{"type":"note","pitch":128,"velocity":80}', 'message.field', 'note.pitch cannot be: 128. Give a whole number from 0 to 127.'],
    ['{"type":"note","pitch":60.5,"velocity":80}', 'message.field', '60.5'],
    ['{"type":"note","pitch":"60","velocity":80}', 'message.field', 'note.pitch cannot be: "60"'],
    ['{"type":"note","pitch":60,"velocity":-1}', 'message.field', 'note.velocity cannot be: -1'],
    ['{"type":"note","pitch":60,"velocity":80,"channel":0}', 'message.field', 'Give a whole number from 1 to 16.'],
    ['{"type":"note","pitch":60,"velocity":80,"chanel":2}', 'message.field', 'note has no field: "chanel". It has: pitch, velocity, channel.'],
    ['{"type":"param","name":"loudness","value":1}', 'message.field', 'There are: temperature'],
    ['{"type":"param","name":"temperature","value":99}', 'param.value', 'temperature cannot be: 99. Give a number from 0.1 to 2.'],
    ['{"type":"param","name":"temperature","value":null}', 'message.field', 'param.value cannot be: null'],
    ['{"type":"patch","name":"../../etc/passwd"}', 'message.field', 'without slashes'],
    ['{"type":"patch","name":""}', 'message.field', 'Give a name'],
    ['{"type":"ping","client":1e999}', 'message.field', 'ping.client'],
    ['{"type":"play","loud":true}', 'message.field', 'play has no field: "loud". It has none.'],
    [`"${'x'.repeat(70_000)}"`, 'message.size', 'At most 65536 bytes'],
    ['['.repeat(60_000), 'message.json', 'This is not JSON'],
    [`{"type":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'message.type', 'a list'],
  ])('refuses %.60s', (text, code, words) => {
    const error = refused(text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it('survives anything: only commands and typed errors come out', () => {
    const good = ['{"type":"note","pitch":60,"velocity":80,"channel":2}', '{"type":"param","name":"temperature","value":1.25}', '{"type":"patch","name":"duet"}', '{"type":"ping","client":1}'];
    const mutated = fc
      .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(60), fc.constantFrom('insert', 'delete', 'replace'), fc.string({ maxLength: 3 })), { maxLength: 4 }))
      .map(([text, edits]) => edits.reduce((now, [at, how, what]) => now.slice(0, at) + (how === 'delete' ? '' : what) + now.slice(how === 'insert' ? at : at + 1), text));
    const anything = fc.oneof(mutated, fc.json(), fc.string(), fc.record({ type: fc.constantFrom(...Object.keys(CLIENT)), pitch: fc.anything(), velocity: fc.anything(), name: fc.anything(), value: fc.anything() }).map((value) => JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))));
    fc.assert(
      fc.property(anything, (text) => {
        try {
          const command = readMessage(text);
          if (command.kind === 'note') expect(command.pitch >= 0 && command.pitch <= 127 && command.channel >= 1 && command.channel <= 16).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AntiphonError);
        }
      }),
      { seed: 7, numRuns: 6000 },
    );
  });
});

describe('messages to a client', () => {
  const note: Told = { kind: 'note', pitch: pitch(64), velocity: 70, channel: channel(2), role: 'harmonise', id: 9, wanted: ms(12.5), sent: ms(12.75) };

  it('are the told, by type', () => {
    expect(messageFrom(note)).toEqual({ type: 'note', pitch: 64, velocity: 70, channel: 2, role: 'harmonise', id: 9, wanted: 12.5, sent: 12.75 });
    expect(messageFrom({ kind: 'withdraw', id: 9 })).toEqual({ type: 'withdraw', id: 9 });
    expect(messageFrom({ kind: 'state', state: stateWith() })).toEqual({ type: 'state', state: stateWith() });
  });

  it("call the player's own note heard", () => {
    expect(messageFrom({ ...note, role: 'player' })).toMatchObject({ type: 'heard', role: 'player', pitch: 64 });
  });
});

describe('the schema', () => {
  const { $defs } = schema() as { $defs: Record<'client' | 'server', { oneOf: { title: string; required: string[]; properties: Record<string, unknown> }[] }> };

  it('has every message of the table', () => {
    expect($defs.client.oneOf.map(({ title }) => title)).toEqual(Object.keys(CLIENT));
    expect($defs.server.oneOf.map(({ title }) => title)).toEqual(Object.keys(SERVER));
  });

  it('says what the check enforces', () => {
    expect($defs.client.oneOf[0]).toMatchObject({
      required: ['type', 'pitch', 'velocity'],
      additionalProperties: false,
      properties: { type: { const: 'note' }, pitch: { type: 'integer', minimum: 0, maximum: 127 }, channel: { minimum: 1, maximum: 16, default: 1 } },
    });
  });

  it('knows each field that is sent', () => {
    const sent = messageFrom({ kind: 'note', pitch: pitch(1), velocity: 1, channel: channel(1), role: 'respond', id: 1, wanted: ms(0), sent: ms(0) });
    expect($defs.server.oneOf.find(({ title }) => title === 'note')?.required.toSorted()).toEqual(Object.keys(sent).toSorted());
  });
});
