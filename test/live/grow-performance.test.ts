import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import type { Completion } from '../../src/live/ask.ts';
import { NOTHING } from '../../src/live/constraints.ts';
import { Ear } from '../../src/live/ear.ts';
import { PerformancePlan, type Grow } from '../../src/live/grow-performance.ts';
import type { HeardNote } from '../../src/live/manner.ts';
import { initialParams, type ParamValues } from '../../src/live/params.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { MANNERS } from '../../src/music/conditions.ts';
import { encodingOf } from '../../src/music/encodings.ts';
import { inScale } from '../../src/music/scale.ts';
import { timeBin, WHAT } from '../../src/music/performance.ts';
import { notesOf, randomModel, Scripted, type Script } from './scripted.ts';

const GROW: Grow = { kind: 'grow', plan: 1, role: 1, from: ms(1000), until: ms(3000), density: 4, velocity: 80, open: false };

/** Hears notes (time, duration, key; those of endless duration stay down) and then grows a plan to its end. */
const grow = async (model: Predictor, ask: Partial<Grow> = {}, params: Partial<ParamValues> = {}, heard: readonly (readonly [number, number, number])[] = [], pedal = false, lately = NOTHING): Promise<Completion[]> => {
  const ear = new Ear(model, 100);
  await ear.open();
  const gestures = heard.flatMap(([time, duration, key]) => [{ time: ms(time), what: WHAT.on + key, value: 80 }, { time: ms(time + duration), what: WHAT.off + key, value: 0 }]);
  if (pedal) gestures.push({ time: ms(0), what: WHAT.pedalDown, value: 0 });
  for (const gesture of gestures.sort((a, b) => a.time - b.time)) if (gesture.time < Infinity) ear.hear(gesture);
  while (ear.behind > 0) await ear.feed();
  const notes: HeardNote[] = heard.map(([time, duration, key]) => ({ time: ms(time), end: ms(time + duration), pitch: key }));
  const plan = new PerformancePlan(model, ear, notes, lately, { ...GROW, ...ask }, 7, { ...initialParams(), ...params });
  const said: Completion[] = [];
  let steps = 0;
  while (await plan.step({ ...initialParams(), ...params }, (completion) => said.push(completion))) if (++steps > 20_000) throw new Error('It never ends');
  if (!plan.open) plan.finish((completion) => said.push(completion));
  return said;
};

/** C, E, G, E ... one down every quarter of a second, each let go as the next begins. */
const ARPEGGIO: Script = (part, given, before) => {
  const last = before.at(-1)?.[0] as number;
  const down = last < 128;
  if (part === 1) return { [down ? 25 : 0]: 0 };
  if (part === 2) return { 25: 0 };
  const line = [60, 64, 67, 64];
  const struck = before.filter(([what]) => (what as number) < 128).length;
  return down ? { [128 + last]: 0 } : { [line[struck % 4] as number]: 0 };
};

describe('a performance plan', () => {
  it('plays what the model says, from its start to its end, and lets everything go', async () => {
    const said = await grow(new Scripted('performance', ARPEGGIO), {}, { follow: 0 });
    expect(notesOf(said)).toEqual([
      { key: 60, start: 1000, end: 1250, velocity: 102 },
      { key: 64, start: 1250, end: 1500, velocity: 102 },
      { key: 67, start: 1500, end: 1750, velocity: 102 },
      { key: 64, start: 1750, end: 2000, velocity: 102 },
      { key: 60, start: 2000, end: 2250, velocity: 102 },
      { key: 64, start: 2250, end: 2500, velocity: 102 },
      { key: 67, start: 2500, end: 2750, velocity: 102 },
      // Begun late enough to be the last, it is held to the end.
      { key: 64, start: 2750, end: 3000, velocity: 102 },
    ]);
  });

  it("follows the player's velocity and keeps the model's accents", async () => {
    const said = await grow(new Scripted('performance', (part, given, before, outputs) => (part === 2 ? { [before.length % 4 === 1 ? 25 : 15]: 0 } : ARPEGGIO(part, given, before, outputs))), { velocity: 40 }, { follow: 1 });
    const velocities = notesOf(said).map(({ velocity }) => velocity);
    expect(Math.max(...velocities)).toBeGreaterThan(Math.min(...velocities) + 10);
    expect(velocities.reduce((sum, velocity) => sum + velocity, 0) / velocities.length).toBeCloseTo(40, -1);
  });

  it('hears the pause before it, and the keys and pedal of the player let go', async () => {
    const model = new Scripted('performance', ARPEGGIO);
    await grow(model, {}, {}, [[0, 100, 48], [0, Infinity, 52]], true);
    // But for one who heard nothing, whose first is the start.
    const fed = model.batches.flat().filter((request) => request.kind === 'feed').map(({ event }) => event.slice(0, 3)).filter(([what]) => what !== WHAT.start);
    const pedalUp = fed.findIndex(([what]) => what === WHAT.pedalUp);
    // 900 ms since the last that was heard: the nearest bin.
    expect(fed.slice(pedalUp, pedalUp + 3)).toEqual([[WHAT.pedalUp, 0, 32], [WHAT.off + 52, 0, 32], [67, timeBin(900), 25]]);
    const other = new Scripted('performance', ARPEGGIO);
    await grow(other, {}, {}, [[0, 500, 48]]);
    expect(other.batches.flat().find((request) => request.kind === 'feed' && request.event[0] === 64)).toMatchObject({ event: [64, 50, 25, 0, 0, 0] });
  });

  it('tells what is wished with what it plays, and the ear with what it hears from then on', async () => {
    const model = new Scripted('performance', ARPEGGIO);
    const params = { manner: MANNERS.indexOf('pop'), busyness: 3, register: 4 };
    const ear = new Ear(model, 100);
    await ear.open();
    ear.hear({ time: ms(0), what: WHAT.on + 52, value: 80 });
    await ear.feed();
    model.batches.length = 0;
    const plan = new PerformancePlan(model, ear, [], NOTHING, GROW, 7, { ...initialParams(), ...params });
    while (await plan.step({ ...initialParams(), ...params }, () => {}));
    const wishes = (): string[] => model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [String(request.event.slice(3))] : []));
    expect(wishes().length).toBeGreaterThan(8);
    expect(new Set(wishes())).toEqual(new Set(['1,3,4']));
    model.batches.length = 0;
    ear.hear({ time: ms(3000), what: WHAT.off + 52, value: 0 });
    await ear.feed();
    expect(wishes()).toEqual(['1,3,4']);
  });

  it('plays a model that was trained before, which is told nothing', async () => {
    const model = new Scripted('performance', ARPEGGIO, encodingOf('performance', 'performance-1').parts);
    expect(notesOf(await grow(model, {}, { busyness: 2, register: 4 }, [[0, 100, 48], [0, Infinity, 52]], true)).length).toBeGreaterThan(3);
    expect(new Set(model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event.length] : [])))).toEqual(new Set([3]));
  });

  it('keeps to the density and the register that are wished instead of the player\'s', async () => {
    const flat = (): Scripted => new Scripted('performance', (part, _given, _before, outputs) => (part === 1 ? { 5: 0, 15: 0, 25: 0, 40: 0 } : Object.fromEntries(Array.from({ length: outputs }, (_, i) => [i, 0]))));
    const line = [60, 62, 64, 65, 67, 69, 71, 72].map((key, i) => [-2000 + i * 300, 290, key] as const);
    const played = async (params: Partial<ParamValues>): Promise<{ rate: number; mean: number }> => {
      const notes = notesOf(await grow(flat(), { until: ms(17_000) }, { topP: 1, ...params }, line));
      return { rate: notes.length / 16, mean: notes.reduce((sum, { key }) => sum + key, 0) / notes.length };
    };
    const [own, busy, low] = [await played({}), await played({ busyness: 3 }), await played({ register: 1 })];
    expect(Math.abs(own.rate - 4)).toBeLessThan(1);
    expect(busy.rate).toBeGreaterThan(own.rate + 0.7);
    expect([Math.abs(own.mean - 66), Math.abs(low.mean - 48)].every((away) => away < 5)).toBe(true);
  });

  it('takes one step of the model at a time, and one of who heard nothing, which begins with the start', async () => {
    const model = new Scripted('performance', ARPEGGIO);
    const ear = new Ear(model, 100);
    await ear.open();
    const plan = new PerformancePlan(model, ear, [], NOTHING, GROW, 7, initialParams());
    let more = true;
    while (more) {
      model.batches.length = 0;
      more = await plan.step(initialParams(), () => {});
      expect(model.batches.flat().length).toBeLessThanOrEqual(3);
    }
  });

  it('ends where no key may be played at all', async () => {
    expect(await grow(new Scripted('performance', ARPEGGIO), {}, { low: 90, high: 80 })).toEqual([]);
    expect(await grow(new Scripted('performance', ARPEGGIO), {}, { low: 90, high: 80 }, [[0, 300, 60]])).toEqual([]);
  });

  it('stays near the density asked for, whatever the model wants', async () => {
    const hasty: Script = (part, _given, before) => {
      const last = before.at(-1)?.[0] as number;
      return part === 1 ? { 1: 0, 30: -6 } : part === 2 ? { 20: 0 } : last < 128 ? { [128 + last]: 0, 72: -1, 74: -1 } : { 72: 0, 74: 0 };
    };
    const slow: Script = (part) => (part === 1 ? { 89: 0, 20: -6, 8: -7 } : part === 2 ? { 20: 0 } : { 72: 0, 74: 0, 200: 0, 202: 0 });
    for (const script of [hasty, slow]) {
      for (const density of [1, 3, 6]) {
        const count = notesOf(await grow(new Scripted('performance', script), { density, until: ms(7000) })).length;
        expect(count).toBeGreaterThanOrEqual((density * 6) / 2);
        expect(count).toBeLessThanOrEqual(density * 6 * 2);
      }
    }
  });

  it('answers a line with a line, near it, in its key', async () => {
    // A model with no opinion: only manner speaks.
    const flat = new Scripted('performance', (part, _given, _before, outputs) => (part === 1 ? { 15: 0, 25: 0 } : Object.fromEntries(Array.from({ length: outputs }, (_, i) => [i, 0]))));
    const line = [60, 62, 64, 65, 67, 69, 71, 72].map((key, i) => [-2000 + i * 300, 290, key] as const);
    const notes = notesOf(await grow(flat, { until: ms(9000) }, { topP: 1 }, line));
    expect(notes.length).toBeGreaterThan(15);
    for (const [i, { start, end }] of notes.entries()) {
      // Two notes may overlap, as legato does; three are a chord.
      expect(notes.filter((other, j) => j !== i && other.start < end && other.end > start).length).toBeLessThanOrEqual(3);
      expect(notes.filter((other) => other.start <= start && other.end > start).length).toBeLessThanOrEqual(2);
    }
    const inC = notes.filter(({ key }) => inScale(key, 0, 1)).length / notes.length;
    expect(inC).toBeGreaterThan(0.7);
    const near = notes.filter(({ key }) => key >= 50 && key <= 82).length / notes.length;
    expect(near).toBeGreaterThan(0.7);
  });

  it('keeps scale, range, polyphony and its end for every note, whatever model and params', async () => {
    const coin = coins(keyOf(3));
    const pick = (low: number, high: number): number => low + Math.floor(coin() * (high - low + 1));
    let count = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const low = pick(20, 60);
      const params = { low, high: low + pick(5, 60), root: pick(0, 11), scale: pick(0, 9), polyphony: pick(1, 6), temperature: 0.2 + coin() * 1.8, topP: 0.3 + coin() * 0.7, topK: pick(0, 20) };
      const ask = { from: ms(1000), until: ms(1000 + pick(500, 6000)), density: 0.5 + coin() * 10, open: coin() < 0.3 };
      const heard = Array.from({ length: pick(0, 12) }, (_, i) => [i * 80, pick(20, 900), pick(30, 90)] as const).filter(([, , key], i, all) => all.findIndex(([, , other]) => other === key) === i);
      const said = await grow(randomModel('performance', seed), ask, params, heard, coin() < 0.3);
      const notes = notesOf(said);
      const down = new Set<number>();
      for (const each of said) {
        if (each.kind === 'note') {
          count++;
          expect([each.pitch >= params.low, each.pitch <= params.high, inScale(each.pitch, params.root, params.scale), down.has(each.pitch)]).toEqual([true, true, true, false]);
          expect(each.time).toBeGreaterThanOrEqual(ask.from);
          expect(each.time).toBeLessThanOrEqual(ask.until);
          down.add(each.pitch);
          expect(down.size).toBeLessThanOrEqual(params.polyphony);
        } else if (each.kind === 'off') down.delete(notes[each.index]?.key as number);
      }
      if (!ask.open) for (const { start, end } of notes) expect([end > start, end <= Math.max(ask.until, start + 20)]).toEqual([true, true]);
      const times = said.flatMap((each) => (each.kind === 'note' ? [each.time] : []));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    expect(count).toBeGreaterThan(300);
  });

  it('that goes on begins when the model says, after the silence that has passed', async () => {
    // The model would have the next note 800 ms after the last that was heard, which was at 600.
    const late: Script = (part, given, before, outputs) => (part === 1 ? { [timeBin(800)]: 5, 3: 9 } : ARPEGGIO(part, given, before, outputs));
    const said = await grow(new Scripted('performance', late), { open: true, until: ms(2400) }, {}, [[100, 500, 48]]);
    const first = notesOf(said)[0];
    // Of the bins that lie ahead it has one opinion; 30 ms, which it likes better, are past.
    expect(Math.abs((first?.start ?? 0) - 1400)).toBeLessThan(30);
  });

  it('that goes on counts what was played just before it', async () => {
    const hasty: Script = (part, _given, before) => (part === 1 ? { 2: 0, 30: -3 } : part === 2 ? { 20: 0 } : (before.at(-1)?.[0] as number) < 128 ? { [128 + (before.at(-1)?.[0] as number)]: 0 } : { 60: 0, 62: 0 });
    const count = async (notes: number): Promise<number> => notesOf(await grow(new Scripted('performance', hasty), { open: true, density: 2 }, {}, [[0, 990, 48]], false, { notes, span: 3000 })).length;
    expect(await count(14)).toBe(0);
    expect(await count(2)).toBeGreaterThanOrEqual(6);
  });

  it('is the same for the same seed, and another for another plan', async () => {
    const [first, again, other] = [await grow(randomModel('performance', 1)), await grow(randomModel('performance', 1)), await grow(randomModel('performance', 1), { plan: 2 })];
    expect(again).toEqual(first);
    expect(notesOf(other)).not.toEqual(notesOf(first));
  });
});
