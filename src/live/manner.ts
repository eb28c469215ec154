import { ms, type Ms } from '../core/units.ts';
import { estimateKey, SCALES, type Key } from '../music/scale.ts';

/** A note of the player's as the models are told it; `end` is null while the key is down. */
export interface HeardNote {
  readonly time: Ms;
  end: Ms | null;
  readonly pitch: number;
}

/** How the player played lately, as far as an answer should be like it. */
export interface Manner {
  readonly lowest: number;
  readonly highest: number;
  /** Keys struck together at most. */
  readonly chord: number;
  /** The key it seems to be in; null where nothing was heard. */
  readonly key: Key | null;
  /** For each pitch class from C, how well it belongs: 0 for what was played or lies in the key, down to −1. */
  readonly belongs: Float32Array;
}

/** Onsets closer than this, in milliseconds, are one chord. */
const CHORD = 30;
/** What of a long note counts towards the key. */
const LONG = 1000;
/** The key is told from this many notes at least, older ones where the phrase has fewer. */
const TELLING = 12;
/** A pitch class with this share of what sounded belongs, whatever the key. */
const PLAYED = 0.04;

/** The manner of the notes struck from `since` on, the key out of some before them where they are few. */
export const mannerOf = (heard: readonly HeardNote[], since: Ms): Manner => {
  let lowest = 128;
  let highest = -1;
  let [chord, together, start] = [0, 0, -Infinity];
  for (const { time, pitch } of heard) {
    if (time < since) continue;
    lowest = Math.min(lowest, pitch);
    highest = Math.max(highest, pitch);
    if (time - start > CHORD) [together, start] = [0, time];
    chord = Math.max(chord, ++together);
  }
  const weights = Array.from({ length: 12 }, () => 0);
  for (const [i, { time, end, pitch }] of heard.entries()) {
    if (time < since && i < heard.length - TELLING) continue;
    weights[pitch % 12] = (weights[pitch % 12] as number) + Math.min(LONG, (end ?? time + LONG) - time);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const key = total > 0 ? estimateKey(weights) : null;
  const belongs = Float32Array.from(weights, (weight, at) => (key === null || weight > PLAYED * total || inKey(key, at) ? 0 : -key.confidence));
  return highest < 0 ? { lowest: 0, highest: 127, chord: 128, key, belongs } : { lowest, highest, chord, key, belongs };
};

const ROWS = { major: SCALES.findIndex(({ name }) => name === 'major'), minor: SCALES.findIndex(({ name }) => name === 'minor') } as const;

/** Whether a pitch class lies in a key. */
const inKey = ({ root, mode }: Key, at: number): boolean => ((SCALES[ROWS[mode]] as (typeof SCALES)[number]).steps as readonly number[]).includes((at - root + 12) % 12);

/** Nats against a pitch class that the player's key does not know. */
const FOREIGN = 2;
/** Nats for each semitone beyond the player's own range, after the first few. */
const BEYOND = 0.15;
const REACH = 4;
/** How strongly a close pulls to notes that rest, in nats. */
const RESTING = 1.2;

/** Nats against a pitch for its being foreign to the player's key. Realtime-safe: yes. */
export const foreign = (manner: Manner, pitch: number): number => FOREIGN * (manner.belongs[pitch % 12] as number);

/** Nats for or against a pitch in an answer: near the player's range, and at its close on a note that rests. Realtime-safe: yes. */
export const fitting = ({ lowest, highest, key }: Manner, pitch: number, close: boolean): number =>
  (close ? RESTING * rest(key, pitch) : 0) - BEYOND * Math.max(0, lowest - REACH - pitch, pitch - highest - REACH);

/** How well a pitch ends a phrase in a key: 1 on the tonic, less on the fifth and third, 0 elsewhere. */
const rest = (key: Key | null, pitch: number): number => {
  if (key === null) return 0;
  const degree = (pitch - key.root + 120) % 12;
  return degree === 0 ? 1 : degree === 7 ? 0.6 : degree === (key.mode === 'major' ? 4 : 3) ? 0.6 : 0;
};

/** When what is like an answer of `length` milliseconds from `from` on began to be played, a rest before it included. */
export const since = (from: Ms, length: number): Ms => ms(from - length - Math.max(1500, 0.5 * length));
