import * as z from 'zod';
import { AntiphonError } from '../core/errors.ts';
import { fromHalf, halfOf } from './float16.ts';
import { checkWeights, GATES, sizeOf, weightShapes, type Shape, type Weights } from './shape.ts';

/** What `models/NAME/model.json` says. */
export interface ModelCard {
  readonly format: 'antiphon-model-1';
  readonly name: string;
  readonly encoding: string;
  /** Changes when the encoding's symbols do; a model of another hash is refused. */
  readonly encodingHash: string;
  readonly shape: Shape;
  readonly weights: WeightManifest;
  readonly training: Readonly<Record<string, unknown>>;
  readonly report: Readonly<Record<string, unknown>>;
}

/** One group of a TFJS `weightsManifest`. */
export interface WeightManifest {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32';
  readonly quantization?: { readonly dtype: 'float16'; readonly original_dtype: 'float32' };
}

/** A card with its weights, ready for an engine. */
export interface Model {
  readonly card: ModelCard;
  readonly weights: Weights;
}

/** Weights in the TFJS format: a manifest and the bytes it describes, in float16. */
export const encodeWeights = (shape: Shape, weights: Weights): { readonly manifest: WeightManifest; readonly bytes: Uint8Array } => {
  checkWeights(shape, weights);
  const rows = weightShapes(shape);
  const halves = new Uint16Array(rows.reduce((sum, row) => sum + sizeOf(row.shape), 0));
  let at = 0;
  for (const { name } of rows) for (const value of weights.get(name) as Float32Array) halves[at++] = halfOf(value);
  return {
    manifest: {
      paths: ['weights.bin'],
      weights: rows.map((row) => ({ ...row, dtype: 'float32' as const, quantization: { dtype: 'float16' as const, original_dtype: 'float32' as const } })),
    },
    bytes: new Uint8Array(halves.buffer),
  };
};

/** All halves, made once: decoding is a good part of the time to the first note. */
let halfTable: Float32Array | undefined;

/** @throws AntiphonError `model.weights` where the bytes do not fit the manifest or the shape */
export const decodeWeights = (shape: Shape, manifest: WeightManifest, bytes: Uint8Array): Weights => {
  const weights = new Map<string, Float32Array>();
  const wanted = manifest.weights.reduce((sum, spec) => sum + 2 * sizeOf(spec.shape), 0);
  if (wanted !== bytes.length) throw new AntiphonError('model.weights', `The manifest describes ${wanted} bytes and the file has`, bytes.length, 'The model folder is damaged; fetch or train it again.');
  halfTable ??= Float32Array.from({ length: 65536 }, (_, half) => fromHalf(half));
  const table = halfTable;
  let at = 0;
  for (const spec of manifest.weights) {
    const values = new Float32Array(sizeOf(spec.shape));
    for (let i = 0; i < values.length; i++, at += 2) values[i] = table[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    weights.set(spec.name, values);
  }
  checkWeights(shape, weights);
  return weights;
};

const size = z.int().min(1).max(65_536);
const shapeOfCard = z.looseObject({
  kind: z.enum(Object.keys(GATES) as [Shape['kind']]),
  parts: z.array(z.looseObject({ name: z.string(), inputs: size, outputs: z.int().min(0).max(65_536), told: size.optional() })).min(1).max(64),
  embedding: size,
  layers: z.array(size).min(1).max(16),
  head: size,
  deep: z.int().min(0).max(16).optional(),
  skip: z.boolean().optional(),
  attention: z.looseObject({ window: size, size, heads: size }).refine(({ size: all, heads }) => all % heads === 0, { error: 'heads do not divide the size' }).optional(),
});
/** A card as any program may have left it; weights are files beside it, never elsewhere. */
const CARD = z.looseObject({
  format: z.literal('antiphon-model-1'),
  name: z.string(),
  encoding: z.string(),
  encodingHash: z.string(),
  shape: shapeOfCard,
  weights: z.looseObject({
    paths: z.array(z.string().regex(/^\w[\w.-]*$/)).min(1).max(64),
    weights: z.array(z.looseObject({ name: z.string(), shape: z.array(size).max(4) })).max(4096),
  }),
  training: z.looseObject({}),
  report: z.looseObject({}),
});

/** @throws AntiphonError `model.card` where `json` is no model card this version can play */
export const readCard = (json: string, file: string): ModelCard => {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new AntiphonError('model.card', 'Not JSON', file, 'The model folder is damaged; fetch or train it again.');
  }
  const card = CARD.safeParse(given);
  if (card.success) return card.data as unknown as ModelCard;
  const [{ path, message }] = card.error.issues as [z.core.$ZodIssue];
  throw new AntiphonError('model.card', `${file} has no ${path.join('.') || 'card'} that can be read`, message, 'This version reads antiphon-model-1: fetch or train the model again.');
};
