import { readFileSync, writeFileSync } from 'node:fs';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { channel } from '../core/units.ts';
import { ROLES } from '../live/command.ts';
import type { Control, Note } from '../music/note.ts';
import { readSmf, type Song, type Track } from '../music/smf-read.ts';
import { writeSmf, type Written, type WrittenTrack } from '../music/smf-write.ts';

/** Why a file could not be had: the system's own words, without the path again. */
export const reasonOf = (thrown: unknown): string => messageOf(thrown).split(',', 1)[0] as string;

/** @throws AntiphonError `file.read` where it cannot be read, `smf.read` where it holds no MIDI */
export const readSong = (file: string): Song => {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (thrown) {
    throw new AntiphonError('file.read', `Cannot read the file (${reasonOf(thrown)})`, file, 'Give a Standard MIDI File.');
  }
  return readSmf(bytes);
};

/** @throws AntiphonError `file.write` */
export const writeFile = (file: string, bytes: Uint8Array): void => {
  try {
    writeFileSync(file, bytes);
  } catch (thrown) {
    throw new AntiphonError('file.write', `Cannot write the file (${reasonOf(thrown)})`, file, 'Give a file in a folder that exists and that you may write to.');
  }
};

const DRUMS = 10;
const isDrums = ({ notes }: Track): boolean => notes.length > 0 && notes.every((note) => note.channel === DRUMS);

/**
 * The tracks of a file that a player plays: all but the drums, or the one that is `wanted` by name or by number from 1.
 * @throws AntiphonError `song.track` where there is no such track, `song.empty` where no note is left
 */
export const playerTracks = (song: Song, file: string, wanted?: string): readonly Track[] => {
  const tracks = wanted === undefined ? song.tracks.filter((track) => !isDrums(track)) : tracksNamed(song.tracks, wanted);
  if (tracks.some((track) => track.notes.length > 0)) return tracks;
  throw new AntiphonError('song.empty', 'There is no note to play in', file, 'Drums are left out unless their track is asked for.');
};

const tracksNamed = (tracks: readonly Track[], wanted: string): readonly Track[] => {
  const named = tracks.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (named.length > 0) return named;
  const numbered = /^\d+$/.test(wanted) ? tracks[Number(wanted) - 1] : undefined;
  if (numbered) return [numbered];
  const list = tracks.map(({ name, notes }, i) => `${i + 1} ${JSON.stringify(name)} (${notes.length} notes)`).join(', ');
  throw new AntiphonError('song.track', 'There is no such track', wanted, `There are: ${list || 'none'}.`);
};

/** The file's own tempo and metre, as far as a file with one of each can have them. */
export const measureOf = (song: Song): Pick<Written, 'bpm' | 'timeSignature'> => {
  const { numerator, denominator } = song.metres[0] ?? { numerator: 4, denominator: 4 };
  return { bpm: song.tempos[0]?.bpm ?? 120, timeSignature: [numerator, denominator] };
};

/** Tracks of a file as they are written again, each by the name `called`, its own added where there are several. */
export const writtenTracks = (tracks: readonly Track[], called: string): WrittenTrack[] =>
  tracks.map(({ name, program, notes, controls }) => ({
    name: tracks.length > 1 && name ? `${called}: ${name}` : called,
    channel: notes[0]?.channel ?? controls[0]?.channel ?? channel(1),
    ...(program === null ? {} : { program }),
    notes,
    controls,
  }));

/** One track for each role that played, the player (role 0) first; `controls` are the player's. */
export const roleTracks = (notes: readonly (Note & { readonly role: number })[], controls: readonly Control[] = []): WrittenTrack[] => {
  const roles = new Set([...(controls.length > 0 ? [0] : []), ...notes.map((note) => note.role)]);
  return [...roles].sort((a, b) => a - b).map((role) => {
    const own = notes.filter((note) => note.role === role);
    const ownControls = role === 0 ? controls : [];
    return {
      name: role === 0 ? 'Player' : `Antiphon ${ROLES[role]}`,
      channel: own[0]?.channel ?? ownControls[0]?.channel ?? channel(1),
      notes: own,
      controls: ownControls,
    };
  });
};

/** A MIDI file of what sounded: the player and each role on tracks of their own. */
export const songOf = (notes: readonly (Note & { readonly role: number })[], controls: readonly Control[] = [], bpm = 120): Uint8Array => writeSmf({ tracks: roleTracks(notes, controls), bpm });
