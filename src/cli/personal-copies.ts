import { coins, keyOf } from '../core/rng.ts';
import { pitch } from '../core/units.ts';
import type { ModelCard } from '../model/checkpoint.ts';
import type { Predictor } from '../model/predictor.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { copiesOf, type Sameness } from '../music/copies.ts';
import { MELODY, type GridNote } from '../music/melody.ts';
import { isOn } from '../music/performance.ts';
import type { Piece } from '../training/piece.ts';
import type { Split } from '../training/split.ts';
import { GENERATORS } from './generate-files.ts';
import { FORGETFUL } from './generator.ts';

/** Longest run of pitches in one order that two sets share, and the same of the player's own pieces kept aside. */
export interface CopyCheck {
  readonly generatedNotes: number;
  readonly longest: Readonly<Record<Sameness, number>>;
  readonly ownPieces: Readonly<Record<Sameness, number>>;
}

/** The pitches struck, in order, by encoding; what they are compared by. */
const STRUCK = {
  performance: ({ parts }: Piece): number[] => Array.from(parts[0] as Int32Array).filter(isOn),
  melody: ({ parts }: Piece): number[] => Array.from(parts[0] as Int32Array).flatMap((symbol) => (symbol >= MELODY.on ? [symbol - MELODY.on] : [])),
};

/** Pitches as a line with a note a step: the same pitches in the same order are then the same run. */
const lineOf = (pitches: readonly number[]): GridNote[] => pitches.map((key, step) => ({ step, steps: 1, pitch: pitch(key) }));

const TAKES = 4;
const SECONDS = 45;

/** The longest runs that what the model plays from nothing has in common with what it learnt from; null where it plays nothing from nothing. */
export const copiesIn = async (card: ModelCard, weights: Weights, { train, report }: Split, seed: number, open: (shape: Shape, weights: Weights) => Promise<Predictor>): Promise<CopyCheck | null> => {
  const name = card.encoding as keyof typeof STRUCK;
  if (!Object.hasOwn(STRUCK, name)) return null;
  const predictor = await open(card.shape, weights);
  const generated: number[][] = [];
  for (let take = 0; take < TAKES; take++) {
    const made = await GENERATORS[name]({ predictor, prompt: { song: null, tracks: [], bpm: 120 }, seconds: SECONDS, choice: { temperature: 1, topP: 0.95, topK: 0 }, coin: coins(keyOf(seed, 0xc0b1e5, take)), recall: FORGETFUL, wishes: {} });
    const notes = made.added.flatMap((track) => track.notes);
    generated.push([...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch).map((note) => note.pitch));
  }
  predictor.close();
  const learnt = train.map(STRUCK[name]).map(lineOf);
  const longest = (lines: readonly GridNote[][], sameness: Sameness): number => {
    const found = copiesOf([...lines, ...learnt], [...lines.map(() => 0), ...learnt.map(() => 1)], sameness, 2);
    return Math.max(0, ...found.slice(0, lines.length).map(({ longest: run }) => run?.notes ?? 0));
  };
  const both = (lines: readonly GridNote[][]): Record<Sameness, number> => ({ exact: longest(lines, 'exact'), transposed: longest(lines, 'transposed') });
  return { generatedNotes: generated.reduce((sum, pitches) => sum + pitches.length, 0), longest: both(generated.map(lineOf)), ownPieces: both(report.map(STRUCK[name]).map(lineOf)) };
};
