import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES } from '../../src/live/params.ts';
import { encodingOf, type EncodingName } from '../../src/music/encodings.ts';
import { heardOf, modelsOf, notesOf, randomModel } from './scripted.ts';

/** Six times up a broken chord, four notes a second; an answer says it three times, for later it would weary of it. */
const FIGURE = [60, 64, 67, 71];
const PLAYED = Array.from({ length: 24 }, (_, i) => [i * 250, 230, FIGURE[i % 4] as number] as const);
const param = (name: (typeof PARAM_NAMES)[number], value: number): Ask => ({ kind: 'param', role: 1, param: PARAM_NAMES.indexOf(name), value });
const grow: Extract<Ask, { kind: 'grow' }> = { kind: 'grow', plan: 1, role: 1, from: ms(6000), until: ms(10_000), density: 4, velocity: 80, open: false };

/** Answers of a model that is told nothing beside its events. */
const answer = async (encoding: EncodingName, ...params: readonly Ask[]): Promise<number[]> => {
  const said: Completion[] = [];
  const muse = new Muse(modelsOf({ [encoding]: randomModel(encoding, 3, encodingOf(encoding, `${encoding}-1`).parts) }), 1, (completion) => said.push(completion));
  await muse.open();
  for (const ask of [{ kind: 'role', role: 1, model: 0 } as const, param('temperature', 0.95), param('topP', 0.95), ...params, ...heardOf(PLAYED), { kind: 'pulse', bpm: 120, phase: ms(0) } as const, grow]) muse.ask(ask);
  while (await muse.step());
  return notesOf(said).map(({ key }) => key);
};

/** How many notes of a line go on as the figure does. */
const followed = (keys: readonly number[]): number => keys.filter((key, i) => i > 0 && FIGURE.indexOf(key) >= 0 && FIGURE[(FIGURE.indexOf(keys[i - 1] as number) + 1) % 4] === key).length;

describe('memory', () => {
  it.each([
    ['melody', 1, 14],
    ['performance', 1, 15],
  ] as const)('brings the figure of the player back in an answer of a %s model', async (encoding, without, with9) => {
    const [plain, recalling] = [await answer(encoding), await answer(encoding, param('memory', 0.9), param('sharpness', 8))];
    expect([followed(plain), followed(recalling)]).toEqual([without, with9]);
    expect(recalling.length).toBeGreaterThan(10);
  });

  it('can be turned up while a role goes on', async () => {
    const goOn = async (memory: number): Promise<string> => {
      const said: Completion[] = [];
      const muse = new Muse(modelsOf({ performance: randomModel('performance', 3) }), 1, (completion) => said.push(completion));
      await muse.open();
      for (const ask of [{ kind: 'role', role: 1, model: 0 } as const, ...heardOf(PLAYED), { ...grow, open: true } as const]) muse.ask(ask);
      while (said.length < 4) await muse.step();
      muse.ask(param('memory', memory));
      while (await muse.step());
      return notesOf(said).map(({ key }) => key).join(' ');
    };
    const [plain, recalling] = [await goOn(0), await goOn(0.9)];
    expect(recalling).not.toBe(plain);
    expect(recalling.split(' ')[0]).toBe(plain.split(' ')[0]);
  });

  it('says the same with none as a model that never had any, whatever the sharpness', async () => {
    expect(await answer('performance', param('sharpness', 8))).toEqual(await answer('performance'));
  });
});
