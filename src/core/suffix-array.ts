/** The suffixes of a text in order, and how much each has in common with the one before. */
export interface SuffixArray {
  /** Where each suffix begins, in the order of the suffixes. */
  readonly order: Int32Array;
  /** Symbols that suffix `order[i]` and suffix `order[i - 1]` begin with in common; 0 for the first. */
  readonly common: Int32Array;
}

/**
 * Sorts all suffixes of a text of whole numbers by prefix doubling (Manber and Myers 1993), each round a radix sort, and counts
 * what neighbours have in common (Kasai et al. 2001): n log of the longest repeat, in four arrays of the text's length.
 */
export const suffixArray = (text: Int32Array): SuffixArray => {
  const size = text.length;
  const rank = ranksOf(text);
  const order = new Int32Array(size);
  const second = Int32Array.from({ length: size }, (_, i) => i);
  const starts = new Int32Array(size + 1);
  // Only equal ranks are sorted again: a stable counting sort by rank of what is in the order of the second half.
  const sortByRank = (): void => {
    starts.fill(0);
    for (let i = 0; i < size; i++) starts[(rank[i] as number) + 1] = (starts[(rank[i] as number) + 1] as number) + 1;
    for (let i = 0; i < size; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
    for (let i = 0; i < size; i++) {
      const at = second[i] as number;
      order[(starts[rank[at] as number] = (starts[rank[at] as number] as number) + 1) - 1] = at;
    }
  };
  sortByRank();
  for (let half = 1; ; half *= 2) {
    if (rerank(order, rank, second, half >> 1) === size || half >= size) break;
    let next = 0;
    for (let i = size - half; i < size; i++) second[next++] = i;
    for (let i = 0; i < size; i++) if ((order[i] as number) >= half) second[next++] = (order[i] as number) - half;
    sortByRank();
  }
  return { order, common: commonOf(text, order, rank) };
};

/** Each symbol's place among the different symbols. */
const ranksOf = (text: Int32Array): Int32Array => {
  const places = new Map<number, number>();
  for (const symbol of Int32Array.from(text).sort()) if (!places.has(symbol)) places.set(symbol, places.size);
  return text.map((symbol) => places.get(symbol) as number);
};

/** Ranks the suffixes as they are sorted by twice `half` symbols (once where it is 0), and tells how many ranks there are. */
const rerank = (order: Int32Array, rank: Int32Array, scratch: Int32Array, half: number): number => {
  const size = order.length;
  if (size === 0) return 0;
  const after = (at: number): number => (half > 0 && at + half < size ? (rank[at + half] as number) : -1);
  let ranks = 0;
  for (let i = 0; i < size; i++) {
    const at = order[i] as number;
    const before = order[i - 1];
    if (before !== undefined && (rank[at] !== rank[before] || after(at) !== after(before))) ranks++;
    scratch[at] = ranks;
  }
  rank.set(scratch);
  return ranks + 1;
};

const commonOf = (text: Int32Array, order: Int32Array, place: Int32Array): Int32Array => {
  const size = text.length;
  const common = new Int32Array(size);
  for (let i = 0; i < size; i++) place[order[i] as number] = i;
  let length = 0;
  for (let at = 0; at < size; at++) {
    const i = place[at] as number;
    if (i === 0) {
      length = 0;
      continue;
    }
    const other = order[i - 1] as number;
    while (at + length < size && other + length < size && text[at + length] === text[other + length]) length++;
    common[i] = length;
    if (length > 0) length--;
  }
  return common;
};
