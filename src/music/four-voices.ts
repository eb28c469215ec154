import { mean } from '../core/statistics.ts';
import type { Score } from './score.ts';
import { voiceLeading, type VoiceLeading, type Voicing } from './voice-leading.ts';

const VOICES = 4;
const STEPS_PER_QUARTER = 4;
const SILENT = -1;

/** A song of four lines as voicings on the 16th grid, the highest line first; null where it has not four. */
export const voicingsOf = ({ lines, ppq }: Score): Voicing[] | null => {
  if (lines.length !== VOICES) return null;
  const onGrid = (ticks: number): number => Math.round((ticks / ppq) * STEPS_PER_QUARTER);
  const height = (line: (typeof lines)[number]): number => mean(line.map(({ pitch }) => pitch));
  const columns = lines.toSorted((a, b) => height(b) - height(a)).map((line) => {
    const steps: number[] = [];
    for (const { tick, ticks, pitch } of line) {
      // A note is there for a step at least, and ends where the next begins.
      const [start, end] = [onGrid(tick), Math.max(onGrid(tick) + 1, onGrid(tick + ticks))];
      steps.length = Math.min(steps.length, start);
      while (steps.length < start) steps.push(SILENT);
      while (steps.length < end) steps.push(pitch);
    }
    return steps;
  });
  const length = Math.max(...columns.map((steps) => steps.length));
  return Array.from({ length }, (_, step) => columns.map((steps) => steps[step] ?? SILENT));
};

/** A share of what four voices do, by their faults of voice leading; NaN for a song that has not four lines. */
export const voiceLeadingRate = (score: Score, rate: (counts: VoiceLeading) => number): number => {
  const voicings = voicingsOf(score);
  return voicings ? rate(voiceLeading(voicings)) : NaN;
};
