import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mean } from '../core/statistics.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Song, SongNote, Track } from '../music/smf-read.ts';

/** Whether it is played on the drum channel alone. */
export const isDrums = (track: Track): boolean => track.notes.length > 0 && track.notes.every((note) => note.channel === 10);

/** How high a track lies: its notes' mean pitch. */
export const height = (track: Track): number => mean(track.notes.map((note) => note.pitch));

/** The tracks of that name, in capitals. */
export const named = (song: Song, name: string): Track[] => song.tracks.filter((track) => track.name.toUpperCase() === name);

/** Tracks with notes that are not drums, the highest first. */
export const voicesOf = (song: Song): Track[] => song.tracks.filter((track) => track.notes.length > 0 && !isDrums(track)).sort((a, b) => height(b) - height(a));

/** Puts a song's notes on the 16th grid: that of the beats file beside the MIDI file where there is one. */
export const gridOf = (song: Song, file: string): ((notes: readonly SongNote[]) => GridNote[]) => {
  const beatsFile = join(dirname(file), 'beat_midi.txt');
  const beatTimes = existsSync(beatsFile) ? readFileSync(beatsFile, 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[0]) * 1000) : undefined;
  const stepOf = (tick: number, time: number): number => Math.round((beatTimes ? beatAmong(beatTimes, time) : tick / song.ppq) * STEPS_PER_BEAT);
  return (notes) =>
    notes.map((note) => {
      const step = stepOf(note.tick, note.start);
      return { step, steps: Math.max(1, stepOf(note.tick + note.ticks, note.start + note.duration) - step), pitch: note.pitch };
    });
};

/** The beat at `time` among beat times, between two of them in proportion. */
const beatAmong = (times: readonly number[], time: number): number => {
  let i = times.findIndex((each) => each > time) - 1;
  if (i === -2) i = times.length - 2;
  i = Math.max(0, i);
  const from = times[i] ?? 0;
  return i + (time - from) / ((times[i + 1] ?? from + 500) - from);
};
