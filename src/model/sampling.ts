/** How a symbol is chosen from logits. */
export interface Choice {
  readonly temperature: number;
  /** Keep only this many of the likeliest; 0 for all. */
  readonly topK: number;
  /** Keep the likeliest that together reach this probability (Holtzman et al. 2020). */
  readonly topP: number;
}

/** What is added to a symbol's logit before it is chosen; −Infinity rules it out. */
export type Bias = (symbol: number) => number;

const NO_BIAS: Bias = () => 0;
let scratch = new Float64Array(512);
let order = new Int32Array(512);

/**
 * Draws a symbol with `coin` in [0, 1); −1 where the bias rules out every one.
 * Realtime-safe: yes, but for one growth when a larger vocabulary is first seen.
 */
export const pick = (logits: Float32Array, { temperature, topK, topP }: Choice, coin: number, bias: Bias = NO_BIAS): number => {
  const n = logits.length;
  if (scratch.length < n) {
    scratch = new Float64Array(n);
    order = new Int32Array(n);
  }
  let kept = 0;
  let best = -Infinity;
  for (let i = 0; i < n; i++) {
    const score = ((logits[i] as number) + bias(i)) / temperature;
    if (!(score > -Infinity)) continue;
    scratch[i] = score;
    order[kept++] = i;
    if (score > best) best = score;
  }
  if (kept === 0) return -1;
  const ranked = order.subarray(0, kept);
  let total = 0;
  for (const i of ranked) total += scratch[i] = Math.exp((scratch[i] as number) - best);
  let last = kept;
  if ((topK > 0 && topK < kept) || topP < 1) {
    ranked.sort((a, b) => (scratch[b] as number) - (scratch[a] as number) || a - b);
    if (topK > 0) last = Math.min(kept, topK);
    let sum = 0;
    let i = 0;
    while (i < last && sum < topP * total) sum += scratch[ranked[i++] as number] as number;
    last = Math.max(1, i);
    total = sum;
  }
  let left = coin * total;
  for (let i = 0; i < last; i++) {
    left -= scratch[ranked[i] as number] as number;
    if (left < 0) return ranked[i] as number;
  }
  return ranked[last - 1] as number;
};

/** Natural logarithm of the probability of `symbol` among all. */
export const logProbability = (logits: Float32Array, symbol: number): number => {
  let best = -Infinity;
  for (const logit of logits) if (logit > best) best = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - best);
  return (logits[symbol] as number) - best - Math.log(total);
};
