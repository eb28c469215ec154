import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { ACCOMPANIMENT_PART, ACCOMPANIMENT_START, BASS, CHORD, decodeAccompaniment, encodeAccompaniment, HEARD, Standing, STRIKE, type Accompaniment, type ChordChange, type Setting, type Strike } from '../../src/music/accompaniment.ts';
import { CHORDS, chordNumber, chordOfNumber } from '../../src/music/chord.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import type { GridNote } from '../../src/music/melody.ts';
import { augmented } from '../../src/training/augment.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventAt, transposed, type Piece } from '../../src/training/piece.ts';
import { dataSet, fixture } from '../fixtures/at.ts';

const { order, asks, transpose } = ENCODINGS.accompaniment;
const alone: Setting = { melody: [], place: () => 0, style: 0 };
const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });
const cMajor = { root: 0, kind: 0 };
const aMinor = { root: 9, kind: 1 };
const [C, Am] = [CHORD.on + chordNumber(cMajor), CHORD.on + chordNumber(aMinor)];

/** Notes of one voice that don't overlap, within `length` steps. */
const line = (length: number, highest: number): fc.Arbitrary<{ step: number; steps: number; row: number }[]> =>
  fc.array(fc.record({ rest: fc.nat(3), steps: fc.integer({ min: 1, max: 4 }), row: fc.nat(highest) }), { maxLength: 12 }).map((rows) => {
    let at = 0;
    return rows.map(({ rest, steps, row }) => {
      const step = at + rest;
      at = step + steps;
      return { step, steps, row };
    }).filter(({ step, steps }) => step + steps <= length);
  });

const LENGTH = 40;
const accompaniments = fc.record({ chords: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: -1, max: CHORDS - 1 })), { maxLength: 6 }), strikes: line(LENGTH, 5), bass: line(LENGTH, 127) })
  .map(({ chords, strikes, bass }): Accompaniment => {
    let [step, stands] = [-1, -1];
    const changes: ChordChange[] = [];
    for (const [gap, number] of chords) {
      step += gap;
      if (number !== stands) changes.push({ step, chord: number < 0 ? null : chordOfNumber(number) });
      stands = number;
    }
    return { length: LENGTH, chords: changes, strikes: strikes.map((each): Strike => ({ step: each.step, steps: each.steps, how: each.row })), bass: bass.map((each) => note(each.step, each.steps, each.row)) };
  });

const melodies = line(2 * LENGTH, 127).map((notes) => notes.map(({ step, steps, row }) => note(step, steps, row)));

describe('an accompaniment as events', () => {
  it('tells changes of chord, strikes and bass by 8ths, then what stands', () => {
    const events = encodeAccompaniment({
      length: 5,
      chords: [{ step: 0, chord: cMajor }, { step: 2, chord: aMinor }, { step: 4, chord: null }],
      strikes: [{ step: 0, steps: 1, how: 3 }, { step: 2, steps: 3, how: 5 }],
      bass: [note(0, 2, 36), note(2, 1, 45)],
    }, { melody: null, place: (step) => step % 4, style: 1 });
    const { unheard } = HEARD;
    expect(events).toEqual([
      [C, STRIKE.on + 3, BASS.on + 36, unheard, unheard, 1, 1, 1, 37],
      [CHORD.hold, STRIKE.off, BASS.hold, unheard, unheard, 2, 1, 1, 37],
      [Am, STRIKE.on + 5, BASS.on + 45, unheard, unheard, 3, 1, 1 + chordNumber(aMinor), 46],
      [CHORD.hold, STRIKE.hold, BASS.rest, unheard, unheard, 0, 1, 1 + chordNumber(aMinor), 0],
      [CHORD.none, STRIKE.hold, BASS.hold, unheard, unheard, 1, 1, 0, 0],
    ]);
  });

  it('tells the melody heard up to the beginning of the 8th it helps to ask for', () => {
    const events = encodeAccompaniment({ length: 3, chords: [], strikes: [], bass: [] }, { ...alone, melody: [note(0, 3, 60), note(3, 1, 72), note(3, 2, 64), note(5, 1, 62)] });
    expect(events.map((event) => event.slice(3, 5))).toEqual([
      [HEARD.held + 60, HEARD.held + 60],
      [HEARD.struck + 72, HEARD.silence],
      [HEARD.struck + 62, HEARD.silence],
    ]);
  });

  it('never knows a melody before it could be heard', () => {
    let compared = 0;
    fc.assert(fc.property(accompaniments, melodies, fc.nat(2 * LENGTH), (played, melody, cut) => {
      const whole = encodeAccompaniment(played, { ...alone, melody });
      // A player whose notes from sixteenth `cut` on were others, and whose sounding ones went on.
      const other = [...melody.filter(({ step }) => step < cut), note(cut, 1, 1)];
      const changed = encodeAccompaniment(played, { ...alone, melody: other });
      const known = Math.max(0, Math.ceil(cut / 2) - 1);
      expect(changed.slice(0, known)).toEqual(whole.slice(0, known));
      compared += known;
    }), { seed: 1, numRuns: 300 });
    expect(compared).toBeGreaterThan(1000);
  });

  it('decodes to what was encoded', () => {
    fc.assert(fc.property(accompaniments, melodies, (played, melody) => {
      expect(decodeAccompaniment(encodeAccompaniment(played, { ...alone, melody }))).toEqual(played);
      expect(decodeAccompaniment(encodeAccompaniment({ ...played, strikes: null, bass: null }, alone))).toEqual({ ...played, strikes: null, bass: null });
    }), { seed: 2, numRuns: 300 });
  });

  it('ends a note where the next begins', () => {
    const [first, second] = [{ step: 0, steps: 9, how: 0 }, { step: 2, steps: 9, how: 1 }];
    const back = decodeAccompaniment(encodeAccompaniment({ length: 6, chords: [], strikes: [second, first], bass: [note(0, 4, 40), note(1, 4, 41)] }, alone));
    expect([back.strikes, back.bass]).toEqual([[{ ...first, steps: 2 }, { ...second, steps: 4 }], [note(0, 1, 40), note(1, 4, 41)]]);
  });

  it('is what its grammar allows', () => {
    fc.assert(fc.property(accompaniments, (played) => {
      const standing = new Standing();
      for (const event of encodeAccompaniment(played, alone)) {
        for (const part of order) expect(standing.allows(part, event[part] as number)).toBe(true);
        standing.take(event[0] as number, event[1] as number, event[2] as number);
        expect([event[ACCOMPANIMENT_PART.harmony], event[ACCOMPANIMENT_PART.ground]]).toEqual([standing.chord + 1, standing.bass + 1]);
        expect(standing.allows(ACCOMPANIMENT_PART.strike, STRIKE.off)).toBe(standing.struck);
        expect(standing.allows(ACCOMPANIMENT_PART.bass, BASS.rest)).toBe(standing.bass >= 0);
        expect(standing.allows(ACCOMPANIMENT_PART.chord, standing.chord < 0 ? CHORD.none : CHORD.on + standing.chord)).toBe(false);
      }
    }), { seed: 3, numRuns: 200 });
  });

  it('asks for chord, bass and strike, but for what was not told', () => {
    const asked = (event: readonly number[]): number[] => order.filter((part) => asks(part, event));
    expect([[C, 2, 2, 0, 0, 0, 0, 0, 0], [C, STRIKE.untold, BASS.untold, 0, 0, 0, 0, 0, 0], ACCOMPANIMENT_START].map(asked)).toEqual([[0, 2, 1], [0], []]);
  });

  it('moves into another key whole, and never off the keyboard', () => {
    expect(transpose([C, 4, BASS.on + 36, HEARD.held + 60, HEARD.struck + 62, 3, 1, 1, 37], -3)).toEqual([CHORD.on + 9, 4, BASS.on + 33, HEARD.held + 57, HEARD.struck + 59, 3, 1, 10, 34]);
    expect(transpose(ACCOMPANIMENT_START, 5)).toEqual(ACCOMPANIMENT_START);
    expect(transpose([CHORD.none, 0, BASS.rest, HEARD.silence, HEARD.silence, 0, 0, 0, 0], 5)).toEqual([CHORD.none, 0, BASS.rest, HEARD.silence, HEARD.silence, 0, 0, 0, 0]);
    const low = [C, 4, BASS.on + 2, 1, 1, 0, 0, 1, 3];
    expect([transpose(low, -3), transpose([0, 0, 0, HEARD.held + 127, 1, 0, 0, 0, 0], 1)]).toEqual([undefined, undefined]);
  });
});

const events = (piece: Piece): number[][] => Array.from({ length: piece.parts[0]?.length ?? 0 }, (_, i) => eventAt(piece, i));

describe('accompaniments of real pieces', () => {
  const { pieces, refused } = readCorpus('accompaniment', [fixture('pop909'), fixture('lieder')]);

  it('are lawful, and come back from every key', () => {
    expect(refused).toEqual([]);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      const setting = { ...alone, melody: null };
      const asked = (all: readonly (readonly number[])[]): (readonly number[])[] => all.map((event) => event.slice(0, 3));
      expect(asked(encodeAccompaniment(decodeAccompaniment(events(piece)), setting))).toEqual(asked(events(piece)));
      for (const semitones of [-6, 5]) {
        const there = transposed('accompaniment', piece, semitones);
        expect(there).not.toEqual(piece);
        expect(there && transposed('accompaniment', there, -semitones)).toEqual(piece);
      }
    }
  });

  it('are mostly heard in their home key, sometimes without a melody, sometimes without a style', () => {
    const copies = Array.from({ length: 400 }, (_, epoch) => augmented('accompaniment', pieces[0] as Piece, 1, epoch, 0));
    const without = (part: number): number => copies.filter((copy) => copy.parts[part]?.every((symbol) => symbol === 0)).length;
    expect(without(ACCOMPANIMENT_PART.later)).toBeGreaterThan(5);
    expect(without(ACCOMPANIMENT_PART.later)).toBeLessThan(80);
    const harmonies = copies.map((copy) => copy.parts[ACCOMPANIMENT_PART.harmony]?.subarray(100).join());
    expect(new Set(harmonies).size).toBe(12);
    const piece = pieces[0] as Piece;
    const home = transposed('accompaniment', piece, piece.home as number)?.parts[ACCOMPANIMENT_PART.harmony]?.subarray(100).join();
    const atHome = harmonies.filter((each) => each === home).length / copies.length;
    expect(atHome).toBeGreaterThan(0.75);
    expect(atHome).toBeLessThan(0.88);
  });

  const pop = dataSet('pop909/001');
  it.skipIf(!pop)('have the chords and bars that stand beside the file', () => {
    const [piece] = readCorpus('accompaniment', [pop as string]).pieces;
    const { chords, strikes, bass } = decodeAccompaniment(events(piece as Piece));
    expect(chords.length).toBeGreaterThan(40);
    expect(strikes?.length).toBeGreaterThan(100);
    expect(bass?.every((each) => each.pitch >= 28 && each.pitch <= 52)).toBe(true);
    const named = chords.map(({ chord }) => chord && `${chord.root} ${chord.kind}`);
    // B:maj C#:maj Bb:min Eb:min B:maj C#:maj F#:maj B:maj, from the bar in which the piano begins.
    expect([named.slice(0, 8).join(', '), chords[0]?.step]).toEqual(['11 0, 1 0, 10 1, 3 1, 11 0, 1 0, 6 0, 11 0', 0]);
    const places = chords.map(({ step }) => (step === 0 ? 0 : (events(piece as Piece)[step - 1]?.[ACCOMPANIMENT_PART.place] as number)));
    expect(places.filter((place) => place % 2 === 0).length / places.length).toBeGreaterThan(0.9);
  });

  const sheets = dataSet('leadsheets');
  it.skipIf(!sheets)('of lead sheets are their chords alone', () => {
    const found = readCorpus('accompaniment', [sheets as string]);
    expect([found.pieces.length, found.refused]).toEqual([455, []]);
    const bells = found.pieces.find(({ id }) => id.startsWith('The_Bells_of_St'));
    const { chords, strikes, bass } = decodeAccompaniment(events(bells as Piece));
    expect([strikes, bass]).toEqual([null, null]);
    expect(chords.length).toBeGreaterThan(10);
    expect(bells?.notes).toBe(chords.length);
  });
});
