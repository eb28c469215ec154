import type { Ms } from '../core/units.ts';
import { isOff, isOn, WHAT } from '../music/performance.ts';
import type { HeardNote } from './manner.ts';

/** As many as a line has in what an answer on the grid is told of. */
const MOST = 512;

/** The player's last notes, the newest at the end. */
export class HeardNotes {
  readonly all: HeardNote[] = [];

  /** Takes note of what was done to a key, as the performance encoding has it. */
  hear(time: Ms, what: number): void {
    if (isOn(what)) {
      this.all.push({ time, end: null, pitch: what });
      if (this.all.length > MOST) this.all.shift();
    } else if (isOff(what)) {
      const note = this.all.findLast((each) => each.pitch === what - WHAT.off && each.end === null);
      if (note) note.end = time;
    }
  }
}
