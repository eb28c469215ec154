import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as Backend from '@tensorflow/tfjs-backend-wasm';
import type { Tf } from './tensorflow.ts';

// An `import` would first read all of it for the names of what it exports, which takes a fifth of a second.
const fromHere = createRequire(import.meta.url);

/** TensorFlow.js on WebAssembly with SIMD, one thread: judges whole pieces in batches where TensorFlow is not set up. */
export const loadWasm = async (): Promise<Tf> => {
  const tf = fromHere('@tensorflow/tfjs-core') as Tf;
  const { setThreadsCount, setWasmPaths } = fromHere('@tensorflow/tfjs-backend-wasm') as typeof Backend;
  setWasmPaths(dirname(fromHere.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  setThreadsCount(1);
  tf.enableProdMode();
  await tf.setBackend('wasm');
  return tf;
};

/** TensorFlow.js in plain JavaScript: the last resort. */
export const loadCpu = async (): Promise<Tf> => {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  // It would print an advertisement for another engine.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return tf;
};
