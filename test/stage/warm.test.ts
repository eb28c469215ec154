import { expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import type { Ask } from '../../src/live/ask.ts';
import { castOf } from '../../src/live/cast.ts';
import { Muse } from '../../src/live/muse.ts';
import { rehearse, type PlayerMessage } from '../../src/stage/rehearsal.ts';
import { pretend, warm } from '../../src/stage/warm.ts';
import { Warmth } from '../../src/stage/warmth.ts';
import { modelsOf, randomModel } from '../live/scripted.ts';
import { patchOf, shipped } from './playing.ts';

/** True so often. */
const times = (count: number) => (): boolean => count-- > 0;
const PATCHES = ['harmony', 'duet', 'call-and-response', 'continuo', 'combo', 'drummer'].map(shipped);

it('asks for what each role of the patches asks for', async () => {
  for (const patch of [...PATCHES, patchOf(['continue'])]) {
    const asked = new Set<string>();
    await warm([patch], castOf([patch]), (say) => {
      const { ask, step } = pretend(say);
      return { step, ask: (each: Ask) => (asked.add('role' in each ? `${each.kind} ${each.role}` : each.kind), ask(each)) };
    }, times(3000));
    const harmonises = patch.roles.some(({ kind }) => kind === 'harmonise');
    expect([...asked].some((each) => each.startsWith('harmony'))).toBe(harmonises);
    expect([...asked].filter((each) => each.startsWith('grow')).length).toBe(patch.roles.length - (harmonises ? 1 : 0));
  }
});

it('comes to its end by itself, and soon after there is no more time', async () => {
  await warm([shipped('harmony')], ['harmony'], pretend, () => true);
  let looks = 0;
  await warm(PATCHES, castOf(PATCHES), pretend, () => ++looks <= 200);
  expect(looks).toBeLessThan(210);
});

it('leaves the models as they were: what is played after it is the same', { timeout: 60_000 }, async () => {
  const models = modelsOf({ performance: randomModel('performance', 2), harmony: randomModel('harmony', 6) });
  const messages = [60, 64, 67, 72, 71].flatMap((key, i): PlayerMessage[] => [{ time: ms(i * 300), status: 0x90, a: key, b: 80 }, { time: ms(i * 300 + 200), status: 0x80, a: key, b: 0 }]);
  const patch = patchOf(['respond', 'harmonise']);
  const played = async (): Promise<string> => JSON.stringify((await rehearse(patch, models, messages, 1, ms(3000))).notes);
  const before = await played();
  let stepped = 0;
  await warm([patch], models.map(({ name }) => name), async (say) => {
    const muse = new Muse(models, 1, say);
    await muse.open();
    return { ask: (ask) => muse.ask(ask), step: () => (stepped++, muse.step()) };
  }, times(2000));
  expect(stepped).toBeGreaterThan(500);
  expect(await played()).toBe(before);
});

it('keeps warm what each key goes through, by the patch that is played', () => {
  const warmth = new Warmth(PATCHES, castOf(PATCHES));
  PATCHES.forEach((patch, at) => {
    warmth.choose(at);
    const { harmonies, dropped } = warmth.counters;
    let into = 0;
    for (let n = 1; n <= 200; n++) {
      if (n % 4 === 1 && warmth.sounding > 0) into++;
      warmth.play();
    }
    const has = (...kinds: readonly string[]): boolean => patch.roles.some(({ kind }) => kinds.includes(kind));
    // Three of four times a key is struck; where an answer is waited for, every other time one comes.
    expect([patch.name, warmth.counters.harmonies - harmonies]).toEqual([patch.name, has('harmonise') ? 150 : 0]);
    if (has('respond')) expect(into, patch.name).toBeGreaterThanOrEqual(24);
    // Answers are made to be late: only every fortieth millisecond is there.
    if (patch.name === 'harmony') expect(warmth.counters.dropped).toBe(dropped);
  });
  expect(warmth.counters.looped).toBe(0);
});
