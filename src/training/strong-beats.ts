import type { Predictor } from '../model/predictor.ts';
import { openState } from '../model/predictor.ts';
import { pick, type Choice } from '../model/sampling.ts';
import { coinAt, keyOf } from '../core/rng.ts';
import { ACCOMPANIMENT_PART, ACCOMPANIMENT_START, BASS, CHORD, HEARD, homeOfEvents, keyHeard, Standing, STRIKE } from '../music/accompaniment.ts';
import { chordOfNumber, tonesOf } from '../music/chord.ts';
import { againstMelody, STRONG } from '../music/under-melody.ts';
import { eventAt, transposed, type Piece } from './piece.ts';

/** How often, of the strong beats where it sounds under a chord, a voice is a tone of that chord; NaN where it never sounds so. */
export interface ChordTones {
  readonly melody: number;
  readonly bass: number;
}

const { chord: CHORD_PART, strike: STRIKE_PART, bass: BASS_PART, earlier, later, place, style, harmony, ground } = ACCOMPANIMENT_PART;

/** The chord tones on strong beats of accompaniments, as events of their encoding. */
export const chordTonesOf = (pieces: readonly (readonly (readonly number[])[])[]): ChordTones => {
  const counts = { melody: [0, 0], bass: [0, 0] };
  const judge = (which: keyof typeof counts, key: number, chord: number): void => {
    const row = counts[which] as [number, number];
    row[1]++;
    if (tonesOf(chordOfNumber(chord)).includes(key % 12)) row[0]++;
  };
  for (const events of pieces) {
    events.forEach((event, i) => {
      const at = i === 0 ? 0 : ((events[i - 1] as readonly number[])[place] as number);
      const chord = (event[harmony] as number) - 1;
      if (at % STRONG !== 0 || chord < 0) return;
      // What was told last before it was asked for is the melody as its 8th began.
      const heard = i === 0 ? -1 : keyHeard((events[i - 1] as readonly number[])[later] as number);
      if (heard >= 0) judge('melody', heard, chord);
      if ((event[ground] as number) > 0) judge('bass', (event[ground] as number) - 1, chord);
    });
  }
  const rate = ([inside, all]: readonly number[]): number => (inside as number) / (all as number);
  return { melody: rate(counts.melody), bass: rate(counts.bass) };
};

/**
 * What the model plays under the melodies of `pieces`, told what they tell: events of as many 8ths. The key is that of the melody as it
 * was listened to before the first chord.
 */
export const accompanied = async (predictor: Predictor, pieces: readonly Piece[], choice: Choice, seed: number, lean?: number): Promise<number[][][]> => {
  const rows = pieces.map(inItsKey).map((piece, index) => ({ piece, state: openState(predictor.shape), standing: new Standing(), events: [] as number[][], key: keyOf(seed, 0xacc, index), coins: 0, listens: listenedTo(piece) }));
  const longest = Math.max(0, ...pieces.map(({ parts }) => parts[0]?.length ?? 0));
  const none = predictor.shape.parts.map(() => -1);
  for (let i = 0; i < longest; i++) {
    const open = rows.filter(({ piece }) => i < (piece.parts[0]?.length ?? 0));
    await predictor.submit(open.map(({ state, events }) => ({ kind: 'feed', state, event: events[i - 1] ?? ACCOMPANIMENT_START })));
    const given = open.map(() => [...none]);
    for (const part of [CHORD_PART, BASS_PART, STRIKE_PART]) {
      const answers = await predictor.submit(open.map(({ state }, r) => ({ kind: 'query', state, part, given: given[r] as number[] })));
      open.forEach((row, r) => {
        // It listens first: a chord that is there before the tune would set the key.
        const listens = i < row.listens;
        const symbol = listens ? 0 : pick(answers[r] as Float32Array, choice, coinAt(row.key, row.coins++), (each) => {
          if (!row.standing.allows(part, each)) return -Infinity;
          if (part !== CHORD_PART) return 0;
          if (each < CHORD.on && opens(row, i)) return -Infinity;
          const before = row.events[i - 1];
          return before ? againstMelody(each, row.standing.chord, keyHeard(before[later] as number), before[place] as number, lean) : 0;
        });
        (given[r] as number[])[part] = Math.max(0, symbol);
      });
    }
    open.forEach(({ piece, standing, events }, r) => {
      const [chord, strike, bass] = [CHORD_PART, STRIKE_PART, BASS_PART].map((part) => (given[r] as number[])[part] as number) as [number, number, number];
      standing.take(chord, strike, bass);
      const told = eventAt(piece, i);
      events.push([chord, strike, bass, told[earlier] as number, told[later] as number, told[place] as number, told[style] as number, standing.chord + 1, standing.bass + 1]);
    });
  }
  return rows.map(({ events }) => events);
};

/** 8ths that are only listened to: until the melody has sounded for so many. */
const LISTENED = 16;

/** It begins with a chord, and does not wait for one: so on stage. */
const opens = ({ standing, piece }: { readonly standing: Standing; readonly piece: Piece }, i: number): boolean => standing.chord < 0 && (i === 0 ? 0 : (piece.parts[place]?.[i - 1] ?? 0)) % STRONG === 0;

const inItsKey = (piece: Piece): Piece =>
  transposed('accompaniment', piece, homeOfEvents(Array.from({ length: listenedTo(piece) }, (_, i) => eventAt(piece, i)), false) ?? 0) ?? piece;

const listenedTo = (piece: Piece): number => {
  let heard = 0;
  return (piece.parts[later] as Int32Array).findIndex((symbol) => symbol >= HEARD.held && ++heard >= LISTENED) + 1;
};

/** Whether people wrote down all three parts of an accompaniment: lead sheets have chords only. */
export const isWhole = (piece: Piece): boolean => piece.parts[CHORD_PART]?.[0] !== CHORD.untold && piece.parts[STRIKE_PART]?.[0] !== STRIKE.untold && piece.parts[BASS_PART]?.[0] !== BASS.untold;
