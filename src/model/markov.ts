/** Symbols from 0 up to, not including, the alphabet's size. */
export type Symbols = ArrayLike<number>;

const ROOT = 0;
const COUNTED = 0;
const ADDED = -1;
/** Fractional golden ratio and a MurmurHash3 multiplier: any two odd numbers with well-spread bits. */
const HASH_PARENT = 0x9e3779b1;
const HASH_SYMBOL = 0x85ebca6b;

/**
 * Prediction by partial matching with escape method C and exclusion (Cleary & Witten 1984; Moffat 1990).
 * Every order is counted in full, not under update exclusion, so that a model trained once at its highest order scores
 * at any lower one. Escapes end in a uniform distribution over the alphabet: nothing is impossible.
 *
 * A context is spelt out as nodes of a trie once it has been seen twice; until then its one continuation is read from
 * the training text itself. That keeps high orders small: most long contexts never come again.
 */
export class Ppm {
  /** Size of the alphabet; at most 65,535. */
  readonly alphabet: number;
  /** The longest context, in symbols. */
  readonly order: number;

  /** Training sequences, each ended by a mark: the symbol after the alphabet's last. */
  private text = new Uint16Array(1 << 12);
  private length = 0;

  // One entry a node: a string of symbols that occurred.
  private parent = new Int32Array(1 << 10);
  private symbol = new Uint16Array(1 << 10);
  private count = new Uint32Array(1 << 10);
  /** How often anything followed, and how many different symbols did. */
  private total = new Uint32Array(1 << 10);
  private distinct = new Uint16Array(1 << 10);
  /** First child; before a node is spelt out, the complement of the text position after its first occurrence. */
  private first = new Int32Array(1 << 10);
  private sibling = new Int32Array(1 << 10);
  private size = 1;

  /** What was done that will be taken back: a node, and `COUNTED`, `ADDED` or, where it was spelt out, where in the text it went on. */
  private journal: number[] | null = null;

  /** Open addressing: (parent, symbol) → child, 0 where empty. */
  private slots = new Int32Array(1 << 11);

  constructor(alphabet: number, order: number) {
    this.alphabet = alphabet;
    this.order = order;
  }

  /** Nodes in use; each takes about 32 bytes. */
  get nodes(): number {
    return this.size;
  }

  /** Counts a sequence on its own: contexts do not reach over its start or end. */
  train(sequence: Symbols): void {
    this.learn(sequence);
  }

  /**
   * The surprise of each symbol, in nats, where the model learns the sequence as it goes: each symbol is scored by what was trained on and
   * all of the sequence before it, as a model trained on those would. What was learnt of the sequence is forgotten again.
   *
   * @param order at most the model's own
   */
  nllOnline(sequence: Symbols, order = this.order): Float64Array {
    const out = new Float64Array(sequence.length);
    const before = this.length;
    this.journal = [];
    let i = 0;
    this.learn(sequence, (contexts, deepest, next) => (out[i++] = -Math.log(this.probability(contexts, Math.min(deepest, order), -1, next))));
    this.undo(this.journal);
    this.journal = null;
    this.length = before;
    return out;
  }

  /** Counts a sequence; `score` is asked before each symbol is counted, with every context that was seen before spelt out. */
  private learn(sequence: Symbols, score?: (contexts: Int32Array, deepest: number, next: number) => void): void {
    this.append(sequence);
    const { order, text } = this;
    const contexts = new Int32Array(order + 1); // by length; those up to `deepest` are nodes
    let deepest = 0;
    for (let at = this.length - sequence.length - 1; at < this.length - 1; at++) {
      const next = text[at] as number;
      if (score) {
        let known = deepest;
        while (known > 0 && this.count[contexts[known] as number] === 1) known--; // seen only now: nothing followed yet
        for (let of = known; of > 0; of--) if ((this.first[contexts[of] as number] as number) < 0) this.spell(contexts[of] as number);
        score(contexts, known, next);
      }
      let reached = 0;
      // From the longest down, so that a child can take the place of the context one longer.
      for (let of = deepest; of >= 0; of--) {
        const context = contexts[of] as number;
        if (of > 0) {
          if (this.count[context] === 1) continue; // seen only now: the text remembers what followed
          if ((this.first[context] as number) < 0) this.spell(context);
        }
        const child = this.childOf(context, next) || this.addChild(context, next, at + 1, 0);
        this.count[child] = (this.count[child] as number) + 1;
        this.total[context] = (this.total[context] as number) + 1;
        this.journal?.push(child, COUNTED);
        if (of < order) {
          contexts[of + 1] = child;
          if (reached === 0) reached = of + 1;
        }
      }
      deepest = reached;
    }
  }

  /**
   * The surprise of each symbol, in nats, given at most `order` symbols before it in the sequence.
   *
   * @param order at most the model's own
   */
  nll(sequence: Symbols, order = this.order): Float64Array {
    const out = new Float64Array(sequence.length);
    const contexts = new Int32Array(order + 2); // by length: the contexts that are spelt out
    let deepest = 0;
    let once = -1; // where in the text the context one longer continues, if it was seen but once
    for (let i = 0; i < sequence.length; i++) {
      const next = sequence[i] as number;
      out[i] = -Math.log(this.probability(contexts, deepest, once, next));
      let length = 0;
      let follow = -1;
      let carried = ROOT;
      for (; length < order && length <= deepest; length++) {
        const child = this.childOf(contexts[length] as number, next);
        contexts[length] = carried;
        carried = child;
        if (child === 0) break;
        const first = this.first[child] as number;
        if (first < 0) {
          follow = ~first;
          break;
        }
      }
      const whole = length > deepest; // every context went on to a spelt-out one
      if (length === order || whole) contexts[length] = carried;
      if (whole && length < order && once >= 0 && this.text[once] === next) follow = once + 1;
      deepest = length;
      once = follow >= 0 && this.text[follow] !== this.alphabet ? follow : -1;
    }
    return out;
  }

  private probability(contexts: Int32Array, deepest: number, once: number, next: number): number {
    let share = 1;
    let excluded = 0; // how many symbols longer contexts have already spoken for
    let longer = -1;
    if (once >= 0 && this.alphabet > 1) {
      if (this.text[once] === next) return 0.5;
      share = 0.5;
      excluded = 1;
    }
    for (let length = deepest; length >= 0; length--) {
      const context = contexts[length] as number;
      const distinct = (this.distinct[context] as number) - excluded;
      if (distinct === 0) continue;
      let total = this.total[context] as number;
      if (longer >= 0) {
        // What followed a longer context followed this one too: walk the shorter list.
        for (let child = this.first[longer] as number; child !== 0; child = this.sibling[child] as number) {
          total -= this.countOf(context, this.symbol[child] as number);
        }
      } else if (excluded > 0) total -= this.countOf(context, this.text[once] as number);
      const escapes = excluded + distinct < this.alphabet; // with nothing left to escape to, the symbols share all
      const whole = escapes ? total + distinct : total;
      const count = this.countOf(context, next);
      if (count > 0) return (share * count) / whole;
      share *= distinct / whole;
      excluded += distinct;
      longer = context;
    }
    return share / (this.alphabet - excluded);
  }

  private countOf(context: number, symbol: number): number {
    const child = this.childOf(context, symbol);
    return child === 0 ? 0 : (this.count[child] as number);
  }

  private childOf(context: number, symbol: number): number {
    const { slots, parent, symbol: symbols } = this;
    const mask = slots.length - 1;
    for (let at = hash(context, symbol) & mask; ; at = (at + 1) & mask) {
      const child = slots[at] as number;
      if (child === 0 || (parent[child] === context && symbols[child] === symbol)) return child;
    }
  }

  /** Makes a node of the one continuation that the text has remembered so far. */
  private spell(context: number): void {
    const after = ~(this.first[context] as number);
    this.first[context] = 0;
    this.journal?.push(context, after);
    const symbol = this.text[after] as number;
    if (symbol === this.alphabet) return;
    this.addChild(context, symbol, after + 1, 1);
    this.total[context] = 1;
  }

  /** Takes back what a journal holds, the last first. */
  private undo(journal: readonly number[]): void {
    for (let at = journal.length - 2; at >= 0; at -= 2) {
      const node = journal[at] as number;
      const done = journal[at + 1] as number;
      const parent = this.parent[node] as number;
      if (done === COUNTED) {
        this.count[node] = (this.count[node] as number) - 1;
        this.total[parent] = (this.total[parent] as number) - 1;
      } else if (done === ADDED) {
        this.first[parent] = this.sibling[node] as number;
        this.distinct[parent] = (this.distinct[parent] as number) - 1;
        this.unseat(node);
        this.size--;
      } else {
        this.first[node] = ~done;
        this.total[node] = 0;
      }
    }
  }

  private addChild(context: number, symbol: number, after: number, count: number): number {
    if (this.size === this.parent.length) this.grow();
    const child = this.size++;
    this.parent[child] = context;
    this.symbol[child] = symbol;
    this.count[child] = count;
    this.first[child] = ~after;
    this.sibling[child] = this.first[context] as number;
    this.first[context] = child;
    this.distinct[context] = (this.distinct[context] as number) + 1;
    this.seat(child);
    this.journal?.push(child, ADDED);
    return child;
  }

  private seat(child: number): void {
    const mask = this.slots.length - 1;
    let at = hash(this.parent[child] as number, this.symbol[child] as number) & mask;
    while (this.slots[at] !== 0) at = (at + 1) & mask;
    this.slots[at] = child;
  }

  /** Only the last that was seated: others may have been moved on by it. */
  private unseat(child: number): void {
    const mask = this.slots.length - 1;
    let at = hash(this.parent[child] as number, this.symbol[child] as number) & mask;
    while (this.slots[at] !== child) at = (at + 1) & mask;
    this.slots[at] = 0;
  }

  private grow(): void {
    const capacity = this.parent.length * 2;
    this.parent = enlarged(this.parent, new Int32Array(capacity));
    this.symbol = enlarged(this.symbol, new Uint16Array(capacity));
    this.count = enlarged(this.count, new Uint32Array(capacity));
    this.total = enlarged(this.total, new Uint32Array(capacity));
    this.distinct = enlarged(this.distinct, new Uint16Array(capacity));
    this.first = enlarged(this.first, new Int32Array(capacity));
    this.sibling = enlarged(this.sibling, new Int32Array(capacity));
    this.slots = new Int32Array(capacity * 2);
    for (let child = 1; child < this.size; child++) this.seat(child);
  }

  private append(sequence: Symbols): void {
    const needed = this.length + sequence.length + 1;
    if (needed > this.text.length) this.text = enlarged(this.text, new Uint16Array(Math.max(needed, this.text.length * 2)));
    this.text.set(sequence, this.length);
    this.text[needed - 1] = this.alphabet;
    this.length = needed;
  }
}

const hash = (context: number, symbol: number): number => {
  const bits = Math.imul(context, HASH_PARENT) ^ Math.imul(symbol + 1, HASH_SYMBOL);
  return bits ^ (bits >>> 15);
};

const enlarged = <T extends Int32Array | Uint32Array | Uint16Array>(from: T, to: T): T => {
  to.set(from);
  return to;
};

/** Scores a sequence: nats for each symbol. */
export type Scorer = (sequence: Symbols) => Float64Array;

/** How often each symbol comes, whatever came before, with one added to each count. */
export const unigramNll = (training: Iterable<Symbols>, alphabet: number): Scorer => {
  const share = unigram(training, alphabet);
  return (sequence) => Float64Array.from(sequence, (symbol) => -Math.log(share[symbol] as number));
};

/**
 * How often each symbol follows the one before, mixed with the unigram by the rate of new followers
 * (Witten & Bell 1991); a first symbol has the unigram only.
 */
export const bigramNll = (training: Iterable<Symbols>, alphabet: number): Scorer => {
  const sequences = [...training];
  const share = unigram(sequences, alphabet);
  const pairs = new Uint32Array(alphabet * alphabet);
  const total = new Float64Array(alphabet);
  const distinct = new Float64Array(alphabet);
  for (const sequence of sequences) {
    for (let i = 1; i < sequence.length; i++) {
      const before = sequence[i - 1] as number;
      const at = before * alphabet + (sequence[i] as number);
      if (pairs[at] === 0) distinct[before] = (distinct[before] as number) + 1;
      pairs[at] = (pairs[at] as number) + 1;
      total[before] = (total[before] as number) + 1;
    }
  }
  return (sequence) =>
    Float64Array.from(sequence, (symbol, i) => {
      const before = sequence[i - 1];
      const alone = share[symbol] as number;
      if (before === undefined || total[before] === 0) return -Math.log(alone);
      const [all, kinds] = [total[before] as number, distinct[before] as number];
      return -Math.log(((pairs[before * alphabet + symbol] as number) + kinds * alone) / (all + kinds));
    });
};

const unigram = (training: Iterable<Symbols>, alphabet: number): Float64Array => {
  const share = new Float64Array(alphabet).fill(1);
  let all = alphabet;
  for (const sequence of training) {
    for (let i = 0; i < sequence.length; i++) share[sequence[i] as number] = (share[sequence[i] as number] as number) + 1;
    all += sequence.length;
  }
  return share.map((count) => count / all);
};
