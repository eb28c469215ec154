import type { Encoding } from '../music/encodings.ts';
import type { Raw, Tf } from '../engine/tensorflow.ts';
import type { Shape, Weights } from '../model/shape.ts';
import type { Piece } from '../training/corpus.ts';
import { judge, type Judgement } from '../training/judge.ts';
import { Network } from '../training/network.ts';
import type { Split } from '../training/split.ts';

export interface FloorSettings { readonly split: Split; readonly floorSymbols: number; readonly seed: number }

export const evaluatePieces = async (tf: Tf, raw: Raw | null, encoding: Encoding, shape: Shape, weights: Weights, pieces: readonly Piece[], floors: FloorSettings | null): Promise<Judgement> => {
  const network = new Network(tf, raw, shape, 0);
  network.load(weights);
  void floors;
  return judge(tf, network, encoding, pieces);
};
