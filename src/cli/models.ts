import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AntiphonError } from '../core/errors.ts';
import { decodeWeights, encodeWeights, readCard, type Model, type ModelCard } from '../model/checkpoint.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';

/** The project's own folder, whether this runs bundled from `dist/` or from `src/`. */
export const projectFolder = (name: string): string => {
  for (const up of ['..', '../..', '../../..']) {
    const root = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(join(root, 'package.json'))) return join(root, name);
  }
  return name;
};

/** Models at hand: those in ./models, then those shipped. */
const places = (): string[] => [join(process.cwd(), 'models'), projectFolder('models')];

export const modelNames = (): string[] =>
  [...new Set(places().filter((place) => existsSync(place)).flatMap((place) => readdirSync(place).filter((name) => existsSync(join(place, name, 'model.json')))))].sort();

const find = (name: string): string | undefined => [name, ...places().map((each) => join(each, name))].find((each) => existsSync(join(each, 'model.json')));

/** Whether it names a model, or is the folder of one. */
export const isModel = (name: string): boolean => find(name) !== undefined;

const placeOf = (name: string): string => {
  const place = find(name);
  if (!place) throw new AntiphonError('model.name', 'No such model', name, `There are: ${modelNames().join(', ') || 'none'}; or give a folder that holds model.json.`);
  return place;
};

/** What a model of that name, or in that folder, says of itself. @throws AntiphonError `model.name`, `model.card`, `encoding.name`, `encoding.hash` */
export const cardOf = (name: string): ModelCard => {
  const file = join(placeOf(name), 'model.json');
  const card = readCard(readFileSync(file, 'utf8'), file);
  const { parts, name: encoding } = encodingOf<AnyEncodingName>(card.encoding, card.encodingHash);
  if (JSON.stringify(parts) !== JSON.stringify(card.shape.parts)) throw new AntiphonError('model.card', `${file} has other parts than the encoding`, encoding, 'The model folder is damaged; fetch or train it again.');
  return card;
};

/** Loads a model by name or by its folder. @throws AntiphonError `model.name`, `model.card`, `model.weights`, `encoding.hash` */
export const loadModel = (name: string): Model => {
  const place = placeOf(name);
  const card = cardOf(name);
  const bytes = Buffer.concat(card.weights.paths.map((path) => readFileSync(join(place, path))));
  return { card, weights: decodeWeights(card.shape, card.weights, bytes) };
};

/** What tells a model from another of its name: a hash of its card and weights as they lie on disk. */
export const modelHash = (name: string): string => {
  const place = placeOf(name);
  const { weights } = readCard(readFileSync(join(place, 'model.json'), 'utf8'), place);
  const hash = createHash('sha256').update(readFileSync(join(place, 'model.json')));
  for (const path of weights.paths) hash.update(readFileSync(join(place, path)));
  return hash.digest('hex').slice(0, 16);
};

/** The weights as they come back from a model's folder: what is judged is what is shipped. */
export const asStored = (shape: Shape, weights: Weights): Weights => {
  const { manifest, bytes } = encodeWeights(shape, weights);
  return decodeWeights(shape, manifest, bytes);
};

/** Puts other figures into a model's card. @throws AntiphonError `model.name` */
export const saveReport = (name: string, report: Readonly<Record<string, unknown>>): void => {
  const file = join(placeOf(name), 'model.json');
  const card = readCard(readFileSync(file, 'utf8'), file);
  writeFileSync(file, `${JSON.stringify({ ...card, report }, null, 1)}\n`);
};

export const saveModel = (place: string, card: Omit<ModelCard, 'weights' | 'format'>, weights: Weights): void => {
  const { manifest, bytes } = encodeWeights(card.shape, weights);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'weights.bin'), bytes);
  writeFileSync(join(place, 'model.json'), `${JSON.stringify({ format: 'antiphon-model-1', ...card, weights: manifest }, null, 1)}\n`);
};
