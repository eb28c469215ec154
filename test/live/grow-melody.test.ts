import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import type { Completion } from '../../src/live/ask.ts';
import { NOTHING } from '../../src/live/constraints.ts';
import { MelodyPlan } from '../../src/live/grow-melody.ts';
import type { Grow } from '../../src/live/grow-performance.ts';
import type { HeardNote } from '../../src/live/manner.ts';
import { initialParams, type ParamValues } from '../../src/live/params.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { inScale } from '../../src/music/scale.ts';
import { MELODY } from '../../src/music/melody.ts';
import { notesOf, randomModel, Scripted } from './scripted.ts';

/** Two beats of 120 bpm: a step is 125 ms. */
const GROW: Grow = { kind: 'grow', plan: 1, role: 1, from: ms(4000), until: ms(5000), density: 4, velocity: 80, open: false };
const PULSE = { bpm: 120, phase: ms(0) };

const heardOf = (...notes: readonly (readonly [number, number, number])[]): HeardNote[] => notes.map(([time, end, pitch]) => ({ time: ms(time), end: ms(end), pitch }));

const grow = async (model: Predictor, ask: Partial<Grow> = {}, params: Partial<ParamValues> = {}, heard: readonly HeardNote[] = [], pulse = PULSE): Promise<Completion[]> => {
  const plan = new MelodyPlan(model, heard, pulse, NOTHING, { ...GROW, ...ask }, 7);
  const said: Completion[] = [];
  while (await plan.step({ ...initialParams(), ...params }, (completion) => said.push(completion)));
  if (!plan.open) plan.finish((completion) => said.push(completion));
  return said;
};

/** A note every two steps, up the scale. */
const scale = (): Scripted =>
  new Scripted('melody', (_part, _given, before) => {
    const struck = before.flat().filter((symbol) => symbol >= MELODY.on && symbol !== MELODY.start).length;
    const last = before.at(-1)?.[0] as number;
    return last >= MELODY.on && last !== MELODY.start ? { [MELODY.hold]: 0 } : { [MELODY.on + 60 + struck]: 0 };
  });

const fedTo = (model: Scripted): number[] => model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event[0] as number] : []));

describe('a melody plan', () => {
  it('plays on the grid from its start to its end, a little more on the beat', async () => {
    expect(notesOf(await grow(scale()))).toEqual([
      { key: 60, start: 4000, end: 4242, velocity: 88 },
      { key: 61, start: 4250, end: 4492, velocity: 76 },
      // No note begins in the last steps: this one is what the answer ends on.
      { key: 62, start: 4500, end: 4992, velocity: 83 },
    ]);
  });

  it('begins on the first grid line of the pulse that it can be on', async () => {
    const notes = notesOf(await grow(scale(), { from: ms(4010) }, {}, [], { bpm: 120, phase: ms(60) }));
    // Lines lie at 60 + 125 n.
    expect(notes.map(({ start }) => start).slice(0, 2)).toEqual([4060, 4310]);
  });

  it('swings what is off the eighth', async () => {
    const model = new Scripted('melody', () => ({ [MELODY.on + 60]: 0, [MELODY.on + 62]: 0 }));
    const starts = notesOf(await grow(model, { density: 16 }, { swing: 1, topP: 1 })).map(({ start }) => Math.round(start));
    expect(starts.length).toBeGreaterThan(3);
    for (const start of starts) expect([0, 167]).toContain((start - 4000) % 250);
    expect(starts.some((start) => (start - 4000) % 250 === 167)).toBe(true);
  });

  it('is told the line played, on its own grid, and the rest up to it', async () => {
    const model = scale();
    // A beat of C and half a beat of D, with a grace of E over it cut to the top; then a rest of two beats and a half.
    await grow(model, {}, {}, heardOf([2000, 2490, 60], [2505, 2740, 62], [2510, 2600, 64]));
    const [start, ...past] = fedTo(model);
    expect(start).toBe(MELODY.start);
    expect(past.slice(0, 16)).toEqual([MELODY.on + 60, 0, 0, 0, MELODY.on + 64, MELODY.off, ...Array.from({ length: 10 }, () => MELODY.hold)]);
    expect(past[16]).toBeGreaterThanOrEqual(MELODY.on);
  });

  it('is told thirty-two bars of the past for an answer, six for what is grown again at every key', async () => {
    const told = async (open: boolean): Promise<number[]> => {
      const model = scale();
      await grow(model, { from: ms(70_000), until: ms(71_000), open }, {}, heardOf([5870, 5900, 71], [6000, 6240, 60], [57_900, 57_990, 62], [58_000, 58_240, 64], [69_000, 69_250, 65]));
      return fedTo(model).slice(1);
    };
    const [answer, goesOn] = [await told(false), await told(true)];
    // A rest longer than two bars is told as two, and the last as it was.
    const rest = (steps: number): number[] => [MELODY.off, ...Array.from({ length: steps - 1 }, () => MELODY.hold)];
    const since = [MELODY.on + 64, MELODY.hold, ...rest(32), MELODY.on + 65, MELODY.hold, ...rest(6)];
    expect(answer.slice(0, 77)).toEqual([MELODY.on + 60, MELODY.hold, ...rest(32), MELODY.on + 62, ...since]);
    expect(goesOn.slice(0, 42)).toEqual(since);
    expect([answer[77], goesOn[42]].every((symbol) => (symbol as number) >= MELODY.on)).toBe(true);
  });

  it('takes one step of the model at a time', async () => {
    const model = scale();
    const plan = new MelodyPlan(model, heardOf([2000, 2490, 60]), PULSE, NOTHING, GROW, 7);
    let more = true;
    while (more) {
      model.batches.length = 0;
      more = await plan.step(initialParams(), () => {});
      expect(model.batches.flat().length).toBeLessThanOrEqual(1);
    }
  });

  it('goes on where it was when its end is moved', async () => {
    const model = scale();
    const plan = new MelodyPlan(model, [], PULSE, NOTHING, { ...GROW, open: true }, 7);
    const said: Completion[] = [];
    const run = async (): Promise<void> => {
      while (await plan.step(initialParams(), (completion) => said.push(completion)));
    };
    await run();
    plan.until = ms(6000);
    await run();
    expect(notesOf(said).map(({ start }) => start)).toEqual([4000, 4250, 4500, 4750, 5000, 5250, 5500, 5750]);
  });

  it('keeps scale, range and grid for every note, one at a time', async () => {
    let count = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const params = { low: 40 + seed, high: 60 + 2 * seed, root: seed % 12, scale: seed % 10, temperature: 0.3 + seed / 12, topP: 1 };
      const said = await grow(randomModel('melody', seed), { until: ms(4000 + seed * 400), density: 1 + (seed % 5) }, params, heardOf([2000, 2490, 60 + seed]));
      const notes = notesOf(said);
      count += notes.length;
      for (const [i, { key, start, end }] of notes.entries()) {
        expect([key >= params.low, key <= params.high, inScale(key, params.root, params.scale), start % 125, end > start, end <= (notes[i + 1]?.start ?? 4000 + seed * 400)]).toEqual([true, true, true, 0, true, true]);
      }
    }
    expect(count).toBeGreaterThan(100);
  });

  it('ends where no key may be played at all', async () => {
    expect(await grow(scale(), {}, { low: 90, high: 80 })).toEqual([]);
  });
});
