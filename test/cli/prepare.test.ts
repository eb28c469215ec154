import { mkdtempSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareCommand } from '../../src/cli/prepare.ts';
import type { Summary } from '../../src/training/summary.ts';
import { fixture } from '../fixtures/at.ts';
import { run } from './run.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-prepare-'));
const music = join(home, 'music');
beforeAll(() => {
  vi.stubEnv('ANTIPHON_STORE', join(home, 'store'));
  cpSync(fixture('folk'), music, { recursive: true });
  writeFileSync(join(music, 'broken.mid'), 'no music');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

describe('antiphon prepare', () => {
  it('prints one object, names what is broken, and draws a page', async () => {
    const page = join(home, 'page.html');
    const { out, told } = await run(prepareCommand, 'prepare', music, '--encoding', 'melody', '--json', '--report', page);
    const summary = JSON.parse(out) as Summary;
    expect(summary).toMatchObject({ encoding: 'melody', files: 26, stored: 0, pieces: 25, sources: { music: { pieces: 25 } }, refused: [{ file: join(music, 'broken.mid'), reason: expect.stringContaining('Not a MIDI file') as string }] });
    expect(told).toContain(`left out ${join(music, 'broken.mid')}: Not a MIDI file`);
    expect(told).toContain('read 26 of 26 files');
    expect(readFileSync(page, 'utf8')).toContain('<title>Music for melody</title>');
  });

  it('tells people, the second time out of the store', async () => {
    const { out, told } = await run(prepareCommand, 'prepare', music, '--encoding', 'melody');
    expect(out).toMatch(/^25 pieces for melody, from 26 files \(out of the store\)\n {2}music +25 pieces +\d+ families +[\d,]+ notes +0\.\d hours\nsides of the split\n {2}train /);
    expect(out).toMatch(/\nduplicates: 0 exact, 0 in another key; families: \d+, the largest of \d pieces\n/);
    expect(told).not.toContain('read 26');
    expect((await run(prepareCommand, 'prepare', music, '--encoding', 'melody', '--fresh')).told).toContain('read 26 of 26 files');
  });

  it.each([['no such place', ['nowhere'], 'corpus.place'], ['no such encoding', ['music', '--encoding', 'opera'], 'encoding.name']])('refuses %s', async (_, words, code) => {
    await expect(run(prepareCommand, 'prepare', ...words)).rejects.toMatchObject({ code });
  });
});
