import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** ALSA's sequencer and what it stands on, in the order they are loaded. */
const MODULES = [
  'sound/soundcore',
  'sound/core/snd',
  'sound/core/snd-timer',
  'sound/core/snd-seq-device',
  'sound/core/snd-rawmidi',
  'sound/core/seq/snd-seq',
  'sound/core/seq/snd-seq-midi-event',
  'sound/core/seq/snd-seq-midi',
];

export interface Kernel {
  readonly image: string;
  readonly modules: readonly string[];
}

const CACHE = join(tmpdir(), 'antiphon-test-kernel');

const unpacked = (): Kernel | undefined => {
  const boot = join(CACHE, 'boot');
  const image = existsSync(boot) ? readdirSync(boot).find((each) => each.startsWith('vmlinuz-')) : undefined;
  if (image === undefined) return undefined;
  const folder = join(CACHE, 'lib/modules', image.replace('vmlinuz-', ''), 'kernel');
  return { image: join(boot, image), modules: MODULES.map((name) => join(folder, `${name}.ko`)) };
};

/** Debian's kernel, fetched and unpacked where no other program looks for it; undefined where it cannot be had. */
export const kernelHere = (): Kernel | undefined => {
  const found = unpacked();
  if (found) return found;
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-kernel-'));
  try {
    const run = (program: string, ...words: string[]): string => execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const name = /Depends: (linux-image-\S+)/.exec(run('apt-cache', 'depends', 'linux-image-amd64'))?.[1];
    if (name === undefined) return undefined;
    run('apt-get', 'download', name);
    const [file] = readdirSync(folder);
    run('dpkg-deb', '-x', file as string, 'unpacked');
    renameSync(join(folder, 'unpacked'), CACHE);
    return unpacked();
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
