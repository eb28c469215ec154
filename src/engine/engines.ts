import { AntiphonError } from '../core/errors.ts';
import type { Predictor } from '../model/predictor.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { Embedded } from './embedded.ts';
import { Runtime } from './runtime.ts';
import { loadTensorFlow, obstacleToTensorFlow } from './tensorflow.ts';
import { tensors } from './tensors.ts';
import { loadCpu } from './tensorflow-js.ts';
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
  /**
   * A model on it, in this process. Of those that are TensorFlow.js the one opened last is the one it uses: one at a time in a process.
   * @throws AntiphonError `model.weights`
   */
  open(shape: Shape, weights: Weights): Promise<Predictor>;
}

/** Every engine, the one that can do most first. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'tensorflow',
    process: 'own',
    how: 'Run `antiphon setup tensorflow`.',
    available: () => obstacleToTensorFlow() ?? true,
    open: async (shape, weights) => {
      const { tf, gpu } = loadTensorFlow();
      return Runtime.open(tensors(tf, gpu ? 'engine' : 'here'), shape, weights);
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
    open: async (shape, weights) => Runtime.open(tensors(await loadWebgpu(), 'engine'), shape, weights),
  },
  { name: 'wasm', process: 'ours', how: '', available: () => true, open: async (shape, weights) => Runtime.open(new Embedded(), shape, weights) },
  { name: 'cpu', process: 'ours', how: '', available: () => true, open: async (shape, weights) => Runtime.open(tensors(await loadCpu(), 'here'), shape, weights) },
];

/** The names of the engines that can be used here. */
export const availableEngines = (): EngineName[] => ENGINES.filter((each) => each.available() === true).map(({ name }) => name);

/** @throws AntiphonError `engine.name` */
export const engineOf = (name: string): Engine => {
  const found = ENGINES.find((each) => each.name === name);
  if (!found) throw new AntiphonError('engine.name', 'No such engine', name, `Available here: ${availableEngines().join(', ')}; known: auto, ${ENGINES.map((each) => each.name).join(', ')}.`);
  return found;
};
