import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { saveTiny } from '../cli/tiny-models.ts';
import type { Kernel } from './kernel.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What the guest's first process does: it is also its last. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in MODULES; do insmod /modules/$module; done
ip link set lo up
export HOME=/tmp PATH=/bin ANTIPHON_TEST_PATIENCE=150000
cd /antiphon
node dist/test/perform.js alsa 2>&1
poweroff -f
`;

/** Files for those who read a package, not for those who run it, and builds for other machines: a smaller guest is sooner unpacked. */
const LEFT_OUT = /\.(map|md|d\.ts|d\.mts|d\.cts|cc|h|cpp)$|node_modules\/.*\/(prebuilds\/(?!midi-linux-x64\/|midi-linux-x64$).*|tests?|docs|examples|vendor)$/;

/** The folders under node_modules that the daemon needs at run time, as package-lock.json has them. */
const packages = (): string[] => {
  const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean; peer?: boolean; optional?: boolean }> };
  return Object.entries(lock.packages).flatMap(([path, { dev, peer, optional }]) => (path !== '' && !dev && !peer && !optional && existsSync(at(path)) ? [path] : []));
};

/** The shared libraries that a program or library is linked to. */
const librariesOf = (file: string): string[] => [...execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] as string);

/** Fills a folder with all that the guest is: a root file system whose `init` performs and powers off. */
const fill = (root: string, { modules }: Kernel): void => {
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(realpathSync(from), join(root, to));
  };
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'tmp', 'root']) mkdirSync(join(root, folder), { recursive: true });
  const which = (name: string): string => execFileSync('which', [name], { encoding: 'utf8' }).trim();
  const programs = [['busybox', which('busybox')], ['aconnect', which('aconnect')], ['node', process.execPath]] as const;
  for (const [name, file] of programs) put(file, `bin/${name}`);
  const binding = at('node_modules/@julusian/midi/prebuilds/midi-linux-x64/node-napi-v7.node');
  const libraries = new Set([which('aconnect'), process.execPath, ...(existsSync(binding) ? [binding] : [])].flatMap(librariesOf));
  for (const library of libraries) put(library, library);
  for (const module of modules) put(module, `modules/${module.split('/').pop()}`);
  cpSync('/usr/share/alsa', join(root, 'usr/share/alsa'), { recursive: true, dereference: true, filter: (each) => !/\/(ucm2?|topology)$/.test(each) });
  for (const path of ['package.json', 'dist', ...packages()]) {
    cpSync(realpathSync(at(path)), join(root, 'antiphon', path), { recursive: true, dereference: true, filter: (each) => !LEFT_OUT.test(each) });
  }
  // Harmony's own model takes an emulated processor a hundred times as long: over JACK it plays.
  saveTiny(join(root, 'antiphon'), 'harmony');
  writeFileSync(join(root, 'init'), INIT.replace('MODULES', modules.map((each) => each.split('/').pop()).join(' ')));
  chmodSync(join(root, 'init'), 0o755);
};

/** Writes the guest's file system as the kernel unpacks it at its start. */
export const buildGuest = (folder: string, kernel: Kernel): string => {
  const root = join(folder, 'root');
  fill(root, kernel);
  const file = join(folder, 'initramfs.cpio');
  execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet -R 0:0 > "$0"`, file], { cwd: root });
  return file;
};

/** A machine with no disk and no network; what it prints is on its serial port. A processor of before AVX: wider words only take longer to emulate. */
export const guestWords = (kernel: Kernel, initramfs: string): string[] => [
  '-accel', 'tcg,thread=multi', '-cpu', 'Nehalem', '-smp', '2', '-m', '2048', '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-nic', 'none',
  '-kernel', kernel.image, '-initrd', initramfs, '-append', 'console=ttyS0 quiet loglevel=0 panic=-1 mitigations=off',
];
