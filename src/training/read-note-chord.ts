import { AntiphonError } from '../core/errors.ts';
import { encodeNoteChord, NOTE_CHORD_PARTS } from '../music/note-chord.ts';
import { columnsOf } from './piece.ts';
import type { Reader } from './reader.ts';
import { gridOf, voicesOf } from './tracks.ts';

/** All that is played but drums, on the 16th grid. */
export const readNoteChord: Reader = {
  song: (song, { file, id, source }) => {
    const notes = voicesOf(song).flatMap((track) => track.notes);
    if (notes.length === 0) throw new AntiphonError('corpus.notes', 'No notes in', file, 'It is left out.');
    const events = encodeNoteChord(gridOf(song, file)(notes));
    return { id, source, family: `${source}/${id}`, parts: columnsOf(NOTE_CHORD_PARTS.length, events), notes: events.length };
  },
};
