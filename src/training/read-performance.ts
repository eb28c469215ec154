import { encodePerformance, gesturesOf, PARTS } from '../music/performance.ts';
import type { SongNote } from '../music/smf-read.ts';
import { columnsOf } from './piece.ts';
import type { Reader } from './reader.ts';
import { isDrums, named } from './tracks.ts';

/** All that is played but drums; the piano alone where a track is so named. */
export const readPerformance: Reader = {
  song: (song, { id, source }) => {
    const piano = named(song, 'PIANO');
    const tracks = piano.length > 0 ? piano : song.tracks.filter((track) => !isDrums(track));
    const notes = tracks.flatMap((track) => track.notes);
    const events = encodePerformance(gesturesOf(notes, tracks.flatMap((track) => track.controls)));
    return { id, source, family: `${source}/${id}`, parts: columnsOf(PARTS.length, events.map(({ what, time, velocity }) => [what, time, velocity])), notes: notes.length, line: topLine(notes) };
  },
};

/** Notes struck within so many milliseconds are one chord. */
const CHORD = 40;

/** The highest pitch of each chord or note, in the order they are struck. */
const topLine = (notes: readonly SongNote[]): Uint8Array => {
  const line: number[] = [];
  let from = -Infinity;
  for (const { start, pitch } of [...notes].sort((a, b) => a.start - b.start)) {
    if (start - from > CHORD) {
      line.push(pitch);
      from = start;
    } else line.push(Math.max(line.pop() ?? 0, pitch));
  }
  return Uint8Array.from(line);
};
