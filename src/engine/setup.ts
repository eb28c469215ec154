import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { PlainPredictor } from '../model/plain.ts';
import { openState } from '../model/predictor.ts';
import { runProgram, type Ran } from './program.ts';
import { RemotePredictor } from './remote.ts';
import { SAMPLE, sampleWeights } from './sample.ts';
import { findBinding, tensorflowHome } from './tensorflow.ts';

export interface SetupOptions {
  /** TensorFlow for NVIDIA GPUs, with the libraries it needs. */
  readonly cuda: boolean;
  /** The bundled `child.js` that the check runs in; found beside this bundle by default. */
  readonly entry?: string;
}

/** One step of setting up: skipped where `done`, and safe to begin again where it was interrupted. */
export interface SetupStep {
  readonly name: string;
  /** What it does, for people. */
  readonly what: string;
  done(): boolean;
  /** @throws AntiphonError `setup.step` with the last lines of what was run */
  run(): Promise<void>;
}

const TENSORFLOW = '2.21.0';
const PACKAGE = '@tensorflow/tfjs-node-gpu';
const PACKAGE_VERSION = '4.22.0';
const CLOSE = 1e-3;

/** The steps of `antiphon setup tensorflow`, in order. `run` may be replaced in tests. */
export const setupSteps = (options: SetupOptions, run: typeof runProgram = runProgram): readonly SetupStep[] => {
  const home = tensorflowHome();
  const python = join(home, 'venv', 'bin', 'python');
  const folder = join(home, 'node_modules', ...PACKAGE.split('/'));
  const wheel = options.cuda ? 'tensorflow' : 'tensorflow_cpu';
  return [
    {
      name: 'tools',
      what: 'look for python3 with venv, g++ and make',
      done: () => false,
      run: async () => {
        if (process.platform !== 'linux') throw new AntiphonError('setup.system', 'TensorFlow can be set up on Linux only, and this is', process.platform, 'The wasm engine needs no set-up.');
        await run('python3', ['-c', 'import venv, ensurepip'], {});
        await run('make', ['--version'], {});
        await run('g++', ['--version'], {});
      },
    },
    {
      name: 'environment',
      what: `make a Python environment in ${join(home, 'venv')}`,
      done: () => existsSync(join(home, 'venv', 'bin', 'pip')),
      run: async () => {
        mkdirSync(home, { recursive: true });
        await run('python3', ['-m', 'venv', '--clear', join(home, 'venv')], {});
      },
    },
    {
      name: 'library',
      what: `fetch TensorFlow ${TENSORFLOW} ${options.cuda ? 'for CUDA (about 4 GB to fetch)' : '(270 MB to fetch, 1.6 GB on disk)'}`,
      done: () => installedWheel(home, wheel),
      run: async () => {
        // The wheels for CPU and CUDA fill one and the same folder, and pip cannot remove one that was interrupted.
        const site = sitePackages(home);
        for (const each of site ? readdirSync(site) : []) if (/^tensorflow(_cpu)?(-.*)?$/.test(each)) rmSync(join(site as string, each), { recursive: true });
        // The C library needs none of the Python packages the wheel asks for; on CUDA it needs NVIDIA's.
        await run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', ...(options.cuda ? [`tensorflow[and-cuda]==${TENSORFLOW}`] : ['--no-deps', `tensorflow-cpu==${TENSORFLOW}`])], {});
      },
    },
    {
      name: 'package',
      what: `fetch ${PACKAGE} ${PACKAGE_VERSION}, without the library its own script would fetch`,
      done: () => existsSync(join(folder, 'package.json')) && existsSync(join(home, 'node_modules', '.package-lock.json')),
      run: async () => {
        writeFileSync(join(home, 'package.json'), '{"private":true}\n');
        await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${PACKAGE}@${PACKAGE_VERSION}`], { cwd: home });
      },
    },
    { name: 'links', what: 'show the package where the library lies', done: () => linksOf(home, folder).every(([from, to]) => linkOf(from) === to), run: async () => linkAll(linksOf(home, folder), folder) },
    {
      name: 'binding',
      what: 'compile the binding',
      done: () => findBinding(folder) !== undefined,
      run: async () => {
        await run('npx', ['--no', 'node-pre-gyp', 'install', '--build-from-source'], { cwd: folder, env: await headers(run) });
      },
    },
    { name: 'check', what: 'load it and run a model, against plain arithmetic', done: () => false, run: () => check(options.entry) },
  ];
};

/** pip writes RECORD last: a wheel that was interrupted has none. */
const installedWheel = (home: string, wheel: string): boolean => {
  const site = sitePackages(home);
  return site !== undefined && readdirSync(site).some((each) => each.startsWith(`${wheel}-${TENSORFLOW}`) && existsSync(join(site, each, 'RECORD'))) && existsSync(join(site, 'tensorflow', 'libtensorflow_cc.so.2'));
};

const sitePackages = (home: string): string | undefined => {
  const lib = join(home, 'venv', 'lib');
  const version = existsSync(lib) ? readdirSync(lib).find((each) => each.startsWith('python')) : undefined;
  const site = version && join(lib, version, 'site-packages');
  return site && existsSync(site) ? site : undefined;
};

const linkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

/** What has to be linked, from where and to what. */
const linksOf = (home: string, folder: string): readonly (readonly [string, string])[] => {
  const site = sitePackages(home) ?? '';
  const library = (name: string): string => join(site, 'tensorflow', name);
  const lib = (name: string): string => join(folder, 'deps', 'lib', name);
  const nvidia = join(site, 'nvidia');
  // The library looks for CUDA beside itself, and `deps/lib` is where it is loaded from.
  const cuda = existsSync(nvidia) ? readdirSync(nvidia).map((each) => join(nvidia, each, 'lib')).filter((each) => existsSync(each)) : [];
  return [
    ...cuda.flatMap((place) => readdirSync(place).filter((name) => name.includes('.so')).map((name) => [lib(name), join(place, name)] as const)),
    [join(folder, 'deps', 'include'), library('include')],
    [lib('libtensorflow_cc.so.2'), library('libtensorflow_cc.so.2')],
    [lib('libtensorflow.so'), library('libtensorflow_cc.so.2')],
    [lib('libtensorflow_framework.so.2'), library('libtensorflow_framework.so.2')],
    [lib('libtensorflow_framework.so'), library('libtensorflow_framework.so.2')],
  ];
};

const linkAll = (links: readonly (readonly [string, string])[], folder: string): void => {
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  mkdirSync(join(folder, 'deps', 'lib'), { recursive: true });
  for (const [from, to] of links) symlinkSync(to, from);
};

/** npm's `nodedir`, where Node's headers lie on machines that cannot fetch them; it does not reach a nested build by itself. */
const headers = async (run: typeof runProgram): Promise<Readonly<Record<string, string>>> => {
  const nodedir = await run('npm', ['config', 'get', 'nodedir'], {}).then(({ out }: Ran) => out.trim().split('\n').slice(-1)[0] ?? '', () => '');
  return nodedir === '' || nodedir === 'undefined' || nodedir === 'null' ? {} : { npm_config_nodedir: nodedir };
};

const check = async (entry: string | undefined): Promise<void> => {
  const weights = sampleWeights(SAMPLE, 1);
  const remote = await RemotePredictor.open('tensorflow', SAMPLE, weights, entry === undefined ? {} : { entry });
  const [one, other] = [openState(SAMPLE), openState(SAMPLE)];
  try {
    await remote.submit([{ kind: 'feed', state: one, event: [60, 1, 2] }]);
  } finally {
    remote.close();
  }
  await new PlainPredictor(SAMPLE, weights).submit([{ kind: 'feed', state: other, event: [60, 1, 2] }]);
  const off = Math.max(...one.heads.map((value, i) => Math.abs(value - (other.heads[i] as number))));
  if (!(off < CLOSE)) throw new AntiphonError('setup.check', 'TensorFlow loads and computes something else; it is off by', off, 'Remove its folder and set it up again; if that does not help, use `--engine wasm`.');
};
