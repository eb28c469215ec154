import { PEDALS } from './note.ts';
import type { Song, Track } from './smf-read.ts';

/** Notes to be played: `[start, length, pitch, velocity]`, times in seconds from the first note; in the order they are struck. */
export type Excerpt = readonly (readonly [start: number, length: number, pitch: number, velocity: number])[];

/** What a listener is given of a pair: neither says where it is from. */
export interface Ballot {
  readonly done: number;
  readonly of: number;
  /** Null where all pairs have been judged. */
  readonly pair: { readonly id: number; readonly first: Excerpt; readonly second: Excerpt } | null;
}

const DRUMS = 10;

/** The first `seconds` of a song's notes, drums left out, as they sound: held by the sustain pedal, and cut where the excerpt ends. */
export const excerptOf = (song: Song, seconds: number): Excerpt => {
  const notes = song.tracks.flatMap((track) => {
    const releaseAt = pedalOf(track);
    return track.notes.filter(({ channel }) => channel !== DRUMS).map(({ start, duration, pitch, velocity }) => ({ start, end: releaseAt(start + duration), pitch, velocity }));
  });
  const from = notes.reduce((least, { start }) => Math.min(least, start), Infinity);
  return notes
    .filter(({ start }) => start - from < seconds * 1000)
    .sort((a, b) => a.start - b.start || a.pitch - b.pitch)
    .map(({ start, end, pitch, velocity }) => [(start - from) / 1000, (Math.min(end, from + seconds * 1000) - start) / 1000, pitch, velocity]);
};

/** When a key let go at a time falls silent: then, or when the pedal that is down then is let go; a pedal that is never let go holds nothing. */
const pedalOf = ({ controls }: Track): ((time: number) => number) => {
  const changes = controls.filter(({ controller }) => controller === PEDALS.sustain);
  return (time) => {
    const last = changes.findLastIndex((change) => change.time <= time);
    if (last < 0 || (changes[last]?.value ?? 0) < 64) return time;
    return changes.slice(last + 1).find(({ value }) => value < 64)?.time ?? time;
  };
};
