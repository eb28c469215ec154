import { encodePerformance, gesturesOf, PARTS } from '../music/performance.ts';
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
    return { id, source, family: `${source}/${id}`, parts: columnsOf(PARTS.length, events.map(({ what, time, velocity }) => [what, time, velocity])), notes: notes.length };
  },
};
