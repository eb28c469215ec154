import { runInThisContext } from 'node:vm';
import { buildSync } from 'esbuild';
import type { Tf } from '../../src/engine/tensorflow.ts';
import { loadCpu } from '../../src/engine/tensorflow-js.ts';

/**
 * TensorFlow.js in plain JavaScript, able to train. The package's entry for Node leaves the gradients out, and the module that
 * registers them names its imports without extensions, which Node does not load: hence the bundle. The registry is global.
 */
export const loadTrainingCpu = async (): Promise<Tf> => {
  const tf = await loadCpu();
  const { outputFiles } = buildSync({ stdin: { contents: "import '@tensorflow/tfjs-core/dist/register_all_gradients'", resolveDir: import.meta.dirname }, bundle: true, write: false, format: 'iife', platform: 'browser', logLevel: 'error' });
  runInThisContext(outputFiles[0]?.text ?? '');
  return tf;
};
