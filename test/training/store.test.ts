import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCorpus, type FileRead } from '../../src/training/corpus.ts';
import { prepareCorpus, type Prepared } from '../../src/training/prepare.ts';
import { packStore, unpackStore } from '../../src/training/store-format.ts';
import { fixture } from '../fixtures/at.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-store-'));
const music = join(home, 'music');
const store = join(home, 'store');
beforeAll(() => {
  cpSync(fixture('folk'), music, { recursive: true });
  writeFileSync(join(music, 'broken.mid'), 'no music');
});
afterAll(() => rmSync(home, { recursive: true }));

const symbols = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: -3, max: 2 ** 31 - 1 }));
const piece = fc.record({ id: fc.string(), source: fc.string(), family: fc.string(), notes: fc.nat(), columns: fc.array(fc.tuple(symbols, symbols), { maxLength: 9 }), line: fc.option(fc.uint8Array({ maxLength: 9 })) });

describe('what is packed', () => {
  it('comes back as it was, out of a file\'s buffer too', () => {
    fc.assert(fc.property(fc.array(fc.array(piece, { maxLength: 3 }), { maxLength: 4 }), (files) => {
      const read: FileRead[] = files.map((pieces, i) => ({ file: `f${i}`, pieces: pieces.map(({ columns, line, ...rest }) => ({ ...rest, parts: [0, 1].map((p) => Int32Array.from(columns, (row) => row[p] as number)), ...(line ? { line } : {}) })) }));
      read.push({ file: 'broken', pieces: [], refused: 'why' });
      const { index, bytes } = packStore(read);
      const through = { index: JSON.parse(JSON.stringify(index)) as typeof index, bytes: Buffer.concat([Buffer.alloc(8), bytes]).subarray(8) };
      const back = unpackStore(through);
      expect(back).toEqual(read);
      // Each has memory of its own, no larger than it needs.
      for (const { pieces } of back) for (const { parts } of pieces) for (const part of parts) expect(part.buffer.byteLength).toBe(part.byteLength);
    }), { seed: 1, numRuns: 60 });
  });

  it('takes a byte a symbol where that holds it', () => {
    const parts = [[0, 255], [0, 256], [0, 65_536], [-1, 0]].map((part) => Int32Array.from(part));
    expect(packStore([{ file: 'f', pieces: [{ id: 'a', source: 's', family: 'f', notes: 1, parts }] }]).bytes.length).toBe(2 + 4 + 8 + 8);
  });
});

describe('the store', () => {
  const prepare = (least?: number): Promise<Prepared> => prepareCorpus('melody', [music], { store, pool: null, ...(least === undefined ? {} : { least }) });
  const file = (ending: string): string => join(store, readdirSync(store).find((name) => name.endsWith(ending)) as string);

  it('gives the second time what was read the first, and what is read without it', async () => {
    const { stored, files, ...first } = await prepare();
    expect([stored, files, first.pieces.length, first.refused.length]).toEqual([0, 26, 25, 1]);
    expect(first).toEqual(readCorpus('melody', [music]));
    expect(await prepare()).toEqual({ ...first, files: 26, stored: 1 });
    expect(await prepare(200)).toMatchObject({ stored: 1, refused: readCorpus('melody', [music], undefined, 200).refused });
  });

  const damages: readonly (readonly [string, () => void])[] = [
    ['its bytes are cut short', () => truncateSync(file('.bin'), 1000)],
    ['a byte of it is another', () => writeFileSync(file('.bin'), readFileSync(file('.bin')).fill(1, 500, 501))],
    ['its index is cut short', () => truncateSync(file('.json'), 1000)],
    ['its index is of another format', () => writeFileSync(file('.json'), '{"format":"else"}')],
    ['it is gone', () => rmSync(file('.bin'))],
    ['a file has changed', () => utimesSync(join(music, 'broken.mid'), 1, 1)],
    ['a file is new', () => copyFileSync(join(music, 'AcaciaReel1.mid'), join(music, 'new.mid'))],
    ['a file is gone', () => rmSync(join(music, 'new.mid'))],
    ['a file of beats came beside the music', () => writeFileSync(join(music, 'beat_midi.txt'), '0\n0.5\n1\n')],
  ];
  it.each(damages)('is made again where %s', async (_, damage) => {
    expect((await prepare()).pieces.length).toBeGreaterThan(0);
    expect((await prepare()).stored).toBe(1);
    damage();
    expect((await prepare()).stored).toBe(0);
    const again = await prepare();
    expect(again).toEqual({ ...readCorpus('melody', [music]), files: again.files, stored: 1 });
  });

  it('is another for another encoding and another place of the same name', async () => {
    mkdirSync(join(home, 'b'));
    cpSync(music, join(home, 'b', 'music'), { recursive: true });
    await prepareCorpus('performance', [music], { store, pool: null });
    await prepareCorpus('melody', [join(home, 'b', 'music')], { store, pool: null });
    expect(readdirSync(store).filter((name) => name.endsWith('.bin'))).toHaveLength(3);
    expect((await prepare()).stored).toBe(1);
  });

  it('that cannot be written costs a word, and no music', async () => {
    const said: string[] = [];
    const { pieces } = await prepareCorpus('melody', [music], { store: join(music, 'broken.mid'), pool: null, warn: (line) => said.push(line) });
    expect([pieces.length, said.length]).toEqual([25, 1]);
    expect(said[0]).toMatch(/^not stored: /);
  });
});
