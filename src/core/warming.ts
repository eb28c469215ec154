import type { Closable } from './owner.ts';
import type { Ms } from './units.ts';

/**
 * While somebody plays, and so long after, in milliseconds, a thread goes the way of a note once in so many where nothing is due: after a tenth
 * of a second of rest its code has left the processor's caches, and takes three times as long.
 */
export const WARM_EVERY = 4;
export const WARM_AFTER = 20_000;

/** Keeps the way of what comes in warm, on the event loop. */
export class Warming implements Closable {
  private readonly now: () => Ms | number;
  private readonly go: () => void;
  private heardAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** @param go goes that way with something that nobody hears */
  constructor(now: () => Ms | number, go: () => void) {
    this.now = now;
    this.go = go;
  }

  /** Something came in. Realtime-safe: yes. */
  heard(): void {
    this.heardAt = this.now();
    this.timer ??= setInterval(() => this.tick(), WARM_EVERY).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    if (this.now() < this.heardAt + WARM_AFTER) this.go();
    else this.close();
  }
}
