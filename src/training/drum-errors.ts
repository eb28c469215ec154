import { softmax } from '../model/cache.ts';
import { openState, type Predictor } from '../model/predictor.ts';
import { DRUM, DRUM_PARTS, DRUM_START, DRUMS, offsetOf } from '../music/drums.ts';
import { velocityOf } from '../music/performance.ts';
import { eventAt, type Piece } from './piece.ts';

/** Root-mean-square errors: of what the model expects, of each drum's own mean, and of one mean for all. */
export interface DrumError {
  readonly model: number;
  readonly drumMean: number;
  readonly mean: number;
}

/** Velocity in MIDI's units, timing in 16th steps. */
export interface DrumErrors {
  readonly velocity: DrumError;
  readonly timing: DrumError;
}

/** Events of a piece that are judged: later ones are judged by the same model in the same manner. */
const JUDGED = 1500;

/** What is predicted of a hit, and what a symbol of it stands for. */
const PREDICTED = [
  { name: 'velocity', part: 1, value: velocityOf },
  { name: 'timing', part: 2, value: offsetOf },
] as const;

/** How far a model's expectation of each hit is from what people played, beside means of the pieces it was trained on. */
export const drumErrors = async (predictor: Predictor, pieces: readonly Piece[], trained: readonly Piece[]): Promise<DrumErrors> => {
  const values = PREDICTED.map(({ part, value }) => Float64Array.from({ length: DRUM_PARTS[part].outputs }, (_, symbol) => value(symbol)));
  const means = PREDICTED.map(({ part }, n) => meansOf(trained, part, values[n] as Float64Array));
  const squares = PREDICTED.map(() => ({ model: 0, drumMean: 0, mean: 0 }));
  let hits = 0;
  const states = pieces.map(() => openState(predictor.shape));
  const longest = Math.min(JUDGED, Math.max(0, ...pieces.map(({ parts }) => parts[0]?.length ?? 0)));
  for (let i = 0; i < longest; i++) {
    const open = pieces.flatMap((piece, index) => (i < (piece.parts[0]?.length ?? 0) ? [index] : []));
    await predictor.submit(open.map((index) => ({ kind: 'feed', state: states[index] as (typeof states)[number], event: i === 0 ? DRUM_START : eventAt(pieces[index] as Piece, i - 1) })));
    const struck = open.map((index) => ({ index, event: eventAt(pieces[index] as Piece, i) })).filter(({ event }) => (event[0] as number) < DRUM.step);
    if (struck.length === 0) continue;
    hits += struck.length;
    for (const [n, { part }] of PREDICTED.entries()) {
      // Each knows the drum; velocity knows the timing, which is asked before it.
      const given = (event: readonly number[]): number[] => [event[0] as number, -1, part === 1 ? (event[2] as number) : -1, ...event.slice(3).map(() => -1)];
      const answers = await predictor.submit(struck.map(({ index, event }) => ({ kind: 'query', state: states[index] as (typeof states)[number], part, given: given(event) })));
      struck.forEach(({ event }, r) => {
        const wanted = (values[n] as Float64Array)[event[part] as number] as number;
        const expected = softmax(answers[r] as Float32Array).reduce((sum, share, symbol) => sum + share * ((values[n] as Float64Array)[symbol] as number), 0);
        const { all, byDrum } = means[n] as ReturnType<typeof meansOf>;
        const square = squares[n] as (typeof squares)[number];
        square.model += (wanted - expected) ** 2;
        square.drumMean += (wanted - (byDrum[event[0] as number] as number)) ** 2;
        square.mean += (wanted - all) ** 2;
      });
    }
  }
  const errors = squares.map(({ model, drumMean, mean }) => ({ model: Math.sqrt(model / hits), drumMean: Math.sqrt(drumMean / hits), mean: Math.sqrt(mean / hits) })) as [DrumError, DrumError];
  return { velocity: errors[0], timing: errors[1] };
};

const meansOf = (pieces: readonly Piece[], part: number, values: Float64Array): { readonly all: number; readonly byDrum: readonly number[] } => {
  const sums = DRUMS.map(() => [0, 0] as [number, number]);
  for (const piece of pieces) {
    piece.parts[0]?.forEach((what, i) => {
      const row = sums[what];
      if (what >= DRUM.step || !row) return;
      row[0] += values[(piece.parts[part] as Int32Array)[i] as number] as number;
      row[1]++;
    });
  }
  const [sum, count] = sums.reduce(([s, c], [a, b]) => [s + a, c + b] as [number, number], [0, 0]);
  return { all: sum / count, byDrum: sums.map(([s, c]) => (c > 0 ? s / c : sum / count)) };
};
