import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tensorflow.ts';

/** Adam (Kingma and Ba 2015) with the gradient's global norm clipped (Pascanu et al. 2013); its moments can be stored and loaded. */
export class Adam {
  step = 0;
  private readonly tf: Tf;
  private readonly variables: ReadonlyMap<string, Variable>;
  readonly moments = new Map<string, { readonly m: Variable; readonly v: Variable }>();

  private readonly decay: number;

  /** @param decay share of each matrix that a step takes away beside its gradient, by the learning rate; embeddings and biases keep theirs */
  constructor(tf: Tf, variables: ReadonlyMap<string, Variable>, decay = 0) {
    this.tf = tf;
    this.decay = decay;
    this.variables = variables;
    for (const [name, variable] of variables) {
      this.moments.set(name, { m: tf.variable(tf.zeros(variable.shape), false), v: tf.variable(tf.zeros(variable.shape), false) });
    }
  }

  /** One step against `gradients` (by the names of the variables), their global norm held to `clip`. */
  apply(gradients: Readonly<Record<string, Tensor>>, names: ReadonlyMap<string, string>, rate: number, clip: number): void {
    const { tf } = this;
    this.step++;
    const scale = rate * (Math.sqrt(1 - 0.999 ** this.step) / (1 - 0.9 ** this.step));
    tf.tidy(() => {
      const all = Object.values(gradients);
      const norm = tf.sqrt(all.map((gradient) => tf.sum(tf.square(gradient))).reduce((sum, square) => tf.add(sum, square)));
      const factor = tf.div(clip, tf.maximum(norm, clip));
      for (const [name, variable] of this.variables) {
        const gradient = tf.mul(gradients[names.get(name) as string] as Tensor, factor);
        const { m, v } = this.moments.get(name) as { m: Variable; v: Variable };
        m.assign(tf.add(tf.mul(m, 0.9), tf.mul(gradient, 0.1)));
        v.assign(tf.add(tf.mul(v, 0.999), tf.mul(tf.square(gradient), 0.001)));
        const kept = this.decay > 0 && /kernel$|out$/.test(name) ? tf.mul(variable, 1 - rate * this.decay) : variable;
        variable.assign(tf.sub(kept, tf.mul(scale, tf.div(m, tf.add(tf.sqrt(v), 1e-8)))));
      }
    });
  }
}
