import { availableParallelism } from 'node:os';
import type { Bell } from '../core/ring.ts';

/** So long, in milliseconds, main waits awake for what a key brings: a harmony that was drawn before it was struck is there by then. */
const AWAKE = 0.4;
/** Where there is but one processor, waiting awake would keep the stage from it. */
const MAY_WAIT = availableParallelism() > 1;

/**
 * Rings the stage once for all that one read of a socket brought: a ring gives the processor to the stage at once where that has
 * real-time priority, and the later keys of a chord would wait for the harmony of the first. After keys, main waits for the stage's own ring
 * before it sleeps: it falls asleep and is woken in some tenths of a millisecond.
 */
export class RingSoon {
  private readonly stage: Bell;
  private readonly main: Bell;
  private readonly rung: () => void;
  private readonly now: () => number;
  private rings = false;
  private struck = false;

  /** @param rung takes what the stage tells when it rings */
  constructor(stage: Bell, main: Bell, rung: () => void, now: () => number) {
    this.stage = stage;
    this.main = main;
    this.rung = rung;
    this.now = now;
  }

  ring(key: boolean): void {
    this.struck ||= key;
    if (this.rings) return;
    this.rings = true;
    queueMicrotask(() => {
      const { heard } = this.main;
      const waits = this.struck && MAY_WAIT;
      this.rings = this.struck = false;
      this.stage.ring();
      if (!waits) return;
      const until = this.now() + AWAKE;
      while (this.main.heard === heard) if (this.now() >= until) return;
      this.rung();
    });
  }
}
