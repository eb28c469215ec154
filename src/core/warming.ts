import type { Closable } from './owner.ts';
import type { Ms } from './units.ts';

/**
 * While somebody plays, and so long after, in milliseconds, a thread goes the way of a note once in so many where nothing is due: within some
 * thousandths of a second of rest its code has left the processor's caches, and takes three times as long.
 */
const WARM_EVERY = 1;
export const WARM_AFTER = 20_000;
/**
 * Going takes no more than this share of a processor, waking to go aside. It takes hardly any where others have too little of it, or where going takes longer
 * than so many milliseconds: an emulated processor has no caches to keep warm, and no time.
 */
const WARM_SHARE = 1 / 5;
const SLOW = 1;
const SPARING_SHARE = 1 / 40;
/** On an event loop each time costs a turn of it. */
export const WARM_LOOP_EVERY = 4;

/** When to go again, in milliseconds, after going from `began` to `ended`; `sparing` where others have too little of the processor. Realtime-safe: yes. */
export const warmAgain = (began: number, ended: number, sparing = false, every = WARM_EVERY): number => {
  const took = ended - began;
  return began + Math.max(every, took / (sparing || took > SLOW ? SPARING_SHARE : WARM_SHARE));
};

/** Keeps the way of what comes in warm, on the event loop. */
export class Warming implements Closable {
  private readonly now: () => Ms | number;
  private readonly go: () => void;
  private heardAt = -Infinity;
  private again = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** @param go goes that way with something that nobody hears */
  constructor(now: () => Ms | number, go: () => void) {
    this.now = now;
    this.go = go;
  }

  /** Something came in. Realtime-safe: yes. */
  heard(): void {
    this.heardAt = this.now();
    this.timer ??= setInterval(() => this.tick(), WARM_LOOP_EVERY).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    const began = this.now();
    if (began >= this.heardAt + WARM_AFTER) this.close();
    else if (began >= this.again) {
      this.go();
      this.again = warmAgain(began, this.now(), false, WARM_LOOP_EVERY);
    }
  }
}
