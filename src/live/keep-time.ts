import { beats, type Beats, type Ms } from '../core/units.ts';
import { beatAt, timeAt, type Timeline } from '../music/timeline.ts';

/** Two timelines this near each other, in milliseconds, are one: a MIDI clock is fitted anew with each of its ticks. */
const SAME = 4;
/** Two that differ by more than this many beats at one moment are not one that changed its tempo. */
const JUMP = 0.5;

/** The timeline to keep, and what it is to the one kept before. */
export interface Kept {
  readonly timeline: Timeline;
  readonly change: 'none' | 'moved' | 'jumped';
}

/**
 * What to keep time by once `offered` is heard: the one kept while they hardly differ up to beat `horizon`. A player's pulse knows no
 * number of its beats: it goes on from those counted so far.
 *
 * @param numbered whether the beats of `offered` have numbers of their own, as a clock's have
 */
export const keepTime = (kept: Timeline, offered: Timeline, numbered: boolean, now: Ms, horizon: Beats): Kept => {
  const timeline = numbered ? offered : { ...offered, beat0: beats(offered.beat0 + Math.round(beatAt(kept, offered.time0) - offered.beat0)) };
  if (Math.abs(beatAt(timeline, now) - beatAt(kept, now)) > JUMP) return { timeline, change: 'jumped' };
  const moved = [timeAt(timeline, horizon) - timeAt(kept, horizon), timeAt(timeline, beatAt(kept, now)) - now];
  return moved.every((by) => Math.abs(by) < SAME) ? { timeline: kept, change: 'none' } : { timeline, change: 'moved' };
};
