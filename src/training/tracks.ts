import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mean } from '../core/statistics.ts';
import { STEPS_PER_BEAT, type GridNote } from '../music/melody.ts';
import type { Song, SongNote, Track } from '../music/smf-read.ts';

/** Whether it is played on the drum channel alone. */
export const isDrums = (track: Track): boolean => track.notes.length > 0 && track.notes.every((note) => note.channel === 10);

/** The song without what Antiphon played in it: of a recorded session the player alone is learnt from. */
export const playersOwn = (song: Song): Song => ({ ...song, tracks: song.tracks.filter(({ name }) => !name.startsWith('Antiphon ')) });

/** How high a track lies: its notes' mean pitch. */
export const height = (track: Track): number => mean(track.notes.map((note) => note.pitch));

/** The tracks of that name, in capitals. */
export const named = (song: Song, name: string): Track[] => song.tracks.filter((track) => track.name.toUpperCase() === name);

/** Tracks with notes that are not drums, the highest first. */
export const voicesOf = ({ tracks }: Pick<Song, 'tracks'>): Track[] => tracks.filter((track) => track.notes.length > 0 && !isDrums(track)).sort((a, b) => height(b) - height(a));

/** A song's beats: the beat at a moment of it, and where bars begin, in beats. */
export interface Beating {
  readonly beatAt: (tick: number, time: number) => number;
  /** Rising; none where they are not known. */
  readonly bars: readonly number[];
}

/** Beats as the beats file beside a MIDI file has them, where there is one; else quarters of its ticks, and bars of its metres. */
export const beatsOf = (song: Song, file: string): Beating => {
  const beatsFile = join(dirname(file), 'beat_midi.txt');
  if (!existsSync(beatsFile)) return { beatAt: (tick) => tick / song.ppq, bars: barsOf(song) };
  const lines = readFileSync(beatsFile, 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number));
  const times = lines.map(([time]) => (time as number) * 1000);
  return { beatAt: (_tick, time) => beatAmong(times, time), bars: lines.flatMap(([, , downbeat], i) => (downbeat === 1 ? [i] : [])) };
};

const barsOf = (song: Song): number[] => {
  const end = song.tracks.reduce((latest, { notes }) => notes.reduce((later, { tick }) => Math.max(later, tick), latest), 0);
  const bars: number[] = [];
  song.metres.forEach(({ tick, numerator, denominator }, i) => {
    const until = song.metres[i + 1]?.tick ?? end + 1;
    for (let at = tick; at < until; at += (song.ppq * 4 * numerator) / denominator) bars.push(at / song.ppq);
  });
  return bars;
};

/** Puts a song's notes on the 16th grid: that of the beats file beside the MIDI file where there is one. */
export const gridOf = (song: Song, file: string): ((notes: readonly SongNote[]) => GridNote[]) => onGrid(beatsOf(song, file));

/** Puts notes on the 16th grid of those beats. */
export const onGrid = ({ beatAt }: Beating): ((notes: readonly SongNote[]) => GridNote[]) => {
  const stepOf = (tick: number, time: number): number => Math.round(beatAt(tick, time) * STEPS_PER_BEAT);
  return (notes) =>
    notes.map((note) => {
      const step = stepOf(note.tick, note.start);
      return { step, steps: Math.max(1, stepOf(note.tick + note.ticks, note.start + note.duration) - step), pitch: note.pitch };
    });
};

/** The beat at `time` among beat times, between two of them in proportion. */
const beatAmong = (times: readonly number[], time: number): number => {
  let low = 0;
  let high = Math.max(0, times.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] as number) <= time) low = middle;
    else high = middle - 1;
  }
  const from = times[low] ?? 0;
  return low + (time - from) / ((times[low + 1] ?? from + 500) - from);
};
