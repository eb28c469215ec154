// Bundled and run by resume.test.ts: trains a tiny model in the folder given, or is killed in the step given.
import { loadTensorFlow } from '../../src/engine/tensorflow.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { train } from '../../src/training/train.ts';
import { randomPiece } from './pieces.ts';

const [folder = '', killed = 'never'] = process.argv.slice(2);
const { performance: played } = ENCODINGS;
const split = { train: Array.from({ length: 4 }, (_, i) => randomPiece('performance', 60 + i, i)), tune: [randomPiece('performance', 40, 9)], report: [] };
let asked = 0;
await train(loadTensorFlow(), played, split, {
  shape: { kind: 'lstm', parts: played.parts, embedding: 16, layers: [32, 16], head: 16, attention: { window: 12, size: 8, heads: 2 } },
  steps: 24, length: 16, rows: 8, rate: 0.01, dropout: { input: 0, between: 0.2, recurrent: 0.1 }, decay: 0.01, averaged: 10, seed: 2, every: 8, patience: 9,
}, folder, () => {}, () => {
  if (asked++ === Number(killed)) process.kill(process.pid, 'SIGKILL');
  return false;
});
