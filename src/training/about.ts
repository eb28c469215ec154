import { estimateKey } from '../music/scale.ts';
import type { Song, Tempo } from '../music/smf-read.ts';
import type { AnyEncodingName, Encoding } from '../music/encodings.ts';
import { fingerprint } from './floors.ts';
import { transposed, type Piece } from './piece.ts';
import { rolesOf, type TrackRole } from './roles.ts';
import { isDrums } from './tracks.ts';

/** What a person wants to know of a piece, found when it is read. */
export interface About {
  /** Its length; at 120 beats a minute where no tempo is known, 0 where neither tempo nor grid is. */
  readonly seconds: number;
  /** Beats a minute, of the tempo that holds longest; null where none is known. */
  readonly bpm: number | null;
  /** As `C major`; null where nothing speaks for a key. */
  readonly key: string | null;
  /** What its file's tracks are for, where it has tracks. */
  readonly roles: readonly TrackRole[];
  /** Tells its music in whatever key: of pieces with the same, one is the other transposed. */
  readonly music: string;
}

const TONICS = ['C', 'D♭', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'] as const;

/** The name of the key that pitch classes speak for, C first; null where they speak for none. */
export const keyName = (weights: readonly number[]): string | null => {
  const { root, mode, confidence } = estimateKey(weights);
  return confidence > 0 ? `${TONICS[root]} ${mode}` : null;
};

/** The beats a minute of the tempo that holds longest in `duration` milliseconds. */
export const mainTempo = (tempos: readonly Tempo[], duration: number): number => {
  const held = new Map<number, number>();
  tempos.forEach(({ time, bpm }, i) => {
    const until = Math.min(duration, tempos[i + 1]?.time ?? duration);
    held.set(bpm, (held.get(bpm) ?? 0) + Math.max(0, until - time));
  });
  return [...held].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
};

/** What a song's file tells of the piece read from it. */
export const aboutSong = (song: Song, encoding: AnyEncodingName, piece: Piece): About => {
  const weights = Array.from({ length: 12 }, () => 0);
  for (const track of song.tracks) {
    if (!isDrums(track)) for (const { pitch, duration } of track.notes) weights[pitch % 12] = (weights[pitch % 12] as number) + duration;
  }
  return { seconds: song.duration / 1000, bpm: mainTempo(song.tempos, song.duration), key: keyName(weights), roles: rolesOf(song).filter((_, i) => (song.tracks[i]?.notes.length ?? 0) > 0), music: musicOf(encoding, piece) };
};

/** What can be told of a piece on a grid, without tempo or tracks. */
export const aboutGrid = ({ name, eventsPerStep }: Encoding, piece: Piece): About => {
  const weights = Array.from({ length: 12 }, () => 0);
  for (const pitch of piece.line ?? []) weights[pitch % 12] = (weights[pitch % 12] as number) + 1;
  const steps = eventsPerStep === null ? 0 : (piece.parts[0]?.length ?? 0) / eventsPerStep;
  return { seconds: steps / 8, bpm: null, key: keyName(weights), roles: [], music: musicOf(name, piece) };
};

/** A piece's fingerprint as low on the keyboard as it goes. */
const musicOf = (encoding: AnyEncodingName, piece: Piece): string => {
  let lowest = piece;
  // What can't go down by so much can't go down by more.
  for (let step = 64; step >= 1; step /= 2) lowest = transposed(encoding, lowest, -step) ?? lowest;
  return fingerprint(lowest);
};
