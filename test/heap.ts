/**
 * Bytes allocated by one call of `act`: the least of many rounds, until one keeps to the budget. A collection in between makes a round
 * read too low or too high, and until the compiler has come to the code (late on a loaded machine) each number costs its box.
 */
export const bytesEach = (budget: number, act: (n: number) => void): number => {
  const CALLS = 1000;
  let n = 0;
  for (let i = 0; i < 5000; i++) act(n++);
  let least = Infinity;
  for (let round = 0; round < 100 && least >= budget; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) act(n++);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown / CALLS);
  }
  return least;
};
