import { ms, type Ms } from '../core/units.ts';
import type { Port } from './ports.ts';

/** Told of one cable at a port of ours that was pulled or put in while the port stayed open. */
export interface Cabling<P> {
  left(port: P): void;
  joined(port: P): void;
}

/** Sees cables of open ports being pulled and put in, as a patchbay does: no driver tells of it, hence the polling. */
export class CableWatch<P extends Port> {
  /** Cables put in again, or anew. */
  joins = 0;
  private readonly cabling: Cabling<P>;
  private readonly every: number;
  private readonly known = new Map<P, readonly string[]>();
  private polled = -Infinity;

  /** @param every milliseconds between two looks: a cable that is back sooner goes unseen */
  constructor(cabling: Cabling<P>, every = 250) {
    this.cabling = cabling;
    this.every = every;
  }

  /** When to poll next. */
  get next(): Ms {
    return ms(this.known.size > 0 ? this.polled + this.every : Infinity);
  }

  /** Begins to watch a port, with the cables it has now. */
  add(port: P): void {
    const peers = peersOf(port);
    if (peers) this.known.set(port, peers);
  }

  remove(port: P): void {
    this.known.delete(port);
  }

  /** Looks at every port if it is time to. */
  poll(now: Ms): void {
    if (now >= this.next) this.look(now);
  }

  look(now: Ms): void {
    this.polled = now;
    for (const [port, before] of this.known) {
      const peers = peersOf(port);
      if (!peers) continue;
      this.known.set(port, peers);
      for (const peer of before) if (!peers.includes(peer)) this.cabling.left(port);
      for (const peer of peers) {
        if (before.includes(peer)) continue;
        this.joins++;
        this.cabling.joined(port);
      }
    }
  }
}

const peersOf = (port: Port): readonly string[] | null => {
  try {
    return port.peers?.() ?? null;
  } catch {
    // It said nothing, which is not that nobody is there.
    return null;
  }
};
