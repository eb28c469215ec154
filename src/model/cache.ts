/** How much a cache's vote counts at the most, 0 to 1, and how sharply it tells alike outputs from unlike. */
export interface CacheSettings {
  readonly weight: number;
  readonly sharpness: number;
}

/** Pairs that a cache of whole pieces keeps. */
export const CACHE_WINDOW = 512;

/** How much each event that came before both moments, unlike the one before it, adds to a vote's exponent, and after how many of them it adds no more. */
const MATCH = 1;
const LONGEST = 64;
/** So many such events, and the vote counts for two thirds of its weight. */
const CONVINCING = 10;
/** The share of its weight that a vote counts for where no event before is the same, and only the outputs are alike. */
const UNCONVINCED = 0.1;

/** How much of its weight a vote deserves, 0 to 1, where at best `matched` events before the present came before an earlier moment too. */
const trustIn = (matched: number): number => 1 - (1 - UNCONVINCED) * Math.exp(-matched / CONVINCING);

/** One symbol's share of the votes, and how much of its weight the vote deserves. */
export interface Recalled {
  readonly share: number;
  readonly trust: number;
}

/**
 * The continuous cache (Grave et al. 2016): the last `window` pairs of what the stack's output was and which event then followed. What
 * followed where the output was like the present one gets a vote. Beyond theirs, a vote is the stronger the more events before that moment
 * are those before the present (by their first part), and all votes together count by the longest such run: a figure that has come back for a
 * bar will go on, while a moment merely alike says little. What is known of an event beside the part that is asked is told by its
 * symbols, so that only encodings whose heads are told symbols can have one. In a run, what only stays as it was (a note held on) counts for
 * nothing: else every long note would be a reason to hold it longer.
 */
export class ContinuousCache {
  private readonly window: number;
  private readonly units: number;
  private readonly parts: number;
  private readonly outputs: Float32Array;
  private readonly events: Int32Array;
  private readonly before: Float32Array;
  /** How many events before each pair are those before the present. */
  private readonly matched: Int32Array;
  /** How like the present each pair's output is; worked out when first asked for, once an event. */
  private readonly likeness: Float64Array;
  private readonly votes: Float64Array;
  private compared = false;
  private trust = 0;
  private count = 0;
  /** The first part of the latest event. */
  private last = -1;
  private begun = false;

  /** @param parts of an event */
  constructor(window: number, units: number, parts: number) {
    this.window = window;
    this.units = units;
    this.parts = parts;
    this.outputs = new Float32Array(window * units);
    this.events = new Int32Array(window * parts);
    this.before = new Float32Array(units);
    this.matched = new Int32Array(window);
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
    this.matched.set(other.matched.subarray(0, kept));
    this.before.set(other.before);
    this.last = other.last;
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
      this.match(event[0] as number);
    }
    this.last = event[0] as number;
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
    const counts = weight * this.trust;
    for (let i = 0; i < probabilities.length; i++) probabilities[i] = (probabilities[i] as number) * (1 - counts);
    for (let i = 0; i < this.kept; i++) {
      if (votes[i] === 0) continue;
      const symbol = events[i * parts + part] as number;
      probabilities[symbol] = (probabilities[symbol] as number) + (counts * (votes[i] as number)) / total;
    }
  }

  /** What is recalled of one symbol of `part`; null where nothing votes. */
  recalled(symbol: number, symbols: number, part: number, given: ArrayLike<number>, sharpness: number): Recalled | null {
    const total = this.vote(symbols, part, given, sharpness);
    if (total === 0) return null;
    let share = 0;
    for (let i = 0; i < this.kept; i++) if (this.events[i * this.parts + part] === symbol) share += this.votes[i] as number;
    return { share: share / total, trust: this.trust };
  }

  private get kept(): number {
    return Math.min(this.count, this.window);
  }

  /** What every pair's run before it is now that the newest pair's event has come: that of the pair before it and this one, or none. */
  private match(first: number): void {
    const { window, parts, events, matched, count, kept } = this;
    const more = first === this.last ? 0 : 1;
    for (let pair = count - 1; pair > count - kept; pair--) {
      const before = (pair - 1) % window;
      matched[pair % window] = events[before * parts] === first ? Math.min((matched[before] as number) + more, LONGEST) : 0;
    }
    matched[(count - kept) % window] = 0;
  }

  /** Gives each pair its vote, and their sum; sets `trust`. */
  private vote(symbols: number, part: number, given: ArrayLike<number>, sharpness: number): number {
    const { parts, events, matched, likeness, votes, kept } = this;
    if (!this.compared) this.compare();
    let best = -Infinity;
    let longest = 0;
    for (let i = 0; i < kept; i++) {
      votes[i] = -Infinity;
      let agrees = (events[i * parts + part] as number) < symbols;
      for (let p = 0; agrees && p < given.length; p++) agrees = p === part || (given[p] as number) < 0 || events[i * parts + p] === given[p];
      if (!agrees) continue;
      const score = sharpness * (likeness[i] as number) + MATCH * (matched[i] as number);
      votes[i] = score;
      if (score > best) best = score;
      if ((matched[i] as number) > longest) longest = matched[i] as number;
    }
    this.trust = trustIn(longest);
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
