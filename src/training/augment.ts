import { coins, keyOf, type Coin } from '../core/rng.ts';
import { clamp } from '../core/units.ts';
import { ACCOMPANIMENT_PART, BASS, CHORD, HEARD, STRIKE } from '../music/accompaniment.ts';
import { DRUM_CONDITIONS, DRUM_PARTS } from '../music/drums.ts';
import { decodeHarmony, encodeHarmony, FRAME, HARMONY_PARTS, HARMONY_RANGES, SILENT, VOICES } from '../music/harmony.ts';
import { TIME_BINS, timeBin, VELOCITIES } from '../music/performance.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { columnsOf, eventAt, transposed, type Piece } from './piece.ts';
import { toldSome } from './tell.ts';

/** Semitones up or down that a piece is moved in training. */
const SEMITONES = 6;

/** Into any key, as near as it goes. */
const anyKey = (encoding: AnyEncodingName, piece: Piece, coin: Coin): Piece => {
  const semitones = Math.floor(coin() * (2 * SEMITONES)) - SEMITONES;
  return transposed(encoding, piece, semitones) ?? piece;
};

/** A little faster or slower. */
const stretched = (piece: Piece, coin: Coin): Piece => {
  const stretch = 0.9 + 0.2 * coin();
  return { ...piece, parts: piece.parts.map((part, p) => (p === TIME ? part.map((bin) => timeBin((TIME_BINS[bin] as number) * stretch)) : part)) };
};
/** Which part of a performance's events is time. */
const TIME = 1;

/** Struck harder or softer, and with more or less between the two: a scale and a curve over velocities, part `part` of which `bins` are. */
const struck = (part: number, bins: number) => (piece: Piece, coin: Coin): Piece => {
  const scale = 0.85 + 0.3 * coin();
  const curve = 2 ** ((coin() - 0.5) * 0.6);
  const table = Int32Array.from({ length: bins + 1 }, (_, bin) => (bin === bins ? bin : clamp(Math.round((bins - 1) * scale * (bin / (bins - 1)) ** curve), 0, bins - 1)));
  return { ...piece, parts: piece.parts.map((each, p) => (p === part ? each.map((bin) => table[bin] as number) : each)) };
};

/** How often what is learnt in one key is heard in another: modulations come, and live keys are guessed. */
const STRAY = 0.2;

/** Into its home key, now and then into any other. */
const atHome = (encoding: AnyEncodingName, piece: Piece, coin: Coin): Piece =>
  coin() < STRAY ? anyKey(encoding, piece, coin) : (transposed(encoding, piece, piece.home ?? 0) ?? piece);

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

/** Drums that are not told all that is known. */
const toldLess = (piece: Piece, coin: Coin): Piece => {
  const parts = [...piece.parts];
  for (const part of DRUM_CONDITIONS) if (coin() < UNTOLD) parts[part] = new Int32Array((parts[part] as Int32Array).length);
  return { ...piece, parts };
};

/** How often an accompaniment hears no melody, so that it can play alone. */
const UNHEARD = 0.1;

/** An accompaniment that is not told all that is known. */
const backing = (piece: Piece, coin: Coin): Piece => {
  const parts = [...piece.parts];
  const { style, earlier, later } = ACCOMPANIMENT_PART;
  if (coin() < UNTOLD) parts[style] = new Int32Array((parts[style] as Int32Array).length);
  if (coin() < UNHEARD) for (const part of [earlier, later]) parts[part] = new Int32Array((parts[part] as Int32Array).length).fill(HEARD.unheard);
  return { ...piece, parts };
};

/** How often an accompaniment enters late, after so many 8ths at most. */
const LATE = 0.4;
const LATEST = 96;

/** An accompaniment that begins when the tune is under way: what chord to begin with is then the tune's to say. */
const entersLate = (piece: Piece, coin: Coin): Piece => {
  if (coin() >= LATE) return piece;
  const length = piece.parts[0]?.length ?? 0;
  const entry = Math.min(length, Math.floor(coin() * LATEST));
  const { chord, strike, bass, harmony, ground } = ACCOMPANIMENT_PART;
  const parts = piece.parts.map((part) => part.slice()) as Int32Array[];
  for (const part of [chord, strike, bass, harmony, ground]) (parts[part] as Int32Array).fill(0, 0, entry);
  // Parts that nobody wrote down stay so.
  for (const [part, untold] of [[chord, CHORD.untold], [strike, STRIKE.untold], [bass, BASS.untold]] as const) if (piece.parts[part]?.[0] === untold) (parts[part] as Int32Array).fill(untold, 0, entry);
  const stands = piece.parts[harmony]?.[entry] ?? 0;
  if (entry < length && stands > 0 && (piece.parts[chord]?.[entry] as number) === CHORD.hold) (parts[chord] as Int32Array)[entry] = CHORD.on + stands - 1;
  // A bass that was sounding is not heard to begin: it comes in with its next note.
  if ((piece.parts[bass]?.[0] as number) !== BASS.untold) for (let i = entry; i < length && (parts[bass] as Int32Array)[i] === BASS.hold; i++) (parts[ground] as Int32Array)[i] = 0;
  return { ...piece, parts };
};

/** One way of hearing a piece otherwise. */
type Augmentation = (piece: Piece, coin: Coin) => Piece;

/** What is done to a piece each time training hears it, one after another: what is told of it is told of how it is heard. */
const AUGMENTATIONS: Readonly<Record<AnyEncodingName, readonly Augmentation[]>> = {
  performance: [(piece, coin) => anyKey('performance', piece, coin), stretched, struck(2, VELOCITIES), (piece, coin) => toldSome('performance', piece, coin)],
  melody: [(piece, coin) => anyKey('melody', piece, coin), (piece, coin) => toldSome('melody', piece, coin)],
  harmony: [singable],
  drums: [struck(1, DRUM_PARTS[1].outputs), toldLess],
  'note-chord': [(piece, coin) => anyKey('note-chord', piece, coin)],
  accompaniment: [(piece, coin) => atHome('accompaniment', piece, coin), entersLate, backing],
};

/** What more can be asked for: the share of pieces for several voices of which one is left out. */
export interface MoreAugmentation {
  readonly dropVoices?: number;
}

/** The piece as one epoch hears it. */
export const augmented = (encoding: AnyEncodingName, piece: Piece, seed: number, epoch: number, index: number, { dropVoices = 0 }: MoreAugmentation = {}): Piece => {
  const coin = coins(keyOf(seed, epoch, index));
  const heard = AUGMENTATIONS[encoding].reduce((each, augment) => augment(each, coin), piece);
  return encoding === 'harmony' && coin() < dropVoices ? withoutVoice(heard, Math.floor(coin() * VOICES)) : heard;
};

/** Four voices of which one is silent throughout. */
const withoutVoice = (piece: Piece, voice: number): Piece => {
  const frames = Array.from(piece.parts[0] as Int32Array, (_, i) => eventAt(piece, i));
  const steps = frames.reduce((sum, frame) => sum + (frame[FRAME.wait] as number) + 1, -1);
  const voices = decodeHarmony(frames).map((notes, v) => (v === voice ? [] : notes));
  return { ...piece, parts: columnsOf(HARMONY_PARTS.length, encodeHarmony(voices, steps)) };
};
