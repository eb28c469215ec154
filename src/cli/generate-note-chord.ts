import { ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { encodeNoteChord, NOTE_CHORD_PARTS, NOTE_CHORD_START, NoteChordGrammar } from '../music/note-chord.ts';
import { endOf, givenOnGrid, gridNotes, MOST_TOLD, stepOf, Teller, type Generate } from './generator.ts';
import { TRACKS_OF } from './tracks-of.ts';

const [WAIT, PITCH, LENGTH] = [0, 1, 2] as const;
const NOTHING = NOTE_CHORD_START.map(() => -1);
const LONGEST_WAIT = NOTE_CHORD_PARTS[WAIT].outputs - 1;
const HIGHEST = 127;

/** Notes and chords on the grid: they go on with all that a file plays, or begin. */
export const generateNoteChord: Generate = async ({ predictor, prompt, seconds, choice, coin }) => {
  const tracks = prompt.tracks.filter(({ notes }) => notes.length > 0);
  const grid = gridNotes(tracks.flatMap(({ notes }) => notes), prompt.song?.ppq ?? 1);
  const first = endOf(grid);
  const struck = grid.reduce((latest, { step }) => Math.max(latest, step), 0);
  const stepMs = stepOf(prompt.bpm);
  const end = first + Math.max(1, Math.round((seconds * 1000) / stepMs));

  const model = new Teller(predictor);
  const grammar = new NoteChordGrammar();
  let last = -1;
  const take = async (event: readonly number[]): Promise<void> => {
    grammar.take((last = event[PITCH] as number));
    await model.feed(event);
  };
  await model.feed(NOTE_CHORD_START);
  for (const event of encodeNoteChord(grid).slice(-MOST_TOLD)) await take(event);

  const events: number[][] = [];
  let now = struck;
  for (;;) {
    // The first note comes when what was given has ended.
    const least = events.length > 0 ? 0 : Math.min(LONGEST_WAIT, first - struck);
    const wait = pick(await model.ask(WAIT, NOTHING), choice, coin(), (each) => (each >= least && (each > 0 || last < HIGHEST) ? 0 : -Infinity));
    now += wait;
    if (now >= end) break;
    const pitch = pick(await model.ask(PITCH, NOTHING.with(WAIT, wait)), choice, coin(), (each) => (grammar.allows(wait, each) ? 0 : -Infinity));
    const length = pick(await model.ask(LENGTH, NOTHING.with(WAIT, wait).with(PITCH, pitch)), choice, coin());
    events.push([wait, pitch, Math.min(length, end - now - 1)]);
    await take([wait, pitch, length]);
  }
  return { given: givenOnGrid(tracks, prompt), added: TRACKS_OF['note-chord'](events, stepMs, struck), from: ms(first * stepMs) };
};
