import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { beginWith } from '../../src/cli/begin.ts';
import { modelHash, saveModel } from '../../src/cli/models.ts';
import { sampleWeights } from '../../src/engine/sample.ts';
import { PlainPredictor } from '../../src/model/plain.ts';
import { openState } from '../../src/model/predictor.ts';
import type { Shape } from '../../src/model/shape.ts';
import { ENCODINGS, encodingOf } from '../../src/music/encodings.ts';
import { KEPT } from '../../src/training/split.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-begin-'));
afterAll(() => rmSync(home, { recursive: true }));

const earlier = encodingOf('performance', 'performance-1');
const now = ENCODINGS.performance;
const shapeOf = (parts: Shape['parts'], head = 8): Shape => ({ kind: 'lstm', parts, embedding: 8, layers: [12, 8], head, skip: true });
const base = join(home, 'base');
const training = { command: 'antiphon train pop909 lieder', folders: ['pop909', 'lieder'], seed: 3 };
saveModel(base, { name: 'base', encoding: 'performance', encodingHash: earlier.hash, shape: shapeOf(earlier.parts), training, report: {} }, sampleWeights(shapeOf(earlier.parts), 5, 0.5));
const sides = { seed: 3, kept: KEPT };
const folders = ['/music/lieder', 'pop909'];

describe('beginWith', () => {
  it('begins with the very model, whatever is told', async () => {
    const { weights, base: told } = beginWith(base, now, shapeOf(now.parts), folders, sides);
    expect(told).toEqual({ name: 'base', hash: modelHash(base), encodingHash: 'performance-1', training });
    const old = new PlainPredictor(shapeOf(earlier.parts), sampleWeights(shapeOf(earlier.parts), 5, 0.5));
    const begun = new PlainPredictor(shapeOf(now.parts), weights);
    const same = beginWith(base, earlier, shapeOf(earlier.parts), folders, sides);
    const stored = new PlainPredictor(shapeOf(earlier.parts), same.weights);
    const say = async (model: PlainPredictor, conditions: readonly number[]): Promise<number[][]> => {
      const state = openState(model.shape);
      const said: number[][] = [];
      for (const event of [[60, 3, 20], [64, 0, 18], [188, 30, 0]]) {
        await model.submit([{ kind: 'feed', state, event: [...event, ...conditions] }]);
        const logits = await model.submit([0, 1, 2].map((part) => ({ kind: 'query' as const, state, part, given: [-1, -1, -1] })));
        said.push(...logits.map((each) => Array.from(each as Float32Array)));
      }
      return said;
    };
    const expected = await say(stored, []);
    expect(await say(begun, [2, 4, 1])).toEqual(expected);
    expect(await say(begun, [0, 0, 0])).toEqual(expected);
    expect(expected).not.toEqual(await say(old, []));
  });

  it.each([
    ['another encoding', ENCODINGS.melody, shapeOf(ENCODINGS.melody.parts), folders, sides, /A melody model cannot begin with one of another encoding: "performance"/],
    ['another seed of the split', now, shapeOf(now.parts), folders, { ...sides, seed: 4 }, /learnt from other pieces, and may know some that are kept aside here/],
    ['more data sets', now, shapeOf(now.parts), [...folders, 'mutopia'], sides, /learnt from other pieces/],
    ['another share kept aside', now, shapeOf(now.parts), folders, { ...sides, kept: 0 }, /learnt from other pieces/],
    ['larger heads', now, shapeOf(now.parts, 16), folders, sides, /another shape: its weights differ from those wanted in: "head\/what\/kernel"\. It was made by: antiphon train pop909 lieder/],
    ['fewer layers', now, { ...shapeOf(now.parts), layers: [12] }, folders, sides, /another shape/],
  ] as const)('refuses %s', (_, encoding, shape, sets, split, why) => {
    expect(() => beginWith(base, encoding, shape, sets, split)).toThrow(why);
  });
});
