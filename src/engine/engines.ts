import { AntiphonError } from '../core/errors.ts';
import type { Cells } from './cells.ts';
import { loadTensorFlow, obstacleToTensorFlow, type Tf } from './tensorflow.ts';
import { loadCpu, loadWasm } from './wasm.ts';
import { loadWebgpu, missingForWebgpu } from './webgpu.ts';

export type EngineName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** One engine: a row of the table. */
export interface Engine {
  readonly name: EngineName;
  /** Native code can end its process, so it gets one of its own. */
  readonly process: 'own' | 'ours';
  /** What has to be done to have it; empty where nothing has. */
  readonly how: string;
  /** True, or why it cannot be used here. Says only what is installed: whether it runs shows when it is opened. */
  available(): true | string;
  /** Loads its library into this process. The engine loaded last is the one TensorFlow.js uses: one at a time in a process. */
  load(): Promise<{ readonly tf: Tf; readonly cells: Cells }>;
}

/** Every engine, the one that can do most first. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'tensorflow',
    process: 'own',
    how: 'Run `antiphon setup tensorflow`.',
    available: () => obstacleToTensorFlow() ?? true,
    load: async () => {
      const { tf, gpu } = loadTensorFlow();
      return { tf, cells: gpu ? 'engine' : 'here' };
    },
  },
  {
    name: 'webgpu',
    process: 'own',
    how: 'Run `npm install webgpu @tensorflow/tfjs-backend-webgpu`.',
    available: () => {
      const missing = missingForWebgpu();
      return missing.length === 0 || `not installed: ${missing.join(', ')}`;
    },
    load: async () => ({ tf: await loadWebgpu(), cells: 'engine' }),
  },
  { name: 'wasm', process: 'ours', how: '', available: () => true, load: async () => ({ tf: await loadWasm(), cells: 'here' }) },
  { name: 'cpu', process: 'ours', how: '', available: () => true, load: async () => ({ tf: await loadCpu(), cells: 'here' }) },
];

/** The names of the engines that can be used here. */
export const availableEngines = (): EngineName[] => ENGINES.filter((each) => each.available() === true).map(({ name }) => name);

/** @throws AntiphonError `engine.name` */
export const engineOf = (name: string): Engine => {
  const found = ENGINES.find((each) => each.name === name);
  if (!found) throw new AntiphonError('engine.name', 'No such engine', name, `Available here: ${availableEngines().join(', ')}; known: auto, ${ENGINES.map((each) => each.name).join(', ')}.`);
  return found;
};
