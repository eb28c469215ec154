import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs-core';
import { AntiphonError } from '../core/errors.ts';
import { halfOf, multipliesHalf, type Half, type HalfBinding } from './half.ts';

/** TensorFlow.js, whichever copy of it an engine brings along. */
export type Tf = typeof tfjs;

/** Where `antiphon setup tensorflow` puts the engine: outside the clone, so that one set-up serves them all. */
export const tensorflowHome = (): string =>
  process.env['ANTIPHON_TENSORFLOW'] ?? join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'antiphon', 'tensorflow');

type Attribute = { readonly name: string; readonly type: number; readonly value: unknown };
type Attributes = Readonly<Record<string, boolean | number | 'float32' | 'int32'>>;

interface NodeBackend {
  readonly binding: Readonly<Record<string, number>> & HalfBinding;
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly unknown[]): number[];
  createOutputTensor(output: { readonly id: number }): tfjs.Tensor;
  executeMultipleOutputs(name: string, attributes: readonly Attribute[], inputs: readonly unknown[], outputs: number): tfjs.Tensor[];
}

/** TensorFlow's own operations, by name: those that TensorFlow.js has no word for. */
export interface Raw {
  run(name: string, attributes: Attributes, inputs: readonly unknown[], outputs: number): tfjs.Tensor[];
  int64(value: number): unknown;
  /** Products in bfloat16; null where the processor has none, or full precision was asked for. */
  readonly half: Half | null;
}

export interface TensorFlow {
  readonly tf: Tf;
  readonly raw: Raw;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
}

/** The package's place, as a peer of ours or in its own home; undefined where it is neither. */
export const findTensorFlow = (): string | undefined => {
  for (const from of [import.meta.url, join(tensorflowHome(), 'package.json')]) {
    try {
      return createRequire(from).resolve('@tensorflow/tfjs-node-gpu/package.json');
    } catch {
      continue;
    }
  }
  return undefined;
};

/** The compiled binding of the package in `folder`; undefined where it has not been built. */
export const findBinding = (folder: string): string | undefined => {
  const lib = join(folder, 'lib');
  if (!existsSync(lib)) return undefined;
  return readdirSync(lib).map((each) => join(lib, each, 'tfjs_binding.node')).find((each) => existsSync(each));
};

/** Why TensorFlow cannot be loaded here, as far as files show it; undefined when it can. */
export const obstacleToTensorFlow = (): string | undefined => {
  const place = findTensorFlow();
  if (!place) return 'not set up';
  return findBinding(dirname(place)) ? undefined : 'its set-up was not finished';
};

/**
 * Loads `@tensorflow/tfjs-node-gpu`. A fault in it can end the process: the stage's process never calls this.
 * @throws AntiphonError `engine.tensorflow` where it is missing or does not load
 */
export const loadTensorFlow = (): TensorFlow => {
  const place = findTensorFlow();
  const advice = 'Run `antiphon setup tensorflow`.';
  if (!place || !existsSync(place)) throw new AntiphonError('engine.tensorflow', 'TensorFlow is not set up in', tensorflowHome(), advice);
  // Processors with AMX or AVX512-BF16 multiply twice as fast so; others ignore it. Read by the library when it loads.
  process.env['ONEDNN_DEFAULT_FPMATH_MODE'] ??= 'BF16';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;
  const require = createRequire(place);
  try {
    const tf = require('@tensorflow/tfjs-node-gpu') as Tf;
    // The embedded engine's copy would warn that it finds this one here.
    tf.enableProdMode();
    const { Int64Scalar } = require('./dist/int64_tensors.js') as { Int64Scalar: new (value: number) => unknown };
    return { tf, raw: rawOf(tf, Int64Scalar), gpu: (tf.backend() as unknown as NodeBackend).isUsingGpuDevice };
  } catch (thrown) {
    throw new AntiphonError('engine.tensorflow', 'TensorFlow does not load', thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown), advice);
  }
};

const rawOf = (tf: Tf, Int64Scalar: new (value: number) => unknown): Raw => {
  const backend = tf.backend() as unknown as NodeBackend;
  const { TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding as Record<string, number>;
  const attribute = ([name, value]: [string, boolean | number | string]): Attribute => {
    if (typeof value === 'boolean') return { name, type: TF_ATTR_BOOL as number, value };
    if (typeof value === 'string') return { name, type: TF_ATTR_TYPE as number, value: value === 'int32' ? TF_INT32 : TF_FLOAT };
    // A float attribute is written with its name's suffix in TensorFlow's own tables; these three are all we use.
    return { name, type: (['forget_bias', 'cell_clip'].includes(name) ? TF_ATTR_FLOAT : TF_ATTR_INT) as number, value };
  };
  return {
    run: (name, attributes, inputs, outputs) => backend.executeMultipleOutputs(name, Object.entries(attributes).map(attribute), inputs, outputs),
    int64: (value) => new Int64Scalar(value),
    half: wantsHalf(backend) ? halfOf(backend.binding, (x) => backend.getInputTensorIds([x])[0] as number, (output) => backend.createOutputTensor(output)) : null,
  };
};

const wantsHalf = ({ isUsingGpuDevice }: NodeBackend): boolean => process.env['ONEDNN_DEFAULT_FPMATH_MODE'] === 'BF16' && !isUsingGpuDevice && multipliesHalf();
