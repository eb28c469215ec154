import { HARMONY_RANGES } from './harmony.ts';

/** One step of a grid: what each voice sounds, the highest voice first; a number below 0 is silence. */
export type Voicing = readonly number[];

/** What four voices do that harmony books tell them not to. */
export interface VoiceLeading {
  /** Steps at which any voice sounds. */
  readonly steps: number;
  /** Changes from one step to the next at which two voices or more move. */
  readonly moves: number;
  /** Pairs of voices that move in one direction from a fifth (or twelfth) to another. */
  readonly parallelFifths: number;
  /** The same of unisons and octaves. */
  readonly parallelOctaves: number;
  /** Steps at which a voice sounds above the one over it, counted for each such pair of neighbours. */
  readonly crossings: number;
  /** Steps at which a voice is out of its range, counted for each voice. */
  readonly rangeViolations: number;
  /** Steps at which any voice sounds, counted for each voice that does. */
  readonly voicings: number;
}

type Counted = Exclude<keyof VoiceLeading, 'steps' | 'moves' | 'voicings'>;

const FIFTH = 7;
const OCTAVE = 12;

const sounds = (pitch: number | undefined): pitch is number => pitch !== undefined && pitch >= 0;

/**
 * Counts faults of voice leading over the steps of a grid. A voice that holds or strikes its pitch again does not move, so it is in no
 * parallel; silence between two notes ends a succession. Ranges are those of chorales and hymns by default, lowest and highest pitch of each voice.
 */
export const voiceLeading = (voicings: readonly Voicing[], ranges: readonly (readonly [number, number])[] = HARMONY_RANGES): VoiceLeading => {
  const count: Record<Counted, number> = { parallelFifths: 0, parallelOctaves: 0, crossings: 0, rangeViolations: 0 };
  let [steps, moves, sounding] = [0, 0, 0];
  voicings.forEach((now, i) => {
    const voices = now.filter(sounds).length;
    if (voices > 0) steps++;
    sounding += voices;
    count.crossings += now.filter((pitch, voice) => voice > 0 && sounds(pitch) && sounds(now[voice - 1]) && pitch > (now[voice - 1] as number)).length;
    count.rangeViolations += now.filter((pitch, voice) => sounds(pitch) && ranges[voice] !== undefined && (pitch < ranges[voice][0] || pitch > ranges[voice][1])).length;
    const moved = movedVoices(voicings[i - 1] ?? [], now);
    if (moved.length > 1) moves++;
    for (const interval of parallels(moved)) {
      if (interval === FIFTH) count.parallelFifths++;
      if (interval === 0) count.parallelOctaves++;
    }
  });
  return { steps, moves, ...count, voicings: sounding };
};

/** What a voice does from one moment to the next, as pitches. */
export interface Move {
  readonly from: number;
  readonly to: number;
}

const movedVoices = (before: Voicing, now: Voicing): Move[] =>
  now.map((to, voice) => ({ from: before[voice] ?? -1, to })).filter(({ from, to }) => sounds(from) && sounds(to) && from !== to);

/** The interval within the octave of each pair that keeps one; the upper voice stands before the lower. */
const parallels = (moved: readonly Move[]): number[] => moved.flatMap((upper, i) => moved.slice(i + 1).flatMap((lower) => keptInterval(upper, lower) ?? []));

/** The interval within the octave that two voices keep as they move in one direction; null where they do not. Realtime-safe: yes. */
const keptInterval = (upper: Move, lower: Move): number | null => {
  const interval = (((upper.to - lower.to) % OCTAVE) + OCTAVE) % OCTAVE;
  const had = (((upper.from - lower.from) % OCTAVE) + OCTAVE) % OCTAVE;
  const together = upper.from !== upper.to && Math.sign(upper.to - upper.from) === Math.sign(lower.to - lower.from);
  return interval === had && together ? interval : null;
};

/** Whether two voices move in one direction from a fifth, octave or unison to another. Realtime-safe: yes. */
export const isParallel = (upper: Move, lower: Move): boolean => {
  const kept = keptInterval(upper, lower);
  return kept === FIFTH || kept === 0;
};
