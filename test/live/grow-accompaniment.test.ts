import { describe, expect, it } from 'vitest';
import { beats, bpm, ms } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { ROLES } from '../../src/live/command.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAM_NAMES, type ParamName } from '../../src/live/params.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { ACCOMPANIMENT_START, BASS, CHORD, HEARD, STRIKE } from '../../src/music/accompaniment.ts';
import { chordNumber } from '../../src/music/chord.ts';
import { MANNERS } from '../../src/music/conditions.ts';
import { heardOf, modelsOf, notesOf, randomModel, Scripted, type Script } from './scripted.ts';

const ROLE = ROLES.indexOf('accompany');
const [CHORD_PART, BASS_PART] = [0, 2] as const;
/** 8ths of 250 ms from 0. */
const grid: Ask = { kind: 'grid', role: ROLE, bpm: bpm(120), time: ms(0), beat: beats(0) };
const grow = (plan: number, from: number, until: number): Ask => ({ kind: 'grow', plan, role: ROLE, from: ms(from), until: ms(until), density: 0, velocity: 64, open: true });
const extend = (until: number): Ask => ({ kind: 'extend', plan: 1, until: ms(until) });
const param = (name: ParamName, value: number): Ask => ({ kind: 'param', role: ROLE, param: PARAM_NAMES.indexOf(name), value });
const chord = (root: number, kind = 0): number => CHORD.on + chordNumber({ root, kind });

const museOver = async (accompaniment: Predictor): Promise<{ said: Completion[]; run: (...asks: Ask[]) => Promise<void> }> => {
  const said: Completion[] = [];
  const muse = new Muse(modelsOf({ performance: randomModel('performance', 1), accompaniment }), 1, (completion) => said.push(completion));
  await muse.open();
  muse.ask({ kind: 'role', role: ROLE, model: 1 });
  return { said, run: async (...asks) => {
    for (const ask of asks) muse.ask(ask);
    while (await muse.step());
  } };
};

/** Chord, strike and bass of each 8th of a bar, by its place. */
const plays = (rows: readonly (readonly [chord: number, strike: number, bass: number])[]): Script => (part, _given, before) => {
  const row = rows[(before.at(-1)?.[5] as number) % rows.length] as (typeof rows)[number];
  return { [row[part === CHORD_PART ? 0 : part === BASS_PART ? 2 : 1]]: 5 };
};
const { hold, off } = STRIKE;
const [blocks, late, twice, arpeggio] = [STRIKE.on + 3, STRIKE.on + 4, STRIKE.on + 5, STRIKE.on + 2];
const nothing = [CHORD.hold, hold, BASS.hold] as const;
/** Key, start, end; a bass's key below 53. */
const played = (said: readonly Completion[]): (readonly number[])[] => notesOf(said).map(({ key, start, end }) => [key, start, end]);

describe('an accompaniment grown', () => {
  it('lays the chord near the one before, and its bass under it', async () => {
    const { said, run } = await museOver(new Scripted('accompaniment', plays([[chord(0), blocks, BASS.on + 36], nothing, [chord(5), blocks, BASS.on + 41], [CHORD.hold, off, BASS.rest]])));
    await run(grid, grow(1, 0, 1000));
    expect(played(said)).toEqual([[36, 0, 492], [60, 0, 492], [64, 0, 492], [67, 0, 492], [41, 500, 742], [60, 500, 742], [65, 500, 742], [69, 500, 742]]);
    expect(said.flatMap((each) => (each.kind === 'note' && each.bass ? [each.pitch] : []))).toEqual([36, 41]);
  });

  it('strikes by sixteenths, swung where that is wanted, and arpeggios one after another', async () => {
    const { said, run } = await museOver(new Scripted('accompaniment', plays([[chord(0), twice, BASS.hold], [CHORD.hold, late, BASS.hold], [CHORD.hold, arpeggio, BASS.hold], [CHORD.none, hold, BASS.hold]])));
    await run(grid, param('swing', 1), grow(1, 0, 1000));
    const starts = played(said).map(([key, start]) => [key, Math.round(start as number)]);
    expect(starts).toEqual([...[0, 167, 417].flatMap((time) => [60, 64, 67].map((key) => [key, time])), [60, 500], [64, 667]]);
    expect(played(said).every(([, start, end]) => (end as number) > (start as number))).toBe(true);
    // Where no chord stands any more nothing sounds on.
    expect(Math.max(...played(said).map(([, , end]) => end as number))).toBe(742);
  });

  it('ends what is foreign to a new chord that is not struck', async () => {
    const { said, run } = await museOver(new Scripted('accompaniment', plays([[chord(0), blocks, BASS.hold], [chord(9, 1), hold, BASS.hold], nothing, nothing])));
    await run(grid, grow(1, 0, 750));
    expect(said.filter(({ kind }) => kind === 'off')).toEqual([{ kind: 'off', plan: 1, index: 2, time: 242 }]);
  });

  it('does not leave the bass alone for long, whatever the model holds on to, and goes on so over two plans', async () => {
    // By nine nats over any key, all others at −20: of itself it strikes one in forty bars.
    const { said, run } = await museOver(new Scripted('accompaniment', (part, _given, before) => (part === BASS_PART ? { [BASS.hold]: -11 } : { [part === CHORD_PART ? (before.length < 2 ? chord(0) : CHORD.hold) : hold]: 9 })));
    await run(grid, grow(1, 0, 8000));
    await run(grow(2, 8000, 32_000));
    const starts = [0, ...said.flatMap((each) => (each.kind === 'note' && each.bass ? [each.time / 250] : [])), 128];
    const gaps = starts.slice(1).map((start, i) => start - (starts[i] as number));
    expect(gaps.length).toBeGreaterThan(4);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(32);
  });

  it('plays the chords again that stood after a bar of the tune when that comes back, over two plans', async () => {
    // F in bar 1, C in the others; in bar 9 the model would rather have G, by two nats.
    const ninth = async (again: readonly number[]): Promise<readonly number[]> => {
      let eighth = 0;
      const { said, run } = await museOver(new Scripted('accompaniment', (part) => {
        if (part !== CHORD_PART) return { [part === BASS_PART ? BASS.hold : blocks]: 9 };
        const at = eighth++;
        if (at % 8 > 0) return { [CHORD.hold]: 9 };
        return at === 72 ? { [chord(7)]: 9, [chord(5)]: 7 } : { [chord(at === 8 ? 5 : 0)]: 9 };
      }));
      const bars = Array.from({ length: 9 }, (_, bar) => (bar === 0 ? [60, 64, 67, 72] : bar === 8 ? again : [62 + (bar % 3), 71, 69 - (bar % 2), 65]));
      await run(grid, param('topK', 1), param('scale', 1), ...heardOf(bars.flatMap((keys, bar) => keys.map((key, beat) => [2000 * bar + 500 * beat, 480, key] as const))), grow(1, 0, 16_000));
      await run(grow(2, 16_000, 18_250));
      return notesOf(said).filter(({ start }) => start === 18_000).map(({ key }) => key % 12).sort((a, b) => a - b);
    };
    expect(await ninth([60, 64, 67, 72])).toEqual([0, 5, 9]);
    expect(await ninth([72, 60, 64, 67])).toEqual([2, 7, 11]);
  });

  it('hears the melody up to the 8th that is asked for, a note on it included, and no further', async () => {
    const model = new Scripted('accompaniment', plays([nothing]));
    const { run } = await museOver(model);
    const fed = (): (readonly number[])[] => model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event.slice(3, 6)] : []));
    await run(grid, grow(1, 0, 250));
    // The role's 8ths begin 20 ms after the player's: struck in the first's second sixteenth, and on the second.
    await run(...heardOf([[105, 60, 72], [228, 500, 76]]).filter(({ time }) => time <= 228), extend(500));
    expect(fed()).toEqual([ACCOMPANIMENT_START.slice(3, 6), [HEARD.struck + 72, HEARD.struck + 76, 1]]);
    // What is struck before the question and what is struck after it.
    await run(...heardOf([[350, 60, 79]]), extend(750));
    expect(fed()[2]).toEqual([HEARD.struck + 79, HEARD.silence, 2]);
  });

  it('plays in the key of the player, to which the model\'s is moved', async () => {
    // Two bars of D major: the model is told C major, says C and F, and D and G are heard.
    const tune = [62, 66, 69, 74, 73, 71, 69, 67, 66, 64, 62, 69, 66, 62].map((key, i) => [i * 250, 240, key] as const);
    const model = new Scripted('accompaniment', plays([[chord(0), blocks, BASS.on + 36], nothing, [chord(5), blocks, BASS.on + 41], [CHORD.hold, off, BASS.rest]]));
    const { said, run } = await museOver(model);
    await run(grid, ...heardOf(tune), grow(1, 4000, 5000));
    expect(played(said).map(([key, start]) => [key, start])).toEqual([[38, 4000], [62, 4000], [66, 4000], [69, 4000], [43, 4500], [62, 4500], [67, 4500], [71, 4500]]);
    const fed = model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event] : []));
    // What was told before the key was known is told again, two semitones lower.
    const again = fed.findLastIndex((event) => event.join() === ACCOMPANIMENT_START.join());
    expect(again).toBeGreaterThan(0);
    const later = fed.slice(again + 1, again + 13).map((event) => event[4]);
    expect(later).toEqual(tune.slice(1, 13).map(([, , key]) => HEARD.struck + key - 2));
    // A head is told the chord as the model knows it.
    expect(model.batches.flat().flatMap((request) => (request.kind === 'query' && request.part === BASS_PART ? [request.given[CHORD_PART]] : [])).slice(0, 3)).toEqual([chord(0), CHORD.hold, chord(5)]);
  });

  it('is told that nobody listens until the player has played', async () => {
    const model = new Scripted('accompaniment', plays([nothing]));
    const { run } = await museOver(model);
    await run(grid, param('manner', 1), grow(1, 0, 500));
    // It begins with a chord for all that: nothing stands, and a bar begins.
    const [first, ...rest] = model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event] : [])).at(-1) as [number, ...number[]];
    expect(first).toBeGreaterThanOrEqual(CHORD.on);
    expect(rest).toEqual([hold, BASS.hold, HEARD.unheard, HEARD.unheard, 1, 1, first - CHORD.on + 1, 0]);
  });

  it('leaves to the model a manner that only answers know', async () => {
    const model = new Scripted('accompaniment', plays([nothing]));
    const { run } = await museOver(model);
    await run(grid, param('manner', MANNERS.indexOf('folk')), grow(1, 0, 500));
    expect(new Set(model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event[6]] : [])))).toEqual(new Set([0]));
  });

  it('begins with its bar, whose past was silent', async () => {
    const model = new Scripted('accompaniment', plays([nothing]));
    const { run } = await museOver(model);
    await run(grid, grow(1, 500, 750));
    expect(model.batches.flat().flatMap((request) => (request.kind === 'feed' ? [request.event[5]] : []))).toEqual([0, 1, 2]);
  });

  it('keeps to scale, range and grammar, and ends all it strikes but what it holds', async () => {
    let sounded = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { said, run } = await museOver(randomModel('accompaniment', seed));
      await run(grid, param('scale', 1), param('temperature', 1.5), grow(1, 0, 250));
      for (let until = 500; until <= 16_000; until += 250) await run(extend(until));
      const notes = notesOf(said);
      sounded += notes.length;
      const bass = new Set(said.flatMap((each) => (each.kind === 'note' && each.bass ? [each.index] : [])));
      notes.forEach(({ key, start, end }, index) => {
        expect([0, 2, 4, 5, 7, 9, 11]).toContain(key % 12);
        expect(bass.has(index) ? key >= 28 && key <= 52 : key >= 53 && key <= 76).toBe(true);
        if (!Number.isNaN(end)) expect(end).toBeGreaterThanOrEqual(start + 20);
      });
      // At most one bass and the notes of one chord, struck more than once by arpeggios, are open at the end.
      expect(notes.filter(({ end }) => Number.isNaN(end)).length).toBeLessThanOrEqual(5);
    }
    expect(sounded).toBeGreaterThan(500);
  });
});
