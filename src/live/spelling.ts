/** The word of `words` that `word` was probably meant to be: at most a third of it wrong; undefined when none is near. */
export const nearest = (word: string, words: readonly string[]): string | undefined => {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const wrong = distance(word.toLowerCase(), candidate.toLowerCase());
    if (wrong < least) {
      least = wrong;
      best = candidate;
    }
  }
  return best;
};

/** How many letters to put in, take out, change, or swap with their neighbour (Damerau 1964, restricted). */
const distance = (a: string, b: string): number => {
  if (Math.abs(a.length - b.length) > 8) return Infinity; // too far in any case; keeps the work small
  let older: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (older[j - 2] as number) + 1);
      next.push(cost);
    }
    older = row;
    row = next;
  }
  return row[b.length] as number;
};
