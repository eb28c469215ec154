import { createRequire } from 'node:module';
import { AntiphonError, messageOf } from '../core/errors.ts';
import type { Tf } from './tensorflow.ts';

const PEERS = ['webgpu', '@tensorflow/tfjs-backend-webgpu'] as const;

/** The peer packages WebGPU still needs; none when it can be tried. */
export const missingForWebgpu = (): string[] => {
  const { resolve } = createRequire(import.meta.url);
  return PEERS.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
};

/**
 * TensorFlow.js on a GPU through Dawn, the WebGPU of Chromium. Native code: the stage's process never calls this.
 * @throws AntiphonError `engine.webgpu` where a package or a device is missing
 */
export const loadWebgpu = async (): Promise<Tf> => {
  const missing = missingForWebgpu();
  if (missing.length > 0) throw new AntiphonError('engine.webgpu', 'WebGPU needs the packages', missing, `Run \`npm install ${missing.join(' ')}\`.`);
  try {
    // By name in variables: neither is installed where types are checked.
    const dawn = (await import(PEERS[0] as string)) as { readonly create: (flags: readonly string[]) => { requestAdapter(): Promise<unknown> }; readonly globals: object };
    Object.assign(globalThis, dawn.globals);
    const gpu = dawn.create([]);
    // The backend takes an adapter for granted.
    if (!(await gpu.requestAdapter())) throw new Error('no GPU driver found');
    // Node 21 and later have a `navigator` of their own, which can be added to and not replaced.
    if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
    Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
    const tf = await import('@tensorflow/tfjs-core');
    await import(PEERS[1] as string);
    if (!(await tf.setBackend('webgpu'))) throw new Error('no device');
    await tf.ready();
    return tf;
  } catch (thrown) {
    throw new AntiphonError('engine.webgpu', 'WebGPU does not start', messageOf(thrown).split('\n')[0], 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver; use `--engine wasm`.');
  }
};
