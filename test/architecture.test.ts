import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Who may import whom, as the map has it: its own folder, and those listed. `cli` may import everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  music: ['core'],
  model: ['core'],
  engine: ['core', 'model'],
  live: ['core', 'music', 'model'],
  midi: ['core', 'music'],
  audio: ['core', 'music'],
  training: ['core', 'music', 'model', 'engine'],
  stage: ['core', 'music', 'model', 'live', 'midi'],
  net: ['core', 'music', 'live'],
  web: ['core', 'music', 'live', 'net/protocol.ts'],
};
/** These run in a test with a clock that is a number, and in a browser. */
const PURE = new Set(['core', 'music', 'model', 'live']);
const PORTS = /^(node:|easymidi|@julusian\/midi|ws$|osc-js|jzz|dgram)/;
const READS_CLOCK = new Set(['cli', 'engine', 'training', 'web']);

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => {
  const text = readFileSync(join(SRC, name), 'utf8');
  const code = text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*/g, '');
  const imports = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"]+)\1/g)].map((match) => match[2] as string);
  return { name: name.split(sep).join('/'), folder: name.split(sep)[0] as string, lines: text.split('\n').length - 1, code, imports };
});

const faults: Readonly<Record<string, (file: (typeof files)[number]) => readonly string[]>> = {
  'imports only what lies below it': ({ name, folder, imports }) =>
    imports.filter((each) => each.startsWith('.')).map((each) => relative(SRC, join(SRC, dirname(name), each)).split(sep).join('/')).filter((to) => {
      const allowed = MAY_IMPORT[folder];
      return folder !== 'cli' && !to.startsWith(`${folder}/`) && !allowed?.some((each) => to === each || to.startsWith(`${each}/`));
    }),
  'reaches no port or system from the pure folders': ({ folder, imports }) => imports.filter((each) => PURE.has(folder) && PORTS.test(each)),
  'is at most 350 lines long': ({ lines }) => (lines > 350 ? [`${lines} lines`] : []),
  'takes chance as an argument': ({ code }) => code.match(/\bMath\s*\.\s*random\b/g) ?? [],
  'takes "now" as a parameter': ({ folder, code }) => (READS_CLOCK.has(folder) ? [] : (code.match(/\bperformance\s*\.\s*now\b|\bDate\s*\.\s*now\b|\bprocess\.hrtime\b/g) ?? [])),
};

describe('every file of src', () => {
  it('is found', () => expect(files.length).toBeGreaterThan(60));
  it.each(Object.entries(faults))('%s', (_, faultsOf) => {
    expect(files.flatMap((file) => faultsOf(file).map((fault) => `${file.name}: ${fault}`))).toEqual([]);
  });
});
