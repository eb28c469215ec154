import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setupSteps, type SetupStep } from '../../src/engine/setup.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'antiphon-'));
  vi.stubEnv('ANTIPHON_TENSORFLOW', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const SITE = 'venv/lib/python3.11/site-packages';
const PACKAGE = 'node_modules/@tensorflow/tfjs-node-gpu';

const put = (path: string): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), '');
};

/** Programs that leave behind what the real ones do, and a list of what was run. */
const pretended = (nodedir: string): readonly [string[], NonNullable<Parameters<typeof setupSteps>[1]>] => {
  const ran: string[] = [];
  return [ran, async (program, parameters, { env }) => {
    const line = [program.replace(home, ''), ...parameters.map((each) => each.replace(home, ''))].join(' ');
    ran.push(env && Object.keys(env).length > 0 ? `${line} with ${JSON.stringify(env)}` : line);
    if (line.includes('-m venv')) [`venv/bin/pip`, `${SITE}/pip/x.py`].forEach(put);
    if (line.includes('pip install')) {
      const [wheel] = parameters.slice(-1)[0]?.startsWith('tensorflow-cpu') ? ['tensorflow_cpu'] : ['tensorflow'];
      [`${SITE}/tensorflow/libtensorflow_cc.so.2`, `${SITE}/tensorflow/libtensorflow_framework.so.2`, `${SITE}/tensorflow/include/c.h`, `${SITE}/${wheel}-2.21.0.dist-info/RECORD`].forEach(put);
      if (wheel === 'tensorflow') put(`${SITE}/nvidia/cudnn/lib/libcudnn.so.9`);
    }
    if (line.startsWith('npm install')) [`${PACKAGE}/package.json`, 'node_modules/.package-lock.json'].forEach(put);
    if (line.startsWith('npx')) put(`${PACKAGE}/lib/napi-v8/tfjs_binding.node`);
    return { out: line.startsWith('npm config') ? `${nodedir}\n` : '' };
  }];
};

const upTo = (steps: readonly SetupStep[]): readonly SetupStep[] => steps.filter(({ name }) => name !== 'check');
const runAll = async (steps: readonly SetupStep[]): Promise<string[]> => {
  const names: string[] = [];
  for (const step of upTo(steps)) {
    if (step.done()) continue;
    await step.run();
    names.push(step.name);
  }
  return names;
};

describe.skipIf(process.platform !== 'linux')('setupSteps', () => {
  it('runs the recipe in order, and only the look at the tools a second time', async () => {
    const [ran, run] = pretended('undefined');
    expect(await runAll(setupSteps({ cuda: false }, run))).toEqual(['tools', 'environment', 'library', 'package', 'links', 'binding']);
    expect(ran).toEqual([
      'python3 -c import venv, ensurepip',
      'make --version',
      'g++ --version',
      'python3 -m venv --clear /venv',
      '/venv/bin/python -m pip install --disable-pip-version-check --no-deps tensorflow-cpu==2.21.0',
      'npm install --ignore-scripts --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0',
      'npm config get nodedir',
      'npx --no node-pre-gyp install --build-from-source',
    ]);
    expect(readlinkSync(join(home, PACKAGE, 'deps/lib/libtensorflow.so'))).toBe(join(home, SITE, 'tensorflow/libtensorflow_cc.so.2'));
    expect(readlinkSync(join(home, PACKAGE, 'deps/lib/libtensorflow_framework.so'))).toBe(join(home, SITE, 'tensorflow/libtensorflow_framework.so.2'));
    expect(readlinkSync(join(home, PACKAGE, 'deps/include'))).toBe(join(home, SITE, 'tensorflow/include'));
    expect(await runAll(setupSteps({ cuda: false }, run))).toEqual(['tools']);
  });

  it('passes npm\'s nodedir on to the build', async () => {
    const [ran, run] = pretended('/usr');
    await runAll(setupSteps({ cuda: false }, run));
    expect(ran.slice(-1)).toEqual(['npx --no node-pre-gyp install --build-from-source with {"npm_config_nodedir":"/usr"}']);
  });

  it('fetches the library again where pip was interrupted, and links it again', async () => {
    const [, run] = pretended('undefined');
    await runAll(setupSteps({ cuda: false }, run));
    rmSync(join(home, SITE, 'tensorflow_cpu-2.21.0.dist-info/RECORD'));
    rmSync(join(home, PACKAGE, 'deps'), { recursive: true });
    expect(await runAll(setupSteps({ cuda: false }, run))).toEqual(['tools', 'library', 'links']);
  });

  it('replaces the library for one with CUDA, and puts NVIDIA\'s beside it', async () => {
    const [ran, run] = pretended('undefined');
    await runAll(setupSteps({ cuda: false }, run));
    expect(await runAll(setupSteps({ cuda: true }, run))).toEqual(['tools', 'library', 'links']);
    expect(ran.slice(-1)).toEqual(['/venv/bin/python -m pip install --disable-pip-version-check tensorflow[and-cuda]==2.21.0']);
    expect(readlinkSync(join(home, PACKAGE, 'deps/lib/libcudnn.so.9'))).toBe(join(home, SITE, 'nvidia/cudnn/lib/libcudnn.so.9'));
  });
});
