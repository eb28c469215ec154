import { coins, keyOf, type Coin } from '../core/rng.ts';
import { clamp } from '../core/units.ts';
import { ACCOMPANIMENT_PART, HEARD } from '../music/accompaniment.ts';
import { DRUM_CONDITIONS, DRUM_PARTS } from '../music/drums.ts';
import { FRAME, HARMONY_RANGES, SILENT } from '../music/harmony.ts';
import { NO_VELOCITY, TIME_BINS, timeBin, VELOCITIES } from '../music/performance.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { transposed, type Piece } from './piece.ts';

/** Semitones up or down that a piece is moved in training. */
const SEMITONES = 6;

/** Into any key, as near as it goes. */
const anyKey = (encoding: AnyEncodingName, piece: Piece, coin: Coin): Piece => {
  const semitones = Math.floor(coin() * (2 * SEMITONES)) - SEMITONES;
  return transposed(encoding, piece, semitones) ?? piece;
};

/** A little faster or slower, louder or softer. */
const stretched = (piece: Piece, coin: Coin): Piece => {
  const stretch = 0.9 + 0.2 * coin();
  const louder = Math.round((coin() - 0.5) * 6);
  const [what, time, velocity] = piece.parts as [Int32Array, Int32Array, Int32Array];
  return {
    ...piece,
    parts: [
      what,
      time.map((bin) => timeBin((TIME_BINS[bin] as number) * stretch)),
      velocity.map((bin) => (bin === NO_VELOCITY ? bin : clamp(bin + louder, 0, VELOCITIES - 1))),
    ],
  };
};

/** How often harmony is heard in another key than the one that models learn it in: modulations come, and live keys are guessed. */
const STRAY = 0.3;

/** Into its home key; now and then into any other in which every voice stays where such voices sing. */
const singable = (piece: Piece, coin: Coin): Piece => {
  if (coin() >= STRAY) return transposed('harmony', piece, piece.home ?? 0) ?? piece;
  let lowest = -127;
  let highest = 127;
  HARMONY_RANGES.forEach(([low, high], v) => {
    for (const key of piece.parts[FRAME.sounds + v] as Int32Array) {
      if (key === SILENT) continue;
      lowest = Math.max(lowest, low - key);
      highest = Math.min(highest, high - key);
    }
  });
  const semitones = lowest + Math.floor(coin() * (highest - lowest + 1));
  return highest >= lowest ? (transposed('harmony', piece, semitones) ?? piece) : piece;
};

/** How often a condition is not told, so that it can be left open. */
const UNTOLD = 0.25;

/** A little louder or softer, and not told all that is known. */
const toldLess = (piece: Piece, coin: Coin): Piece => {
  const louder = Math.round((coin() - 0.5) * 6);
  const parts = [...piece.parts];
  const forces = DRUM_PARTS[1].outputs;
  parts[1] = (parts[1] as Int32Array).map((bin) => (bin === forces ? bin : clamp(bin + louder, 0, forces - 1)));
  for (const part of DRUM_CONDITIONS) if (coin() < UNTOLD) parts[part] = new Int32Array((parts[part] as Int32Array).length);
  return { ...piece, parts };
};

/** How often an accompaniment hears no melody, so that it can play alone. */
const UNHEARD = 0.1;

/** Into any key, and not told all that is known. */
const backing = (piece: Piece, coin: Coin): Piece => {
  const parts = [...anyKey('accompaniment', piece, coin).parts];
  const { style, earlier, later } = ACCOMPANIMENT_PART;
  if (coin() < UNTOLD) parts[style] = new Int32Array((parts[style] as Int32Array).length);
  if (coin() < UNHEARD) for (const part of [earlier, later]) parts[part] = new Int32Array((parts[part] as Int32Array).length).fill(HEARD.unheard);
  return { ...piece, parts };
};

/** What is done to a piece each time training hears it. */
const AUGMENTATIONS: Readonly<Record<AnyEncodingName, (piece: Piece, coin: Coin) => Piece>> = {
  performance: (piece, coin) => stretched(anyKey('performance', piece, coin), coin),
  melody: (piece, coin) => anyKey('melody', piece, coin),
  harmony: singable,
  drums: toldLess,
  'note-chord': (piece, coin) => anyKey('note-chord', piece, coin),
  accompaniment: backing,
};

/** The piece as one epoch hears it. */
export const augmented = (encoding: AnyEncodingName, piece: Piece, seed: number, epoch: number, index: number): Piece =>
  AUGMENTATIONS[encoding](piece, coins(keyOf(seed, epoch, index)));
