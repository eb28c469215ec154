import { eventsOf, type Piece } from './piece.ts';
import { fingerprint } from './floors.ts';
import type { Prepared } from './prepare.ts';
import { TRACK_ROLES, type TrackRole } from './roles.ts';
import type { Split } from './split.ts';

/** How much music there is. */
export interface Amount {
  readonly pieces: number;
  readonly families: number;
  readonly notes: number;
  readonly events: number;
  readonly hours: number;
}

/** What a person wants to know of a corpus. */
export interface Summary extends Amount {
  readonly encoding: string;
  readonly files: number;
  /** Places that came out of the store. */
  readonly stored: number;
  /** By data set. */
  readonly sources: Readonly<Record<string, Amount>>;
  readonly sides: Readonly<Record<keyof Split, Amount>>;
  /** Pieces by key, the most frequent first. */
  readonly keys: Readonly<Record<string, number>>;
  /** Pieces by tempo, from the slowest: the name of each row says its beats a minute. */
  readonly tempos: Readonly<Record<string, number>>;
  /** Tracks by what they are for. */
  readonly tracks: Readonly<Record<TrackRole, number>>;
  /** Pieces that stood before, note for note or in another key; they are kept, on one side of the split. */
  readonly duplicates: { readonly exact: number; readonly transposed: number };
  /** Pieces of the largest family. */
  readonly largest: number;
  readonly refused: Prepared['refused'];
}

const countsOf = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const amountOf = (pieces: readonly Piece[]): Amount => ({
  pieces: pieces.length,
  families: new Set(pieces.map(({ family }) => family)).size,
  notes: pieces.reduce((sum, { notes }) => sum + notes, 0),
  events: eventsOf(pieces),
  hours: Number((pieces.reduce((sum, { about }) => sum + (about?.seconds ?? 0), 0) / 3600).toFixed(3)),
});

/** Beats a minute that one row of the tempo histogram spans. */
const TEMPO_ROW = 20;

const temposOf = (pieces: readonly Piece[]): Record<string, number> => {
  const rows = pieces.flatMap(({ about }) => (about?.bpm ? [Math.floor(about.bpm / TEMPO_ROW)] : []));
  const counts = countsOf(rows.sort((a, b) => a - b).map((row) => `${row * TEMPO_ROW}–${(row + 1) * TEMPO_ROW - 1}`));
  return Object.fromEntries(counts);
};

/** Pieces that are the same as one before them: note for note, or in another key. */
export const duplicatesIn = (pieces: readonly Piece[]): Summary['duplicates'] => {
  const notes = new Set(pieces.map(fingerprint)).size;
  const music = new Set(pieces.map((piece) => piece.about?.music ?? fingerprint(piece))).size;
  return { exact: pieces.length - notes, transposed: notes - music };
};

const bySource = (pieces: readonly Piece[]): Record<string, Amount> => {
  const sources = [...new Set(pieces.map(({ source }) => source))];
  return Object.fromEntries(sources.map((source) => [source, amountOf(pieces.filter((piece) => piece.source === source))]));
};

/** What there is in a corpus that was read, and on the sides of its split. */
export const summaryOf = ({ encoding, pieces, refused, files, stored }: Prepared, split: Split): Summary => {
  const roles = countsOf(pieces.flatMap(({ about }) => about?.roles ?? []));
  return {
    encoding,
    files,
    stored,
    ...amountOf(pieces),
    sources: bySource(pieces),
    sides: { train: amountOf(split.train), tune: amountOf(split.tune), report: amountOf(split.report) },
    keys: Object.fromEntries([...countsOf(pieces.flatMap(({ about }) => about?.key ?? []))].sort((a, b) => b[1] - a[1])),
    tempos: temposOf(pieces),
    tracks: Object.fromEntries(TRACK_ROLES.map((role) => [role, roles.get(role) ?? 0])) as Record<TrackRole, number>,
    duplicates: duplicatesIn(pieces),
    largest: Math.max(0, ...countsOf(pieces.map(({ family }) => family)).values()),
    refused,
  };
};
