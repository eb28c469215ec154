import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { tensorflowHome } from '../engine/tensorflow.ts';
import { endWithUs } from './spawned.ts';

/** The model that is trained on both sides, and its batches. */
export interface KerasModel {
  readonly inputs: number;
  readonly outputs: number;
  readonly embedding: number;
  readonly layers: readonly number[];
  readonly head: number;
  readonly rows: number;
  readonly length: number;
}

/** Reads the model as its first line; then a number of steps a line, and answers with the seconds they took, on the clock and of processors. */
const PROGRAM = `
import json, os, sys, time
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import numpy, tensorflow, keras
told = json.loads(sys.stdin.readline())
rows, length, layers = told['rows'], told['length'], keras.layers
stack = [layers.LSTM(units, return_sequences=True, stateful=True) for units in told['layers']]
model = keras.Sequential([keras.Input(shape=(length,), batch_size=rows, dtype='int32'), layers.Embedding(told['inputs'], told['embedding']), *stack, layers.Dense(told['head'], activation='tanh'), layers.Dense(told['outputs'])])
# Without XLA: on a CPU it makes these layers slower.
model.compile(keras.optimizers.Adam(0.001, global_clipnorm=1.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
print(json.dumps({'keras': keras.__version__, 'tensorflow': tensorflow.__version__, 'parameters': model.count_params()}), flush=True)
drawn = numpy.random.default_rng(1)
for line in sys.stdin:
    steps = int(line)
    fed, wanted = (drawn.integers(0, told['outputs'], (steps * rows, length)) for _ in range(2))
    batches = tensorflow.data.Dataset.from_tensor_slices((fed, wanted)).batch(rows, drop_remainder=True)
    began, busy = time.perf_counter(), time.process_time()
    model.fit(batches, epochs=1, verbose=0, shuffle=False)
    print(json.dumps([time.perf_counter() - began, time.process_time() - busy]), flush=True)
`;

/** What steps took, in seconds: on the clock, and of all processors together. */
export interface Took {
  readonly wall: number;
  readonly busy: number;
}

/** The same model in Keras, in a process of its own that waits between its turns. */
export interface Keras {
  /** As `Keras 3.15.0 on TensorFlow 2.21.0`. */
  readonly version: string;
  readonly parameters: number;
  train(steps: number): Promise<Took>;
  close(): void;
}

/** The Python that is asked: as given, else `$ANTIPHON_PYTHON`, else the one beside TensorFlow, else python3. */
export const pythonFor = (given: string | undefined): string => {
  const beside = join(tensorflowHome(), 'venv', 'bin', 'python');
  return given ?? process.env['ANTIPHON_PYTHON'] ?? (existsSync(beside) ? beside : 'python3');
};

/** Opens Keras; where that does not go, a line that says why. */
export const openKeras = async (python: string, model: KerasModel): Promise<Keras | string> => {
  const child = endWithUs(spawn(python, ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] }));
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => (told = (told + bytes.toString()).slice(-4000)));
  child.stdin.on('error', () => {});
  const failed = new Promise<string>((resolve) => child.once('error', (thrown) => resolve(thrown.message)).once('close', () => resolve(told.trim().split('\n').at(-1) ?? '')));
  const lines = createInterface({ input: child.stdout });
  const ask = asking(child, lines, failed);
  try {
    const { keras, tensorflow, parameters } = JSON.parse(await ask(JSON.stringify(model))) as { keras: string; tensorflow: string; parameters: number };
    return { version: `Keras ${keras} on TensorFlow ${tensorflow}`, parameters, train: async (steps) => tookOf(JSON.parse(await ask(String(steps))) as [number, number]), close: () => void child.kill() };
  } catch (thrown) {
    child.kill();
    return `no Keras to compare with: ${python}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
};

const tookOf = ([wall, busy]: readonly [number, number]): Took => ({ wall, busy });

/** One line there, one line back; rejects where the process ends instead. */
const asking = (child: ChildProcess, lines: Interface, failed: Promise<string>) => async (line: string): Promise<string> => {
  const answer = new Promise<string>((resolve) => lines.once('line', resolve));
  child.stdin?.write(`${line}\n`);
  return Promise.race([answer, failed.then((why) => Promise.reject(new Error(why)))]);
};
