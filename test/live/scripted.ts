import { coins, keyOf } from '../../src/core/rng.ts';
import { ms, pitch } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import type { MuseModel } from '../../src/live/instrument.ts';
import type { ModelState, Predictor, Request } from '../../src/model/predictor.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { sizeOf, weightShapes, type Shape } from '../../src/model/shape.ts';
import { ENCODINGS, type AnyEncodingName } from '../../src/music/encodings.ts';

/** How many events a scripted state remembers. */
const KEPT = 40;

/** What a script is asked: a part, what is known of the event, and the events fed before, the last one last. */
export type Script = (part: number, given: readonly number[], before: readonly (readonly number[])[], outputs: number) => Readonly<Record<number, number>>;

/** A model whose logits are written down: −20 but for those the script names. Its states remember what they were fed. */
export class Scripted implements Predictor {
  readonly shape: Shape;
  readonly batches: Request[][] = [];
  private readonly script: Script;

  /** @param parts those of a model trained before, where they are not the encoding's */
  constructor(encoding: AnyEncodingName, script: Script, parts: Shape['parts'] = ENCODINGS[encoding].parts) {
    this.shape = { kind: 'lstm', parts, embedding: 1, layers: [Math.ceil((1 + KEPT * parts.length) / 2)], head: 1 };
    this.script = script;
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    this.batches.push([...batch]);
    return batch.map((request) => {
      if (request.kind === 'feed') return this.feed(request.state, request.event);
      const { outputs } = this.shape.parts[request.part] as Shape['parts'][number];
      const logits = new Float32Array(outputs).fill(-20);
      for (const [symbol, logit] of Object.entries(this.script(request.part, request.given, this.before(request.state), outputs))) logits[Number(symbol)] = logit;
      return logits;
    });
  }

  close(): void {}

  /** What a state was fed last, oldest first. */
  before({ memory }: ModelState): number[][] {
    const width = this.shape.parts.length;
    const count = memory[0] as number;
    return Array.from({ length: Math.min(count, KEPT) }, (_, i) => [...memory.subarray(1 + i * width, 1 + (i + 1) * width)]);
  }

  private feed({ memory }: ModelState, event: readonly number[]): null {
    const width = this.shape.parts.length;
    const count = memory[0] as number;
    if (count >= KEPT) memory.copyWithin(1, 1 + width, 1 + KEPT * width);
    memory.set(event, 1 + Math.min(count, KEPT - 1) * width);
    memory[0] = count + 1;
    return null;
  }
}

/** A small model of random weights. @param parts those of a model trained before, where they are not the encoding's */
export const randomModel = (encoding: AnyEncodingName, seed: number, parts: Shape['parts'] = ENCODINGS[encoding].parts): PlainPredictor => {
  const shape: Shape = { kind: 'lstm', parts, embedding: 4, layers: [6], head: 5 };
  const coin = coins(keyOf(seed, 0x3e1));
  return new PlainPredictor(shape, new Map(weightShapes(shape).map((row) => [row.name, Float32Array.from({ length: sizeOf(row.shape) }, () => coin() * 2 - 1)])));
};

/** Models by their encodings' names, in this order. */
export const modelsOf = (predictors: Partial<Readonly<Record<AnyEncodingName, Predictor>>>): MuseModel[] =>
  Object.entries(predictors).map(([name, predictor]) => ({ name, encoding: name as AnyEncodingName, predictor }));

/** `hear` asks of notes: each key from its time for its duration. */
export const heardOf = (notes: readonly (readonly [time: number, duration: number, key: number])[], player = true): Extract<Ask, { kind: 'hear' }>[] =>
  notes
    .flatMap(([time, duration, key]) => [{ kind: 'hear' as const, time: ms(time), what: key, value: 80, player }, { kind: 'hear' as const, time: ms(time + duration), what: 128 + key, value: 0, player }])
    .sort((a, b) => a.time - b.time);

/** Completions as notes: key, start, end and velocity of each index. */
export const notesOf = (completions: readonly Completion[]): { key: number; start: number; end: number; velocity: number }[] => {
  const notes: { key: number; start: number; end: number; velocity: number }[] = [];
  for (const each of completions) {
    if (each.kind === 'note') notes[each.index] = { key: pitch(each.pitch), start: each.time, end: NaN, velocity: each.velocity };
    else if (each.kind === 'off') (notes[each.index] as { end: number }).end = each.time;
  }
  return notes;
};
