import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { Tf } from './tensorflow.ts';

/** TensorFlow.js on WebAssembly with SIMD, one thread: the embedded default, from the package alone. */
export const loadWasm = async (): Promise<Tf> => {
  const tf = await import('@tensorflow/tfjs-core');
  const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
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
