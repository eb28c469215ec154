import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import type { Completion } from '../../src/live/ask.ts';
import { NOTHING } from '../../src/live/constraints.ts';
import { MelodyPlan } from '../../src/live/grow-melody.ts';
import { MelodyPast } from '../../src/live/melody-past.ts';
import type { Grow } from '../../src/live/grow-performance.ts';
import type { HeardNote } from '../../src/live/manner.ts';
import { initialParams, type ParamValues } from '../../src/live/params.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { inScale } from '../../src/music/scale.ts';
import { MANNERS } from '../../src/music/conditions.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { MELODY } from '../../src/music/melody.ts';
import { notesOf, randomModel, Scripted } from './scripted.ts';

/** Two beats of 120 bpm: a step is 125 ms. */
const GROW: Grow = { kind: 'grow', plan: 1, role: 1, from: ms(4000), until: ms(5000), density: 4, velocity: 80, open: false };
const PULSE = { bpm: 120, phase: ms(0) };

const heardOf = (...notes: readonly (readonly [number, number, number])[]): HeardNote[] => notes.map(([time, end, pitch]) => ({ time: ms(time), end: ms(end), pitch }));

const planOf = (model: Predictor, ask: Grow, heard: readonly HeardNote[] = [], pulse = PULSE): MelodyPlan => new MelodyPlan(model, new MelodyPast(model, heard, pulse, ask), heard, NOTHING, ask, 7);

const grow = async (model: Predictor, ask: Partial<Grow> = {}, params: Partial<ParamValues> = {}, heard: readonly HeardNote[] = [], pulse = PULSE): Promise<Completion[]> => {
  const plan = planOf(model, { ...GROW, ...ask }, heard, pulse);
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

  it('is told what is wished from the last step of the past on', async () => {
    const model = scale();
    await grow(model, {}, { manner: MANNERS.indexOf('folk'), busyness: 4, register: 2 }, heardOf([3500, 3740, 60]));
    const fed = model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event.slice(1)] : []));
    expect(fed.slice(0, 6)).toEqual([[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [3, 4, 2], [3, 4, 2]]);
    expect(new Set(fed.slice(6).map(String))).toEqual(new Set(['3,4,2']));
    // What a melody knows no style of is left to it.
    const other = scale();
    await grow(other, {}, { manner: MANNERS.indexOf('recital') });
    expect(new Set(other.batches.flat().flatMap((request) => (request.kind === 'feed' ? [String(request.event.slice(1))] : [])))).toEqual(new Set(['0,0,0']));
  });

  it('plays a model that was trained before, which is told nothing', async () => {
    const model = new Scripted('melody', (_part, _given, before) => ({ [(before.at(-1)?.[0] as number) === MELODY.on + 60 ? MELODY.hold : MELODY.on + 60]: 0 }), encodingOf('melody', 'melody-1').parts);
    const said = await grow(model, {}, { busyness: 4, register: 2 }, heardOf([3500, 3740, 60]));
    expect(notesOf(said).length).toBeGreaterThan(1);
    expect(new Set(model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event.length] : [])))).toEqual(new Set([1]));
  });

  it('keeps to the density and the register that are wished instead of the player\'s', async () => {
    const flat = (): Scripted => new Scripted('melody', (_part, _given, _before, outputs) => Object.fromEntries(Array.from({ length: outputs }, (_, i) => [i, i < MELODY.on ? 3 : 0])));
    const played = async (params: Partial<ParamValues>): Promise<{ rate: number; mean: number }> => {
      const notes = notesOf(await grow(flat(), { until: ms(12_000) }, { topP: 1, ...params }, heardOf([2000, 2400, 70], [2500, 2900, 72], [3000, 3400, 74])));
      return { rate: notes.length / 8, mean: notes.reduce((sum, { key }) => sum + key, 0) / notes.length };
    };
    const [own, sparse, low] = [await played({}), await played({ busyness: 1 }), await played({ register: 1 })];
    expect(Math.abs(own.rate - 4)).toBeLessThan(1);
    // Three quarters of a note a beat, two beats a second.
    expect(Math.abs(sparse.rate - 1.5)).toBeLessThan(0.6);
    expect([Math.abs(own.mean - 72), Math.abs(low.mean - 60)].every((away) => away < 4)).toBe(true);
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

  it('takes one step of the model at a time, and one of who heard nothing, which begins with the start', async () => {
    const model = scale();
    const plan = planOf(model, GROW, heardOf([2000, 2490, 60]));
    let more = true;
    while (more) {
      model.batches.length = 0;
      more = await plan.step(initialParams(), () => {});
      expect(model.batches.flat().length).toBeLessThanOrEqual(3);
    }
  });

  it('goes on where it was when its end is moved', async () => {
    const model = scale();
    const plan = planOf(model, { ...GROW, open: true });
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
