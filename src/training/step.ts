import type { Scalar, Variable } from '@tensorflow/tfjs-core';
import { keyOf } from '../core/rng.ts';
import type { Tf } from '../engine/tensorflow.ts';
import type { Adam } from './adam.ts';
import { forgotten } from './batches.ts';
import { forget, free, held, openMemory, type Memory } from './memory.ts';
import type { Batch, Dropout, Network } from './network.ts';

/** The gradient's global norm is held to this. */
const CLIP = 1;

/** Milliseconds that steps took so far, by what they were spent on; true where the engine computes when it is asked, as on a CPU. */
export interface StepTimes {
  forward: number;
  backward: number;
  optimiser: number;
}

/** One step of training after another: forward, backward, and the optimiser; carries the rows' memory from batch to batch. */
export class TrainingSteps {
  memory: Memory;
  readonly times: StepTimes = { forward: 0, backward: 0, optimiser: 0 };
  private readonly tf: Tf;
  private readonly network: Network;
  private readonly adam: Adam;
  private readonly seed: number;
  private readonly forgetting: number | undefined;
  private readonly variables: Variable[];
  private readonly names: ReadonlyMap<string, string>;

  constructor(tf: Tf, network: Network, adam: Adam, rows: number, seed: number, forgetting?: number) {
    this.tf = tf;
    this.network = network;
    this.adam = adam;
    this.seed = seed;
    this.forgetting = forgetting;
    this.memory = openMemory(tf, network.shape, rows);
    this.variables = [...network.variables.values()];
    this.names = new Map([...network.variables].map(([name, variable]) => [name, variable.name]));
  }

  /** Learns from `batch`, the one numbered `step`, and gives its nats an event from before. */
  async take(batch: Batch, step: number, rate: number, dropout: Dropout): Promise<number> {
    const { tf, network, times } = this;
    const began = performance.now();
    let forward = 0;
    const before = this.memory;
    this.memory = forget(tf, before, forgotten(batch.rows, this.seed, step, this.forgetting));
    free(before);
    const entering = held(this.memory);
    const { value, grads } = tf.variableGrads(() => {
      const losses = network.losses(batch, this.memory, dropout, keyOf(this.seed, 0xd0, step));
      const loss = tf.div(losses.reduce((sum, each) => tf.add(sum, each)), batch.steps * batch.rows) as Scalar;
      forward = performance.now() - began;
      return loss;
    }, this.variables);
    free(entering);
    const differentiated = performance.now();
    this.adam.apply(grads, this.names, rate, CLIP);
    tf.dispose(grads);
    const nats = (await value.data())[0] as number;
    value.dispose();
    times.forward += forward;
    times.backward += differentiated - began - forward;
    times.optimiser += performance.now() - differentiated;
    return nats;
  }
}
