import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ms, type Ms } from '../../src/core/units.ts';
import type { Ask } from '../../src/live/ask.ts';
import { castOf, FREE_TIME } from '../../src/live/cast.ts';
import { ROLES } from '../../src/live/command.ts';
import { HARMONY_DEADLINE } from '../../src/live/harmonise.ts';
import { Muse } from '../../src/live/muse.ts';
import type { Patch } from '../../src/live/patch.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { IN, OUT, pushCompletion } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';
import { fixture } from '../fixtures/at.ts';
import { modelsOf, randomModel } from '../live/scripted.ts';
import { record, shipped } from './playing.ts';

/** What a step of a shipped model takes on two busy cores, in milliseconds; here exactly that. */
const STEP = 0.6;
/** How late a note of a plan may be played before the plan is moved. */
const TOLERANCE = 3;
const PHRASE = 8;
const REST = 7000;
const HARMONISE = ROLES.indexOf('harmonise');
const MODELS = modelsOf({ performance: randomModel('performance', 2), melody: randomModel('melody', 3), drums: randomModel('drums', 4), accompaniment: randomModel('accompaniment', 5), harmony: randomModel('harmony', 6) });

/** A tune in phrases with rests between them, a third under every fifth key. */
const tune = (readSmf(readFileSync(fixture('pop909/331/331.mid'))).tracks.find(({ notes }) => notes.length > 80)?.notes ?? []).slice(0, 48);
const PHRASES = Array.from({ length: tune.length / PHRASE }, (_, n) => tune.slice(n * PHRASE, (n + 1) * PHRASE));
const messages: { readonly time: Ms; readonly bytes: readonly [number, number, number] }[] = [];
const ends: number[] = [];
PHRASES.reduce((at, notes) => {
  const first = notes[0]?.start ?? 0;
  notes.forEach(({ start, duration, pitch, velocity }, n) => {
    // Closer than in the song, as somebody plays who tries it out.
    const [time, gap] = [at + (start - first) * 0.6, ((notes[n + 1]?.start ?? Infinity) - start) * 0.6];
    // Keys are held for longer than the models have to think, and let go before the next: a shorter one goes without.
    const length = Math.max(HARMONY_DEADLINE + 1, Math.min(duration * 0.5, gap - 1));
    for (const key of n % 5 === 4 ? [pitch, pitch - 4] : [pitch]) if (!messages.some((each) => each.time === time && each.bytes[1] === key)) messages.push({ time: ms(time), bytes: [0x90, key, velocity] }, { time: ms(time + length), bytes: [0x80, key, 64] });
  });
  const end = Math.max(...messages.map(({ time }) => time));
  ends.push(end);
  return end + REST;
}, 100);
messages.sort((a, b) => a.time - b.time);

interface Slowed {
  readonly stage: Stage;
  /** role, wanted, late */
  readonly sounded: readonly (readonly [number, number, number])[];
}

/** Plays the phrases to models each step of which takes `factor` times as long, on a clock that is a number. */
const play = async (patch: Patch, factor: number): Promise<Slowed> => {
  const cast = castOf([patch]);
  const sounded: [number, number, number][] = [];
  const log: number[][] = [];
  const told: number[][] = [];
  const asks: Ask[] = [];
  const completions: number[][] = [];
  let now = ms(0);
  let thought: number = Infinity;
  // As the daemon does: what has no pulse is played in free time.
  const muse = new Muse([...cast, ...(cast.includes(FREE_TIME) ? [] : [FREE_TIME])].map((name) => MODELS.find((each) => each.name === name) as (typeof MODELS)[number]), 7, (completion) => void pushCompletion((...numbers) => completions.push(numbers as number[]) > 0, completion), null, () => now);
  await muse.open();
  const tell = (...numbers: number[]): boolean => {
    told.push(numbers);
    const [code, , role, , , , wanted, at] = numbers as [number, number, number, number, number, number, number, number];
    if (code === OUT.sounded) sounded.push([role, wanted, at - wanted]);
    return true;
  };
  const stage = new Stage([patch], { send: () => {}, ask: (ask) => {
    asks.push(ask);
    if (thought === Infinity) thought = now;
  }, tell: tell as never }, now, cast);
  const take = (...numbers: number[]): void => {
    log.push([...numbers, ...Array.from({ length: 7 - numbers.length }, () => 0), now]);
    stage.take(record(...numbers), now);
  };
  const queue = [...messages];
  for (;;) {
    const next = Math.min(queue[0]?.time ?? Infinity, stage.next(), thought);
    if (!(next <= (messages.at(-1)?.time ?? 0) + REST)) break;
    now = ms(Math.max(now, next));
    const message = queue[0];
    if (message && message.time <= now) {
      queue.shift();
      take(IN.midi, ...message.bytes, now);
    } else if (stage.next() <= now) take(IN.wake);
    else {
      for (const numbers of completions.splice(0)) take(...numbers);
      for (const ask of asks.splice(0)) muse.ask(ask);
      thought = (await muse.step()) ? now + STEP * factor : Infinity;
    }
  }
  const again: number[][] = [];
  const same = new Stage([patch], { send: () => {}, ask: () => {}, tell: (...numbers) => again.push(numbers as number[]) > 0 }, ms(0), cast);
  for (const each of log) same.take(Float64Array.from(each), each.at(-1) as Ms);
  expect(again).toEqual(told);
  return { stage, sounded };
};

const keys = messages.filter(({ bytes: [status] }) => status === 0x90);

describe('models so many times as slow', () => {
  for (const factor of [1, 2, 5, 20, 100, 1000]) {
    it(`harmonise every key by its deadline: ${factor}`, { timeout: 60_000 }, async () => {
      for (const name of ['harmony', 'duet']) {
        const { stage, sounded } = await play(shipped(name), factor);
        const harmony = sounded.filter(([role]) => role === HARMONISE);
        expect(Math.max(...harmony.map(([, , late]) => late))).toBeLessThanOrEqual(HARMONY_DEADLINE);
        expect(new Set(harmony.map(([, wanted]) => wanted))).toEqual(new Set(keys.map(({ time }) => time)));
        // Each key has had an outcome, and it was counted: nothing is left out.
        const { harmonies, answers, fromModel, fallback, dropped } = stage.counters;
        expect([name, harmonies, fromModel + fallback + dropped]).toEqual([name, keys.length, harmonies + answers]);
        expect([name, dropped]).toEqual([name, 0]);
        if (factor === 1 && name === 'harmony') expect(fallback / harmonies).toBeLessThan(0.02);
        if (factor >= 100) expect(fallback).toBeGreaterThanOrEqual(harmonies);
        if (factor === 1000) expect(fromModel).toBe(0);
      }
    });

    it(`answer every phrase, and no note of it is late: ${factor}`, { timeout: 60_000 }, async () => {
      for (const name of ['duet', 'call-and-response']) {
        const { stage, sounded } = await play(shipped(name), factor);
        const answers = sounded.filter(([role]) => role === ROLES.indexOf('respond'));
        expect(Math.max(...answers.map(([, , late]) => late))).toBeLessThanOrEqual(TOLERANCE);
        ends.forEach((end, n) => expect([name, n, answers.filter(([, wanted]) => wanted > end && wanted < end + REST).length >= 1]).toEqual([name, n, true]));
        const { fromModel, fallback, dropped, harmonies } = stage.counters;
        expect(fromModel + fallback + dropped).toBe(stage.counters.answers + harmonies);
        expect([dropped, factor <= 5 && name === 'call-and-response' ? fallback : 0]).toEqual([0, 0]);
      }
    });

    it(`go on with every phrase, and no note of it is late: ${factor}`, { timeout: 60_000 }, async () => {
      const { stage, sounded } = await play(shipped('continuo'), factor);
      const notes = sounded.filter(([role]) => role === ROLES.indexOf('continue'));
      expect(Math.max(...notes.map(([, , late]) => late))).toBeLessThanOrEqual(TOLERANCE);
      // It joins in with the fourth key: as long as the phrase goes on, or within a beat or two of its end.
      ends.forEach((end, n) => expect([n, notes.some(([, wanted]) => wanted > (ends[n - 1] ?? -REST) + REST && wanted < end + 2000)]).toEqual([n, true]));
      const { fromModel, fallback, dropped, answers } = stage.counters;
      expect([fromModel + fallback + dropped, dropped]).toEqual([answers, 0]);
      if (factor === 1) expect(fallback).toBe(0);
      if (factor === 1000) expect([fromModel, fallback >= ends.length]).toEqual([0, true]);
    });

    it(`back the player in time: ${factor}`, { timeout: 60_000 }, async () => {
      const { stage, sounded } = await play(shipped('combo'), factor);
      expect(Math.max(0, ...sounded.map(([, , late]) => late))).toBeLessThanOrEqual(TOLERANCE);
      const { answers, fromModel, fallback, dropped } = stage.counters;
      expect(fromModel + fallback + dropped).toBe(answers);
      expect(answers).toBeGreaterThan(50);
    });
  }
});
