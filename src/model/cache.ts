/** How much a cache's vote counts, 0 to 1, and how sharply it tells alike from unlike. */
export interface CacheSettings {
  readonly weight: number;
  readonly sharpness: number;
}

/**
 * The continuous cache (Grave et al. 2016): the last `window` pairs of what the stack's output was and which event then followed. What
 * followed where the output was like the present one gets a vote. What is known of an event beside the part that is asked is told by its
 * symbols, so that only encodings whose heads are told symbols can have one.
 */
export class ContinuousCache {
  private readonly window: number;
  private readonly units: number;
  private readonly parts: number;
  private readonly outputs: Float32Array;
  private readonly events: Int32Array;
  private readonly before: Float32Array;
  /** How like the present each pair's output is; worked out when first asked for, once an event. */
  private readonly likeness: Float64Array;
  private readonly votes: Float64Array;
  private compared = false;
  private count = 0;
  private begun = false;

  /** @param parts of an event */
  constructor(window: number, units: number, parts: number) {
    this.window = window;
    this.units = units;
    this.parts = parts;
    this.outputs = new Float32Array(window * units);
    this.events = new Int32Array(window * parts);
    this.before = new Float32Array(units);
    this.likeness = new Float64Array(window);
    this.votes = new Float64Array(window);
  }

  /** Another of the same size that remembers the same. */
  fork(): ContinuousCache {
    const out = new ContinuousCache(this.window, this.units, this.parts);
    out.copy(this);
    return out;
  }

  /** Makes this what `other` is: of one window, units and parts. Realtime-safe: yes. */
  copy(other: ContinuousCache): void {
    const { kept } = other;
    this.outputs.set(other.outputs.subarray(0, kept * other.units));
    this.events.set(other.events.subarray(0, kept * other.parts));
    this.before.set(other.before);
    this.count = other.count;
    this.begun = other.begun;
    this.compared = false;
  }

  /** Notes that `event` came, after which the stack's output is `top`. Realtime-safe: yes. */
  feed(event: ArrayLike<number>, top: Float32Array): void {
    if (this.begun) {
      const at = this.count++ % this.window;
      this.outputs.set(this.before, at * this.units);
      for (let p = 0; p < this.parts; p++) this.events[at * this.parts + p] = event[p] as number;
    }
    this.before.set(top);
    this.begun = true;
    this.compared = false;
  }

  /**
   * Mixes the vote into a distribution: `probabilities` of `part` become those of the mixture. Only events that agree with every part
   * that is known (`given`, −1 where not) vote; where none does, nothing changes. Realtime-safe: yes.
   */
  mix(probabilities: Float64Array, part: number, given: ArrayLike<number>, { weight, sharpness }: CacheSettings): void {
    if (weight <= 0) return;
    const { parts, events, votes } = this;
    const total = this.vote(probabilities.length, part, given, sharpness);
    if (total === 0) return;
    for (let i = 0; i < probabilities.length; i++) probabilities[i] = (probabilities[i] as number) * (1 - weight);
    for (let i = 0; i < this.kept; i++) {
      if (votes[i] === 0) continue;
      const symbol = events[i * parts + part] as number;
      probabilities[symbol] = (probabilities[symbol] as number) + (weight * (votes[i] as number)) / total;
    }
  }

  /** The share of the votes that one symbol of `part` has; null where nothing votes. Realtime-safe: yes. */
  shareOf(symbol: number, symbols: number, part: number, given: ArrayLike<number>, sharpness: number): number | null {
    const total = this.vote(symbols, part, given, sharpness);
    if (total === 0) return null;
    let share = 0;
    for (let i = 0; i < this.kept; i++) if (this.events[i * this.parts + part] === symbol) share += this.votes[i] as number;
    return share / total;
  }

  private get kept(): number {
    return Math.min(this.count, this.window);
  }

  /** Gives each pair its vote, and their sum. */
  private vote(symbols: number, part: number, given: ArrayLike<number>, sharpness: number): number {
    const { parts, events, likeness, votes, kept } = this;
    if (!this.compared) this.compare();
    let best = -Infinity;
    for (let i = 0; i < kept; i++) {
      votes[i] = -Infinity;
      let agrees = (events[i * parts + part] as number) < symbols;
      for (let p = 0; agrees && p < given.length; p++) agrees = p === part || (given[p] as number) < 0 || events[i * parts + p] === given[p];
      if (!agrees) continue;
      const score = sharpness * (likeness[i] as number);
      votes[i] = score;
      if (score > best) best = score;
    }
    if (best === -Infinity) return 0;
    let total = 0;
    for (let i = 0; i < kept; i++) total += votes[i] = Math.exp((votes[i] as number) - best);
    return total;
  }

  private compare(): void {
    const { units, outputs, before, likeness, kept } = this;
    for (let i = 0; i < kept; i++) {
      let sum = 0;
      for (let u = 0; u < units; u++) sum += (outputs[i * units + u] as number) * (before[u] as number);
      likeness[i] = sum;
    }
    this.compared = true;
  }
}

/** Probabilities of logits. */
export const softmax = (logits: ArrayLike<number>): Float64Array => {
  let best = -Infinity;
  for (let i = 0; i < logits.length; i++) best = Math.max(best, logits[i] as number);
  const out = Float64Array.from(logits, (logit) => Math.exp(logit - best));
  const total = out.reduce((sum, value) => sum + value, 0);
  return out.map((value) => value / total);
};
