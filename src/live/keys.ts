import type { Pitch } from '../core/units.ts';

interface Key {
  readonly id: number;
  readonly pitch: Pitch;
  up: boolean;
  latched: boolean;
}

/** Keys that sound under the player's hands and pedals: a struck note sounds until it is released and its pedal is. */
export class Keys {
  private readonly sounding = new Map<number, Key>();
  private sustain = false;
  private sostenuto = false;

  /** Notes that sound. */
  get size(): number {
    return this.sounding.size;
  }

  /** Keys under the fingers. */
  get down(): number {
    let down = 0;
    for (const key of this.sounding.values()) if (!key.up) down++;
    return down;
  }

  /** Strikes the key of `place` (source, channel and pitch in one number); gives the note that ended by it, or 0. */
  strike(place: number, id: number, pitch: Pitch): number {
    const before = this.sounding.get(place)?.id ?? 0;
    this.sounding.set(place, { id, pitch, up: false, latched: false });
    return before;
  }

  /** The key goes up; gives the note that ended by it, or 0 where a pedal holds it. */
  lift(place: number): number {
    const key = this.sounding.get(place);
    if (!key) return 0;
    key.up = true;
    return this.settle(place, key);
  }

  /** Moves the sustain pedal; calls back each note that ends by it. */
  pedal(down: boolean, ended: (id: number) => void): void {
    this.sustain = down;
    this.settleAll(ended);
  }

  /** Moves the sostenuto pedal, which holds the keys that are down when it goes down. */
  latch(down: boolean, ended: (id: number) => void): void {
    if (down && !this.sostenuto) for (const key of this.sounding.values()) key.latched = !key.up;
    this.sostenuto = down;
    this.settleAll(ended);
  }

  /** Every note ends, whatever holds it. */
  releaseAll(ended: (id: number, pitch: Pitch) => void): void {
    for (const { id, pitch } of this.sounding.values()) ended(id, pitch);
    this.sounding.clear();
    this.sustain = false;
    this.sostenuto = false;
  }

  private settleAll(ended: (id: number) => void): void {
    for (const [place, key] of this.sounding) {
      const id = this.settle(place, key);
      if (id > 0) ended(id);
    }
  }

  private settle(place: number, key: Key): number {
    if (!key.up || this.sustain || (this.sostenuto && key.latched)) return 0;
    this.sounding.delete(place);
    return key.id;
  }
}
