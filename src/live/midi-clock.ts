import { beats, bpm, ms, type Ms } from '../core/units.ts';
import type { Timeline } from '../music/timeline.ts';

/** Ticks to a quarter note (MIDI 1.0, system real time). */
const TICKS = 24;
/** Ticks the line is fitted to: two beats, so that the jitter of a cable or a USB frame averages out. */
const KEPT = 2 * TICKS;
const ENOUGH = TICKS / 2;
/** A clock that has not ticked for this long has stopped without saying so: slower than 3 bpm. */
const LOST = 800;

/** MIDI clock as a timeline: a line fitted by least squares to its last ticks. Realtime-safe: yes, but for a timeline a tick. */
export class MidiClock {
  private readonly times = new Float64Array(KEPT);
  /** Ticks since the start. */
  private ticks = 0;
  private kept = 0;
  private last = -Infinity;
  private stopped = false;
  private revision = 0;

  /** The next tick is beat 0, or goes on from where the clock stopped. */
  start(fromTheTop: boolean): void {
    this.stopped = false;
    if (fromTheTop) this.ticks = 0;
    // What was heard before the pause says nothing of ticks after it.
    this.kept = 0;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Hears a tick; the timeline, or null while there are too few or the clock stands. */
  tick(time: Ms): Timeline | null {
    if (time - this.last > LOST) this.kept = 0;
    this.last = time;
    if (this.stopped) return null;
    this.times[this.ticks % KEPT] = time;
    this.ticks++;
    this.kept = Math.min(KEPT, this.kept + 1);
    return this.kept < ENOUGH ? null : this.fitted();
  }

  /** Whether it ticks: a pulled cable says nothing. */
  alive(now: Ms): boolean {
    return !this.stopped && now - this.last <= LOST;
  }

  private fitted(): Timeline {
    const { kept, ticks } = this;
    const middle = (kept - 1) / 2;
    let sum = 0;
    let slope = 0;
    for (let i = 0; i < kept; i++) {
      const time = this.times[(ticks - kept + i) % KEPT] as number;
      sum += time;
      slope += (i - middle) * time;
    }
    const gap = slope / ((kept * (kept * kept - 1)) / 12);
    const latest = sum / kept + gap * middle;
    return { time0: ms(latest), beat0: beats((ticks - 1) / TICKS), bpm: bpm(60_000 / (gap * TICKS)), revision: ++this.revision };
  }
}
