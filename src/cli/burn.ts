/** How long each turn of burning and rest is together, in milliseconds. */
const TURN = 50;

/** Keeps this thread busy for so many of each 50 milliseconds, for a soak: what is slow on the main thread must not be heard. */
export const burn = (busy: number): void => {
  setInterval(() => {
    const until = performance.now() + busy;
    while (performance.now() < until);
  }, TURN).unref();
};
