import type { Ms } from '../core/units.ts';

/**
 * So many milliseconds after a key, and at most half of the time, nothing is thought about that nobody waits for: the key's harmony was
 * foreseen, and who is told of it needs a processor just then. Chords of four over OSC, two processors: 1.6 ms at p99 against 3.3.
 */
const HUSH = 1;

/** The pause of a model's thread after it was told something. */
export class Hush {
  private until = -Infinity;

  told(now: Ms): void {
    if (now >= this.until + HUSH) this.until = now + HUSH;
  }

  /** Milliseconds of it that are left; not above 0 when it is over. */
  left(now: Ms): number {
    return this.until - now;
  }
}
