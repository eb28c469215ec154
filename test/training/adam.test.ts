import { expect, it } from 'vitest';
import type { Variable } from '@tensorflow/tfjs-core';
import { Adam } from '../../src/training/adam.ts';
import { loadTrainingCpu } from './cpu.ts';

it('moves by the rate against the gradient, and so many times as far what learns faster', async () => {
  const tf = await loadTrainingCpu();
  const variables = new Map<string, Variable>(['all', 'told'].map((name) => [name, tf.variable(tf.tensor1d([1, -2]), true, `adam ${name}`)]));
  const adam = new Adam(tf, variables, 0, new Map([['told', 20]]));
  const gradient = tf.tensor1d([0.01, -0.02]);
  adam.apply({ 'adam all': gradient, 'adam told': gradient }, new Map([...variables.keys()].map((name) => [name, `adam ${name}`])), 0.001, 1);
  const moved = (name: string): number[] => Array.from((variables.get(name) as Variable).dataSync());
  // The first step is the rate, whatever the gradient's size (Kingma and Ba 2015, section 2.1).
  [0.999, -1.999].forEach((value, i) => expect(moved('all')[i]).toBeCloseTo(value, 5));
  [0.98, -1.98].forEach((value, i) => expect(moved('told')[i]).toBeCloseTo(value, 5));
});
