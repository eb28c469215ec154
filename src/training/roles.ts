import type { Song, Track } from '../music/smf-read.ts';
import { height, isDrums } from './tracks.ts';

/** What a track is for in a song. */
export const TRACK_ROLES = ['melody', 'bass', 'drums', 'other'] as const;
export type TrackRole = (typeof TRACK_ROLES)[number];

/** Words in a track's name that tell its role, in the languages scores are typeset in; the first row that matches counts. */
const NAMES: readonly (readonly [role: TrackRole, name: RegExp])[] = [
  ['drums', /\b(drums?|drm|percussion|drum ?kit)\b/i],
  ['other', /\b(piano(forte)?|klavier|guitar|strings?|pad|brass|organ|chords?|rhythm|harpsichord|bridge)\b/i],
  ['melody', /melody|vocal|voice|singstimme|gesang|chant|canto|cantus|\b(lead|solo|soprano?|mezzo-soprano|violin 1|dessus|mel)\b/i],
  ['bass', /\b(bass|basso|bassus|basse|contrabass|double ?bass|violoncello)\b/i],
];

/** General MIDI's basses, as programs 32 to 39. */
const isBassProgram = (program: number | null): boolean => program !== null && program >= 32 && program <= 39;

/** What is measured of a track to tell its role by. */
interface Look {
  readonly track: Track;
  readonly named: TrackRole | undefined;
  /** Mean pitch. */
  readonly height: number;
  /** The share (0 to 1) of its notes that begin when no other of its own sounds. */
  readonly alone: number;
  /** The share (0 to 1) of the song's beats in which it strikes a note. */
  readonly present: number;
}

const lookAt = (track: Track, ppq: number, beats: number): Look => {
  const notes = [...track.notes].sort((a, b) => a.tick - b.tick);
  let end = -Infinity;
  let alone = 0;
  notes.forEach(({ tick, ticks }, i) => {
    // A sixteenth of overlap is legato, not a chord.
    if (end - tick <= ppq / 4 && notes[i + 1]?.tick !== tick && notes[i - 1]?.tick !== tick) alone++;
    end = Math.max(end, tick + ticks);
  });
  const struck = new Set(notes.map(({ tick }) => Math.floor(tick / ppq)));
  return { track, named: NAMES.find(([, name]) => name.test(track.name))?.[0], height: height(track), alone: alone / notes.length, present: struck.size / beats };
};

/** Below so high a mean pitch a single line may be a bass: F3. */
const LOW = 53;
/** A line of single notes: so large a share of them stands alone. */
const SINGLE = 0.8;

const isBass = ({ track, named, height: high, alone }: Look, lowest: number, voices: number): boolean =>
  named === 'bass' || (named === undefined && (isBassProgram(track.program) || (voices > 1 && high === lowest && high < LOW && alone >= SINGLE)));

/** How much speaks for the melody: a single line, played much of the time, above the others. */
const tuneful = ({ named, height: high, alone, present }: Look): number => (named === 'melody' ? 10 : named === 'other' ? -2 : 0) + 3 * alone + 2 * present + (high - 60) / 24;

/**
 * The role of each track of a song, in their order: told by name, then by channel and program, register, and whether it is one line.
 * At most one is the melody, and none where all are chords.
 */
export const rolesOf = (song: Song): TrackRole[] => {
  const beats = new Set(song.tracks.flatMap(({ notes }) => notes.map(({ tick }) => Math.floor(tick / song.ppq)))).size;
  const looks = song.tracks.map((track) => (track.notes.length === 0 || isDrums(track) ? undefined : lookAt(track, song.ppq, beats)));
  const heard = looks.filter((look) => look !== undefined);
  const lowest = Math.min(...heard.map((look) => look.height));
  const basses = new Set(heard.filter((look) => isBass(look, lowest, heard.length)));
  const lines = heard.filter((look) => !basses.has(look) && look.named !== 'drums' && (look.named === 'melody' || look.alone >= SINGLE));
  const [melody] = lines.sort((a, b) => tuneful(b) - tuneful(a));
  return song.tracks.map((track, i) => {
    const look = looks[i];
    if (!look) return isDrums(track) ? 'drums' : 'other';
    if (look === melody) return 'melody';
    return look.named === 'drums' ? 'drums' : basses.has(look) ? 'bass' : 'other';
  });
};
