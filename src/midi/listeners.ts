import type { Ms } from '../core/units.ts';
import type { MidiSystem } from './ports.ts';

/** So long, in milliseconds, a listener that is no longer seen is kept: a port that is being taken down loses its cables first. */
const KEPT = 500;

/**
 * Who hears ports of another process's, by their addresses. While one of those is not there nobody is forgotten: the process may have died, and its
 * listeners are those who must be told.
 */
export class Listeners {
  sources: readonly string[];
  private readonly seen = new Map<string, Ms>();

  constructor(sources: readonly string[]) {
    this.sources = sources;
  }

  get names(): readonly string[] {
    return [...this.seen.keys()];
  }

  /** True when somebody came or is gone. */
  look(system: Pick<MidiSystem, 'listenersOf'>, now: Ms): boolean {
    const here = this.sources.length > 0 ? (system.listenersOf?.(this.sources) ?? null) : null;
    if (!here) return false;
    let changed = false;
    for (const name of here) {
      changed ||= !this.seen.has(name);
      this.seen.set(name, now);
    }
    for (const [name, last] of this.seen) if (now - last > KEPT) changed = this.seen.delete(name);
    return changed;
  }
}
