import type { Raw, Tf } from '../engine/tensorflow.ts';
import { Network } from './network.ts';

/** A network of the same weights, to follow another. */
export const averageOf = (tf: Tf, raw: Raw | null, network: Network): Network => {
  const out = new Network(tf, raw, network.shape, 0, network.tied);
  for (const [name, variable] of out.variables) variable.assign(network.variables.get(name) as typeof variable);
  return out;
};

/**
 * Moves the mean of the weights (Polyak and Juditsky 1992) towards what they are: it looks back over about `span` steps, over fewer
 * while there are fewer.
 */
export const follow = (tf: Tf, network: Network, average: Network, span: number, step: number): void => {
  const share = Math.max(1 / span, 1 / (1 + step / 10));
  tf.tidy(() => {
    for (const [name, variable] of average.variables) variable.assign(tf.add(tf.mul(variable, 1 - share), tf.mul(network.variables.get(name) as typeof variable, share)));
  });
};
