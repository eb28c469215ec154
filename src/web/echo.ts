/** Milliseconds after which a note sent is no longer expected back. */
const PATIENCE = 2000;

/**
 * The page draws the player's own notes as they are struck. The daemon then tells everyone what it heard: this knows which
 * of that is our own coming back, and which was played elsewhere.
 */
export class Echo {
  private readonly expected = new Map<string, number[]>();

  sent(pitch: number, on: boolean, now: number): void {
    const key = `${pitch}:${on}`;
    this.expected.set(key, [...(this.expected.get(key) ?? []), now]);
  }

  /** True when this was ours. */
  isOurs(pitch: number, on: boolean, now: number): boolean {
    const times = (this.expected.get(`${pitch}:${on}`) ?? []).filter((time) => now - time < PATIENCE);
    const ours = times.shift() !== undefined;
    this.expected.set(`${pitch}:${on}`, times);
    return ours;
  }
}
