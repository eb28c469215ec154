import { coins, keyOf } from '../core/rng.ts';
import { clamp } from '../core/units.ts';
import { NO_VELOCITY, TIME_BINS, timeBin, VELOCITIES } from '../music/performance.ts';
import type { EncodingName } from '../music/encodings.ts';
import { transposed, type Piece } from './corpus.ts';

/** Semitones up or down that a piece is moved in training. */
const SEMITONES = 6;

/** The piece as one epoch hears it: transposed and, for performances, played a little faster or slower, louder or softer. */
export const augmented = (encoding: EncodingName, piece: Piece, seed: number, epoch: number, index: number): Piece => {
  const coin = coins(keyOf(seed, epoch, index));
  const semitones = Math.floor(coin() * (2 * SEMITONES)) - SEMITONES;
  const moved = transposed(encoding, piece, semitones) ?? piece;
  if (encoding !== 'performance') return moved;
  const stretch = 0.9 + 0.2 * coin();
  const louder = Math.round((coin() - 0.5) * 6);
  const [what, time, velocity] = moved.parts as [Int32Array, Int32Array, Int32Array];
  return {
    ...moved,
    parts: [
      what,
      time.map((bin) => timeBin((TIME_BINS[bin] as number) * stretch)),
      velocity.map((bin) => (bin === NO_VELOCITY ? bin : clamp(bin + louder, 0, VELOCITIES - 1))),
    ],
  };
};
