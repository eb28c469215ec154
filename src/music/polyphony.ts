import type { Score } from './score.ts';

/** How many different pitches sound at once: `ticks[n]` is for how long n do, up to the end of the song. */
export const soundingTicks = ({ pitched, end }: Score): number[] => {
  const changes = pitched.filter(({ ticks }) => ticks > 0).flatMap(({ tick, ticks, pitch }) => [{ tick, pitch, by: 1 }, { tick: tick + ticks, pitch, by: -1 }]);
  changes.sort((a, b) => a.tick - b.tick);
  const held = new Int32Array(128);
  const total: number[] = [];
  let sounding = 0;
  let since = 0;
  const until = (tick: number): void => {
    while (total.length <= sounding) total.push(0);
    total[sounding] = (total[sounding] as number) + tick - since;
    since = tick;
  };
  for (const { tick, pitch, by } of changes) {
    until(tick);
    const before = held[pitch] as number;
    held[pitch] = before + by;
    if (before === 0) sounding++;
    else if (before + by === 0) sounding--;
  }
  until(end);
  return total;
};

/** Different pitches at once, on average over the time in which any sounds; NaN where none does. As muspy's `polyphony`. */
export const polyphony = (score: Score): number => {
  const ticks = soundingTicks(score);
  const sum = ticks.reduce((all, each, n) => all + n * each, 0);
  return sum / ticks.slice(1).reduce((all, each) => all + each, 0);
};

/** The share of the song in which more than `threshold` pitches sound; NaN where the song has no length. As muspy's `polyphony_rate`. */
export const polyphonyRate = (score: Score, threshold = 2): number => soundingTicks(score).slice(threshold + 1).reduce((all, each) => all + each, 0) / score.end;
