import type { Predictor } from '../model/predictor.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { drumErrors } from './drum-errors.ts';
import { eventAt, type Piece } from './piece.ts';
import { accompanied, chordTonesOf, isWhole } from './strong-beats.ts';

/** What else is measured of a model of one encoding than its nats: judged pieces, and those it was trained on. */
export type Ruler = (predictor: Predictor, judged: readonly Piece[], trained: readonly Piece[]) => Promise<Readonly<Record<string, unknown>>>;

/** As the stage chooses where no one says otherwise. */
const CHOICE = { temperature: 1, topK: 0, topP: 0.98 } as const;

/** Measures by encoding. */
export const RULERS: Partial<Readonly<Record<AnyEncodingName, Ruler>>> = {
  drums: async (predictor, judged, trained) => (trained.length === 0 ? {} : { errors: await drumErrors(predictor, judged, trained) }),
  accompaniment: async (predictor, judged) => {
    const whole = judged.filter(isWhole);
    const people = chordTonesOf(whole.map((piece) => Array.from(piece.parts[0] as Int32Array, (_, i) => eventAt(piece, i))));
    const model = chordTonesOf(await accompanied(predictor, whole, CHOICE, 1));
    return { strongBeats: { pieces: whole.length, people, model, ratio: { melody: model.melody / people.melody, bass: model.bass / people.bass } } };
  },
};
