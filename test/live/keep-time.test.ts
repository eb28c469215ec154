import { describe, expect, it } from 'vitest';
import { beats, bpm, ms } from '../../src/core/units.ts';
import { keepTime } from '../../src/live/keep-time.ts';
import { beatAt, type Timeline } from '../../src/music/timeline.ts';

const line = (time0: number, beat0: number, perMinute: number): Timeline => ({ time0: ms(time0), beat0: beats(beat0), bpm: bpm(perMinute), revision: 1 });
const kept = line(0, 0, 120);

describe('time as it is kept', () => {
  it('stays while a clock trembles, and moves once it has drifted', () => {
    expect(keepTime(kept, line(3, 0, 120), true, ms(1000), beats(4))).toEqual({ timeline: kept, change: 'none' });
    const drifted = line(5, 0, 120);
    expect(keepTime(kept, drifted, true, ms(1000), beats(4))).toEqual({ timeline: drifted, change: 'moved' });
  });

  it('moves for a tempo that is felt by the end of what is planned', () => {
    const faster = line(1000, 2, 120.3);
    expect(keepTime(kept, faster, true, ms(1000), beats(3)).change).toBe('none');
    expect(keepTime(kept, faster, true, ms(1000), beats(8)).change).toBe('moved');
  });

  it('jumps where a clock begins anew', () => {
    const again = line(5000, 0, 120);
    expect(keepTime(kept, again, true, ms(5000), beats(12))).toEqual({ timeline: again, change: 'jumped' });
  });

  it('goes on counting the beats of a player, who numbers none', () => {
    const { timeline, change } = keepTime(kept, line(5040, 0, 118), false, ms(5100), beats(12));
    expect([timeline.beat0, change]).toEqual([10, 'moved']);
    expect(beatAt(timeline, ms(5040))).toBe(10);
  });
});
