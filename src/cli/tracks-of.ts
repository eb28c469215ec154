import { channel, ms, pitch, velocity, type Channel } from '../core/units.ts';
import { decodeAccompaniment, STRIKES } from '../music/accompaniment.ts';
import { tonesOf, type Chord } from '../music/chord.ts';
import { decodeDrums, DRUMS } from '../music/drums.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { decodeHarmony } from '../music/harmony.ts';
import { decodeMelody, STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import { decodeNoteChord } from '../music/note-chord.ts';
import type { Note } from '../music/note.ts';
import { decodePerformance } from '../music/performance.ts';
import type { WrittenTrack } from '../music/smf-write.ts';
import { CHANNEL } from './generator.ts';

/** Events of an encoding as tracks; `stepMs` is the length of a 16th, `from` the step at which they begin, where they are on the grid. */
export type TracksOf = (events: readonly (readonly number[])[], stepMs: number, from?: number) => WrittenTrack[];

/** A little weight on the beat: models of the grid know no velocities. */
const WEIGHT = { onBeat: 88, offBeat: 80 } as const;

/** Notes of the grid in wall time. */
const played = (notes: readonly GridNote[], stepMs: number, softer = 0, on: Channel = CHANNEL): Note[] =>
  notes.map(({ step, steps, pitch: key }) => ({
    start: ms(step * stepMs),
    duration: ms(steps * stepMs),
    pitch: key,
    velocity: velocity((step % STEPS_PER_BEAT === 0 ? WEIGHT.onBeat : WEIGHT.offBeat) - softer),
    channel: on,
  }));

const track = (name: string, notes: readonly Note[], more: Partial<WrittenTrack> = {}): WrittenTrack => ({ name, channel: CHANNEL, notes, controls: [], ...more });

/** Voices from the highest, each on a channel of its own. */
const VOICE_NAMES = ['soprano', 'alto', 'tenor', 'bass'] as const;
const ORGAN = 19;

const DRUM_CHANNEL = channel(10);
/** A drum has no length: half a step is one that every reader takes. */
const HIT = 0.5;

/** Chords lie in the octave from here, and a bass of strings under them. */
const CHORDS_FROM = 52;
const FINGERED_BASS = 33;
const SOFTER = 14;

/** A chord's notes in close position. */
const voiced = (chord: Chord): number[] => tonesOf(chord).map((tone) => CHORDS_FROM + ((tone - CHORDS_FROM + 120) % 12)).sort((a, b) => a - b);

/** Chords as they are struck: all their notes, or one after another upwards. */
const chordNotes = (events: readonly (readonly number[])[], from: number): GridNote[] => {
  const { chords, strikes } = decodeAccompaniment(events);
  let next = 0;
  return (strikes ?? []).flatMap(({ step, steps, how }) => {
    const chord = chords.findLast((each) => each.step <= step)?.chord;
    const { sixteenths, several } = STRIKES[how] as (typeof STRIKES)[number];
    if (!chord) return [];
    const keys = voiced(chord);
    return sixteenths.flatMap((sixteenth, i) => {
      // The last lasts to the end of the strike, one before it to the next.
      const length = i + 1 < sixteenths.length ? 1 : 2 * steps - sixteenth;
      return (several ? keys : [keys[next++ % keys.length] as number]).map((key) => ({ step: from + 2 * step + sixteenth, steps: length, pitch: pitch(key) }));
    });
  });
};

/** Every encoding's events as tracks. */
export const TRACKS_OF: Readonly<Record<AnyEncodingName, TracksOf>> = {
  melody: (events, stepMs, from) => [track('melody', played(decodeMelody(events.map(([symbol]) => symbol as number), from), stepMs))],
  performance: (events) => {
    const { notes, controls } = decodePerformance((events as readonly (readonly [number, number, number])[]).map(([what, time, force]) => ({ what, time, velocity: force })));
    return [track('performance', notes, { controls })];
  },
  harmony: (events, stepMs, from = 0) =>
    decodeHarmony(events).map((notes, voice) => {
      const on = channel(CHANNEL + voice);
      return track(VOICE_NAMES[voice] as string, played(notes.map((note) => ({ ...note, step: note.step + from })), stepMs, 0, on), { channel: on, program: ORGAN });
    }),
  drums: (events, stepMs, from = 0) => {
    const notes = decodeDrums(events).map(({ step, drum, velocity: force, offset }) => ({
      start: ms(Math.max(0, (from + step + offset) * stepMs)),
      duration: ms(HIT * stepMs),
      pitch: pitch((DRUMS[drum] as (typeof DRUMS)[number]).key),
      velocity: velocity(force),
      channel: DRUM_CHANNEL,
    }));
    return [track('drums', notes, { channel: DRUM_CHANNEL })];
  },
  accompaniment: (events, stepMs, from = 0) => {
    const { bass } = decodeAccompaniment(events);
    const low = (bass ?? []).map(({ step, steps, pitch: key }) => ({ step: from + 2 * step, steps: 2 * steps, pitch: key }));
    const on = channel(CHANNEL + 1);
    return [track('chords', played(chordNotes(events, from), stepMs, SOFTER)), track('bass', played(low, stepMs, 0, on), { channel: on, program: FINGERED_BASS })];
  },
  'note-chord': (events, stepMs, from) => [track('note-chord', played(decodeNoteChord(events, from), stepMs))],
};
