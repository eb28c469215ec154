import type { Pitch } from '../core/units.ts';

interface Key {
  readonly id: number;
  readonly pitch: Pitch;
  readonly source: number;
  up: boolean;
  latched: boolean;
}

/** The number of a key: where it is played from, on which channel, which pitch. */
export const placeOf = (source: number, channel: number, pitch: number): number => (source * 17 + channel) * 128 + pitch;
const sourceOf = (place: number): number => Math.floor(place / (17 * 128));

/**
 * Keys that sound under the player's hands and pedals: a struck note sounds until it is released and its pedal is. A pedal holds
 * the keys of its own source, whatever their channel: an MPE zone has its pedal on another channel than its notes.
 */
export class Keys {
  private readonly sounding = new Map<number, Key>();
  /** Sources whose pedal is down, one bit each. */
  private sustain = 0;
  private sostenuto = 0;

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

  /** Whether any source's sustain pedal is down. */
  get sustained(): boolean {
    return this.sustain !== 0;
  }

  isDown(place: number): boolean {
    return this.sounding.get(place)?.up === false;
  }

  /** Strikes the key of `place`; gives the note that ended by it, or 0. */
  strike(place: number, id: number, pitch: Pitch): number {
    const before = this.sounding.get(place)?.id ?? 0;
    this.sounding.set(place, { id, pitch, source: sourceOf(place), up: false, latched: false });
    return before;
  }

  /** The key goes up; gives the note that ended by it, or 0 where a pedal holds it. */
  lift(place: number): number {
    const key = this.sounding.get(place);
    if (!key) return 0;
    key.up = true;
    return this.settle(place, key);
  }

  /** Moves the sustain pedal of a source; calls back each note that ends by it. */
  pedal(source: number, down: boolean, ended: (id: number) => void): void {
    this.sustain = withBit(this.sustain, source, down);
    this.settleAll(ended);
  }

  /** Moves the sostenuto pedal of a source, which holds the keys that are down when it goes down. */
  latch(source: number, down: boolean, ended: (id: number) => void): void {
    if (down && !hasBit(this.sostenuto, source)) {
      for (const key of this.sounding.values()) if (key.source === source) key.latched = !key.up;
    }
    this.sostenuto = withBit(this.sostenuto, source, down);
    this.settleAll(ended);
  }

  /** Every note of a source, or of all, ends, whatever holds it; `up` says that its key was up already. */
  releaseAll(ended: (id: number, pitch: Pitch, up: boolean) => void, source: number | null = null): void {
    for (const [place, { id, pitch, up, source: from }] of this.sounding) {
      if (source !== null && from !== source) continue;
      this.sounding.delete(place);
      ended(id, pitch, up);
    }
    this.sustain = source === null ? 0 : withBit(this.sustain, source, false);
    this.sostenuto = source === null ? 0 : withBit(this.sostenuto, source, false);
  }

  private settleAll(ended: (id: number) => void): void {
    for (const [place, key] of this.sounding) {
      const id = this.settle(place, key);
      if (id > 0) ended(id);
    }
  }

  private settle(place: number, key: Key): number {
    if (!key.up || hasBit(this.sustain, key.source) || (hasBit(this.sostenuto, key.source) && key.latched)) return 0;
    this.sounding.delete(place);
    return key.id;
  }
}

const hasBit = (bits: number, at: number): boolean => ((bits >> at) & 1) === 1;
const withBit = (bits: number, at: number, on: boolean): number => (on ? bits | (1 << at) : bits & ~(1 << at));
