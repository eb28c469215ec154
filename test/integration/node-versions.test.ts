import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSmf } from '../../src/music/smf-read.ts';
import { Client, MAIN, playPhrase, stageFolder, startDaemon } from './daemon.ts';

/** Beside the version that runs this: whole Node programs, from packages on npm. */
const VERSIONS = ['22', '24', '26'] as const;
const wanted = process.env['ANTIPHON_NODE_VERSIONS'] === '1';

describe.skipIf(!wanted)(`other versions of Node${wanted ? '' : ' (skipped: set ANTIPHON_NODE_VERSIONS=1)'}`, { timeout: 180_000 }, () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  const folder = (make: () => string): string => {
    const made = make();
    folders.push(made);
    return made;
  };

  it.each(VERSIONS)('plays on Node %s', async (version) => {
    const place = folder(() => mkdtempSync(join(tmpdir(), `antiphon-node${version}-`)));
    const name = `node-${process.platform}-${process.arch}`;
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', place, `${name}@${version}`], { stdio: 'pipe' });
    const node = join(place, 'node_modules', name, 'bin', 'node');
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${version}\\.`));

    const here = folder(stageFolder);
    const demo = spawnSync(node, [MAIN, 'live', '--demo', '--engine', 'wasm'], { cwd: here, encoding: 'utf8', timeout: 60_000 });
    expect(demo.stderr).toMatch(/^12 notes played in, \d+ played back; both are in demo\.mid\n$/);
    expect(demo.status).toBe(0);
    expect(demo.stdout).toMatch(/s {2}respond .* velocity/);
    expect(readSmf(readFileSync(join(here, 'demo.mid'))).tracks.map((track) => track.name)).toContain('Antiphon respond');

    const daemon = await startDaemon(['duet'], { folder: here, node });
    try {
      const client = await Client.open(daemon.http);
      await client.harmonised(60);
      await client.play(60, 0);
      await playPhrase(client, [64, 67]);
      await client.note('respond', ({ velocity }) => velocity > 0, 0);
      expect(await daemon.stop()).toBe(0);
      expect(client.sounding()).toEqual([]);
      client.close();
    } finally {
      await daemon.discard();
    }
  });
});
