import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AntiphonError } from '../../src/core/errors.ts';
import { initialParams } from '../../src/live/params.ts';
import { readPatch } from '../../src/live/patch.ts';

const PATCHES = new URL('../../patches/', import.meta.url);

const mistakeIn = (source: string): readonly [code: string, message: string] => {
  try {
    readPatch(source, 'my.json');
  } catch (thrown) {
    if (thrown instanceof AntiphonError) return [thrown.code, thrown.message];
    throw thrown;
  }
  throw new Error('was read');
};

/** Nine lines; each mistake is made in one of them. */
const GOOD = `{
  // a comment
  "name": "mine",
  "about": "what it does",
  "inputs": [{ "port": "Keystation", "channels": [1, 2], "thru": true }],
  "outputs": [{ "port": "*" }],
  "roles": [{ "kind": "harmonise", "model": "performance", "channel": 3, "params": { "voices": 2 } }],
  "controllers": [{ "cc": 74, "param": "temperature", "channel": 1 }],
}`;

const PARAMETERS = Object.keys(initialParams()).join(', ');

describe('reading a patch', () => {
  it('fills in what is left out', () => {
    expect(readPatch(GOOD, 'my.json')).toEqual({
      name: 'mine',
      about: 'what it does',
      inputs: [{ port: 'Keystation', channels: [1, 2], thru: true }],
      outputs: [{ port: '*' }],
      clock: { source: 'player' },
      roles: [{ kind: 'harmonise', model: 'performance', channel: 3, params: { voices: 2 } }],
      params: {},
      controllers: [{ cc: 74, param: 'temperature', channel: 1 }],
    });
    expect(readPatch(GOOD.replace(', "thru": true', ''), 'my.json').inputs[0]?.thru).toBe(false);
  });

  it.each<[mistake: string, from: string | RegExp, to: string, code: string, message: string]>([
    ['a key misspelt', '"inputs"', '"inptus"', 'patch.key',
      'my.json:5: a patch has no such key as: "inptus". Did you mean "inputs"? There are: name, about, inputs, outputs, clock, roles, params, controllers.'],
    ['a key of a role misspelt', '"model"', '"Modell"', 'patch.key',
      'my.json:7: roles[0] has no such key as: "Modell". Did you mean "model"? There are: kind, model, channel, bass, params.'],
    ['a key from nowhere', '"about"', '"xyzzy"', 'patch.key',
      'my.json:4: a patch has no such key as: "xyzzy". There are: name, about, inputs, outputs, clock, roles, params, controllers.'],
    ['a parameter misspelt', '"voices"', '"vioces"', 'patch.key',
      `my.json:7: roles[0].params has no such key as: "vioces". Did you mean "voices"? There are: ${PARAMETERS}.`],
    ['a role misspelt', '"harmonise"', '"harmonize"', 'patch.value',
      'my.json:7: roles[0].kind cannot be: "harmonize". Did you mean "harmonise"? There are: respond, continue, harmonise, accompany, drum.'],
    ['a controlled parameter misspelt', '"temperature"', '"temperatur"', 'patch.value',
      `my.json:8: controllers[0].param cannot be: "temperatur". Did you mean "temperature"? There are: ${PARAMETERS}.`],
    ['a parameter out of range', '"voices": 2', '"voices": 9', 'patch.value', 'my.json:7: roles[0].params.voices cannot be: 9. Give a whole number from 0 to 3.'],
    ['a whole parameter in parts', '"voices": 2', '"voices": 1.5', 'patch.value', 'my.json:7: roles[0].params.voices cannot be: 1.5. Give a whole number from 0 to 3.'],
    ['a parameter as text', '"voices": 2', '"softness": "low"', 'patch.value', 'my.json:7: roles[0].params.softness cannot be: "low". Give a number from 0.1 to 1.'],
    ['a channel that is none', '"channel": 3', '"channel": 17', 'patch.value', 'my.json:7: roles[0].channel cannot be: 17. Give a whole number from 1 to 16.'],
    ['a channel counted from 0', '[1, 2]', '[1, 0]', 'patch.value', 'my.json:5: inputs[0].channels[1] cannot be: 0. Give a whole number from 1 to 16.'],
    ['a controller that is none', '"cc": 74', '"cc": 128', 'patch.value', 'my.json:8: controllers[0].cc cannot be: 128. Give a whole number from 0 to 127.'],
    ['a text for a switch', '"thru": true', '"thru": "yes"', 'patch.value', 'my.json:5: inputs[0].thru cannot be: "yes". Give true or false.'],
    ['an object for a list', '[{ "port": "*" }]', '{ "port": "*" }', 'patch.value', 'my.json:6: outputs cannot be: {"port":"*"}. Give a list in [ ].'],
    ['a text for an object', '[{ "port": "*" }]', '["*"]', 'patch.value', 'my.json:6: outputs[0] cannot be: "*". Give an object in { }.'],
    ['an empty name', '"mine"', '""', 'patch.value', 'my.json:3: name cannot be: "". Give text that is not empty.'],
    ['a clock that does not exist', '"roles"', '"clock": { "source": "link" },\n "roles"', 'patch.value', 'my.json:7: clock.source cannot be: "link". There are: player, internal, midi.'],
    ['a tempo beyond playing', '"roles"', '"clock": { "source": "internal", "bpm": 5 },\n "roles"', 'patch.value', 'my.json:7: clock.bpm cannot be: 5. Give a number from 20 to 300.'],
    ['an offset beyond what is in time', '{ "port": "*" }', '{ "port": "*", "offset": -101 }', 'patch.value', 'my.json:6: outputs[0].offset cannot be: -101. Give a number from -100 to 100.'],
    ['an offset as text', '{ "port": "*" }', '{ "port": "*", "offset": "-12 ms" }', 'patch.value', 'my.json:6: outputs[0].offset cannot be: "-12 ms". Give a number from -100 to 100.'],
    ['an offset misspelt', '{ "port": "*" }', '{ "port": "*", "ofset": -12 }', 'patch.key', 'my.json:6: outputs[0] has no such key as: "ofset". Did you mean "offset"? There are: port, offset.'],
    ['a role twice', '"params": { "voices": 2 } }', '"params": {} }, { "kind": "harmonise", "model": "melody", "channel": 4 }', 'patch.value', 'my.json:7: roles[1].kind cannot be: "harmonise". Give each role once.'],
    ['a key left out', '  "name": "mine",\n', '', 'patch.missing', 'my.json:8: a patch lacks: "name". Give text in quotes.'],
    ['a key of a role left out', '"model": "performance", ', '', 'patch.missing', 'my.json:7: roles[0] lacks: "model". Give text in quotes.'],
    ['the kind of a role left out', '"kind": "harmonise", ', '', 'patch.missing', 'my.json:7: roles[0] lacks: "kind". There are: respond, continue, harmonise, accompany, drum.'],
    ['a key twice', '"outputs"', '"name": "other",\n"outputs"', 'patch.key', 'my.json:6: The same key stands twice: "name". Take one out.'],
    ['a comma left out', '"mine",', '"mine"', 'patch.syntax', 'my.json:4: this is not JSON: "\\"about\\": \\"what it does\\",". A comma is missing before it.'],
    ['a bracket left open', /}\],\n}$/, '}]\n', 'patch.syntax', 'my.json:9: this is not JSON: "the end". A } is missing.'],
    ['a text without quotes', '"mine"', 'mine', 'patch.syntax', 'my.json:3: this is not JSON: "mine,". Put text in double quotes.'],
    ['more after the end', /}$/, '} {}', 'patch.syntax', 'my.json:9: this is not JSON: "{}". The patch has ended before it: take it out.'],
    ['nothing', /[^]*/, '', 'patch.syntax', 'my.json:1: this is not JSON: "the end". A value belongs here.'],
    ['a list', /[^]*/, '[]', 'patch.value', 'my.json:1: a patch cannot be: []. Give an object in { }.'],
    ['null', /[^]*/, 'null', 'patch.value', 'my.json:1: a patch cannot be: null. Give an object in { }.'],
  ])('says what is wrong with %s', (_, from, to, code, message) => {
    const source = GOOD.replace(from, () => to);
    expect(source).not.toBe(GOOD);
    expect(mistakeIn(source)).toEqual([code, message]);
  });

  it('gives roles channels of their own where it names none, drums theirs, and only an accompaniment a bass', () => {
    const channelsOf = (kinds: readonly object[]): (readonly (number | undefined)[])[] => readPatch(GOOD.replace(/"roles": .*/, () => `"roles": ${JSON.stringify(kinds)},`), 'my.json').roles.map((role) => [role.channel, role.bass]);
    const model = 'performance';
    expect(channelsOf(['respond', 'continue', 'harmonise', 'accompany', 'drum'].map((kind) => ({ kind, model })))).toEqual([[2, undefined], [3, undefined], [4, undefined], [5, 6], [10, undefined]]);
    expect(channelsOf([{ kind: 'accompany', model, channel: 7, bass: 8 }])).toEqual([[7, 8]]);
    expect(mistakeIn(GOOD.replace('"channel": 3', '"bass": 3'))).toEqual(['patch.value', 'my.json:7: roles[0].bass cannot be: 3. Only accompany has a bass.']);
  });

  it('names the first of several mistakes', () => {
    expect(mistakeIn(GOOD.replace('74', '999').replace('"port": "*"', '"prot": "*"').replace('"about": "what it does",', ''))[1]).toMatch(/^my\.json:6: outputs\[0\] has no such key as: "prot"\. Did you mean "port"\?/);
  });

  it('does not run out of stack on brackets', () => {
    expect(mistakeIn('['.repeat(1_000_000))[0]).toBe('patch.syntax');
  });
});

describe('the patches that come with it', () => {
  const files = readdirSync(PATCHES).filter((file) => file.endsWith('.json'));

  it('has those promised', () => {
    expect(files).toEqual(expect.arrayContaining(['duet.json', 'call-and-response.json', 'harmony.json', 'continuo.json', 'combo.json', 'drummer.json']));
  });

  it.each(files)('reads %s, and its name is its own', (file) => {
    const patch = readPatch(readFileSync(new URL(file, PATCHES), 'utf8'), file);
    expect(`${patch.name}.json`).toBe(file);
    const channels = patch.roles.map((role) => role.channel);
    expect(new Set(channels).size).toBe(channels.length);
  });
});
