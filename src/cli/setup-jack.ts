import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { runProgram } from '../engine/program.ts';
import type { SetupStep } from '../engine/setup.ts';
import { bindingPackage, jackBinding, jackHome } from '../midi/driver.ts';
import { JACK_CHANGES, type Change } from './jack-changes.ts';

/** What the build of `@julusian/midi` needs, beside itself. */
const NEEDS = ['node-addon-api', 'pkg-prebuilds', 'tslib'];

/** The steps of `antiphon setup jack`, in order. `run` may be replaced in tests. */
export const jackSteps = (run: typeof runProgram = runProgram): readonly SetupStep[] => {
  const home = jackHome();
  const folder = join(home, 'node_modules', '@julusian', 'midi');
  return [
    {
      name: 'tools',
      what: "look for g++, make and JACK's headers",
      done: () => existsSync(jackBinding()),
      run: async () => {
        if (process.platform !== 'linux') throw new AntiphonError('setup.system', 'JACK can be set up on Linux only, and this is', process.platform, 'The ports of the system need no set-up.');
        await run('make', ['--version'], {});
        await run('g++', ['-E', '-include', 'jack/midiport.h', '-x', 'c++', '/dev/null', '-o', '/dev/null'], {});
      },
    },
    {
      name: 'sources',
      what: "copy the MIDI package's sources, and turn them to JACK",
      done: () => existsSync(jackBinding()),
      run: async () => {
        rmSync(home, { recursive: true, force: true });
        const source = bindingPackage().folder;
        const packages = [['@julusian/midi', source], ...NEEDS.map((name) => [name, packageFolder(name, source)])] as const;
        for (const [name, from] of packages) {
          const to = join(home, 'node_modules', name as string);
          mkdirSync(dirname(to), { recursive: true });
          cpSync(from as string, to, { recursive: true, dereference: true, filter: (each) => !/[/\\](prebuilds|build)$/.test(each) });
        }
        writeFileSync(join(home, 'package.json'), '{"private":true}\n');
        for (const change of JACK_CHANGES) apply(change, folder);
      },
    },
    {
      name: 'binding',
      what: 'compile the binding',
      done: () => existsSync(jackBinding()),
      run: async () => {
        // Through npm, which brings node-gyp along and knows where Node's headers lie.
        await run('npm', ['run', 'rebuild'], { cwd: folder });
      },
    },
    {
      name: 'check',
      what: 'load it',
      done: () => false,
      run: async () => {
        try {
          await run(process.execPath, ['-e', 'require("@julusian/midi")'], { cwd: home });
        } catch (thrown) {
          // Not done, then: the next run builds it again.
          renameSync(jackBinding(), `${jackBinding()}.faulty`);
          throw thrown;
        }
      },
    },
  ];
};

const packageFolder = (name: string, from: string): string => dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`));

const apply = ({ file, from, to }: Change, folder: string): void => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new AntiphonError('setup.step', `${file} of @julusian/midi ${bindingPackage().version} has changed: it lacks`, from, 'Install the version that package-lock.json names (`npm ci`).');
  writeFileSync(path, text.replaceAll(from, to));
};
