import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveModel } from '../../src/cli/models.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import type { Shape } from '../../src/model/shape.ts';
import { ENCODINGS, type AnyEncodingName } from '../../src/music/encodings.ts';

/** Saves a model with random weights, small enough to be quick: it plays, but nothing anyone would want to hear. */
export const saveTiny = (folder: string, encoding: AnyEncodingName, name: string = encoding, seed = 5): void => {
  const { hash, parts } = ENCODINGS[encoding];
  const shape: Shape = { kind: 'lstm', parts, embedding: 8, layers: [12, 8], head: 8 };
  saveModel(join(folder, 'models', name), { name, encoding, encodingHash: hash, shape, training: {}, report: {} }, sampleWeights(shape, seed, 0.5));
};

/** A new folder with both models in it, to be a command's working folder. */
export const tinyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-cli-'));
  saveTiny(folder, 'performance');
  saveTiny(folder, 'melody');
  return folder;
};
