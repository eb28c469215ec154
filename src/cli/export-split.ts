import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { ACCOMPANIMENT_PART, BASS } from '../music/accompaniment.ts';
import { DRUM } from '../music/drums.ts';
import { FRAME } from '../music/harmony.ts';
import { TIME_BINS } from '../music/performance.ts';
import { writeSmf, type WrittenTrack } from '../music/smf-write.ts';
import { eventAt, type Piece } from '../training/piece.ts';
import type { Split } from '../training/split.ts';
import { stepOf } from './generator.ts';
import { writeFile } from './song.ts';
import { TRACKS_OF } from './tracks-of.ts';

/** Pieces have no tempo of their own once they are on the grid: all are written at this one. */
const BPM = 120;
/** Seconds of a held-out piece that a model is given, and at most and at least those it is compared with: four bars, thirty, four. */
export const EXPORT_SECONDS = { begun: 8, most: 60, least: 8 } as const;

/** Milliseconds by which an event moves time on, given the length of a 16th. */
const LASTS: Readonly<Record<AnyEncodingName, (event: readonly number[], stepMs: number) => number>> = {
  melody: (_, stepMs) => stepMs,
  performance: ([, time]) => TIME_BINS[time as number] as number,
  harmony: (frame, stepMs) => ((frame[FRAME.wait] as number) + 1) * stepMs,
  drums: ([what], stepMs) => (what === DRUM.step ? stepMs : 0),
  accompaniment: (_, stepMs) => 2 * stepMs,
  'note-chord': ([wait], stepMs) => (wait as number) * stepMs,
};

/** A piece cut in two: how it begins, and what comes then, neither knowing of the other; null where too little is left. */
export const cutInTwo = (encoding: AnyEncodingName, piece: Piece): { readonly begun: WrittenTrack[]; readonly rest: WrittenTrack[] } | null => {
  const stepMs = stepOf(BPM);
  const events = Array.from({ length: (piece.parts[0] as Int32Array).length }, (_, i) => eventAt(piece, i));
  const { begun, most, least } = EXPORT_SECONDS;
  let now = 0;
  let [cut, end, ends] = [events.length, events.length, 0];
  events.forEach((event, i) => {
    now += LASTS[encoding](event, stepMs);
    if (now <= 1000 * begun) cut = i + 1;
    if (now <= 1000 * (begun + most)) [end, ends] = [i + 1, now];
  });
  if (ends < 1000 * (begun + least)) return null;
  const [first, then] = [events.slice(0, cut), events.slice(cut, end)].map((part) => TRACKS_OF[encoding](part, stepMs)) as [WrittenTrack[], WrittenTrack[]];
  const sounds = (tracks: readonly WrittenTrack[]): boolean => tracks.some(({ notes }) => notes.length > 0);
  return sounds(first) && sounds(then) ? { begun: first, rest: then } : null;
};

/** How many files were written to each folder. */
export type Exported = Readonly<Record<string, number>>;

/**
 * Writes the sides of a split as MIDI, as its encoding has them: of the tuning and the report side each piece cut in two, `tune/begun`,
 * `tune/rest`, `report/begun` and `report/rest`, under one name; what is trained on whole, in `train`. Lead sheets' accompaniment, of
 * which only chords are told, is left out.
 *
 * @throws AntiphonError `file.write`
 */
export const exportSplit = (encoding: AnyEncodingName, { train, tune, report }: Split, folder: string): Exported => {
  const written: Record<string, number> = {};
  const write = (place: string, name: string, tracks: readonly WrittenTrack[]): void => {
    writeFile(join(folder, place, name), writeSmf({ bpm: BPM, tracks }));
    written[place] = (written[place] ?? 0) + 1;
  };
  for (const place of ['tune/begun', 'tune/rest', 'report/begun', 'report/rest', 'train']) makeFolder(join(folder, place));
  const isTold = (piece: Piece): boolean => encoding !== 'accompaniment' || (piece.parts[ACCOMPANIMENT_PART.bass] as Int32Array)[0] !== BASS.untold;
  for (const [side, pieces] of [['tune', tune], ['report', report]] as const) {
    pieces.filter(isTold).forEach((piece, i) => {
      const cut = cutInTwo(encoding, piece);
      if (!cut) return;
      write(`${side}/begun`, nameOf(piece, i), cut.begun);
      write(`${side}/rest`, nameOf(piece, i), cut.rest);
    });
  }
  train.filter(isTold).forEach((piece, i) => write('train', nameOf(piece, i), TRACKS_OF[encoding](Array.from({ length: (piece.parts[0] as Int32Array).length }, (_, at) => eventAt(piece, at)), stepOf(BPM))));
  return written;
};

/** A number, that none has the name of another, and what it is called. */
const nameOf = ({ source, id }: Piece, index: number): string => `${String(index + 1).padStart(5, '0')}-${`${source}-${id.replace(/\.\w+$/, '')}`.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60)}.mid`;

const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw new AntiphonError('file.write', 'Cannot make the folder', folder, 'Give a folder that you may write to.');
  }
};
