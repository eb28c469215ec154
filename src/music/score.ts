import type { Metre, Song, SongNote } from './smf-read.ts';

/** A song as its measures see it: ticks throughout, drums (channel 10) apart. */
export interface Score {
  /** Ticks a quarter note. */
  readonly ppq: number;
  /** From tick 0 on, at least one. */
  readonly metres: readonly Metre[];
  /** All but the drums, by tick and then by pitch. */
  readonly pitched: readonly SongNote[];
  readonly drums: readonly SongNote[];
  /** The highest note of every onset, one list a track. */
  readonly lines: readonly (readonly SongNote[])[];
  /** Ticks to the end of the last note, drums included. */
  readonly end: number;
}

const DRUMS = 10;
const inOrder = (notes: readonly SongNote[]): SongNote[] => [...notes].sort((a, b) => a.tick - b.tick || a.pitch - b.pitch);

/** Reads a song's notes into what is measured. */
export const scoreOf = ({ ppq, metres, tracks }: Song): Score => {
  const all = tracks.flatMap(({ notes }) => notes);
  const isPitched = ({ channel }: SongNote): boolean => channel !== DRUMS;
  return {
    ppq,
    metres,
    pitched: inOrder(all.filter(isPitched)),
    drums: inOrder(all.filter((note) => !isPitched(note))),
    lines: tracks.map(({ notes }) => topOf(inOrder(notes.filter(isPitched)))).filter((line) => line.length > 0),
    end: all.reduce((end, { tick, ticks }) => Math.max(end, tick + ticks), 0),
  };
};

const topOf = (notes: readonly SongNote[]): SongNote[] => notes.filter(({ tick }, i) => notes[i + 1]?.tick !== tick);

/** Ticks of one bar. */
export const barOf = ({ ppq }: Score, { numerator, denominator }: Metre): number => (ppq * 4 * numerator) / denominator;

/** Ticks since the last bar line. */
export const placeInBar = (score: Score, tick: number): number => {
  const metre = score.metres.findLast((each) => each.tick <= tick) as Metre;
  return (tick - metre.tick) % barOf(score, metre);
};
