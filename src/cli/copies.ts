import { median } from '../core/statistics.ts';
import { copiesOf, type Copied, type Sameness } from '../music/copies.ts';
import type { GridNote } from '../music/melody.ts';
import { openingOf } from '../training/read-melody.ts';
import { gridOf, isDrums } from '../training/tracks.ts';
import { eachSong, midiFiles, type FoundSong, type Refused } from './song-folder.ts';
import { say } from './terminal.ts';

/** Notes from which on a run counts towards the rate. */
export const LEAST_RUN = 16;

/** The longest run found, and where: names of files, notes from 1. */
export interface FoundRun {
  readonly notes: number;
  readonly piece: string;
  readonly note: number;
  readonly from: string;
  readonly fromNote: number;
}

/** What the judged pieces have in common with the training set, by one way of telling notes the same. */
export interface CopyFigures {
  readonly longest: FoundRun | null;
  /** The middle of the judged pieces' longest runs, in notes. */
  readonly median: number;
  /** The share of all judged notes that stand in a run of at least `LEAST_RUN` notes that the training set has too. */
  readonly rate: number;
  /** The same of the training set's own pieces, each looked for in pieces of other families: what people's pieces share. */
  readonly human: { readonly longest: FoundRun | null; readonly median: number; readonly rate: number };
}

export interface CopyReport extends Readonly<Record<Sameness, CopyFigures>> {
  readonly training: { readonly pieces: number; readonly refused: readonly Refused[] };
  readonly leastRun: number;
}

/** A track as a line on the 16th grid, and the file it stands in. */
interface Line {
  readonly piece: string;
  readonly family: string;
  readonly notes: readonly GridNote[];
}

/** Every pitched track of a file. Files whose first track with notes opens with the same intervals are one family. */
const linesOf = ({ name, file, song }: FoundSong): Line[] => {
  const onGrid = gridOf(song, file);
  const tracks = song.tracks.filter((track) => track.notes.length > 0 && !isDrums(track));
  const family = openingOf(tracks[0]?.notes.map(({ pitch }) => pitch) ?? []);
  return tracks.map(({ notes }) => ({ piece: name, family, notes: onGrid(notes) }));
};

/** The highest note at each step, where a line has more than one: what a melody may have been learnt from. */
const tops = (line: Line): Line[] => {
  const top = new Map<number, GridNote>();
  for (const note of line.notes) if ((top.get(note.step)?.pitch ?? -1) < note.pitch) top.set(note.step, note);
  return top.size === line.notes.length ? [] : [{ ...line, notes: [...top.values()] }];
};

const readLines = (places: readonly string[]): { readonly lines: Line[]; readonly pieces: number; readonly refused: readonly Refused[] } => {
  const lines: Line[] = [];
  let pieces = 0;
  const refused = places.flatMap((place) => eachSong(place, midiFiles(place), (found) => {
    pieces++;
    lines.push(...linesOf(found));
  }));
  for (const { file, reason } of refused) say(`left out ${file}: ${reason}`);
  return { lines, pieces, refused };
};

/**
 * Looks for every piece of a folder in the folders a model was trained on, and for the training pieces in one another.
 * @throws AntiphonError `folder.place`, `folder.empty`
 */
export const copiesFrom = (judgedPlace: string, training: readonly string[]): CopyReport => {
  const judged = readLines([judgedPlace]).lines;
  const { lines, pieces, refused } = readLines(training);
  say(`looking for copies of ${judged.length} lines in ${lines.length}`);
  const sources = [...lines, ...lines.flatMap(tops)];
  const families = new Map([...new Set(lines.map(({ family }) => family))].map((family, i) => [family, i]));
  const familyOf = ({ family }: Line): number => families.get(family) as number;
  const figuresOf = (sameness: Sameness): CopyFigures => {
    const all = [...judged, ...sources];
    const ours = copiesOf(all.map(({ notes }) => notes), all.map((_, i) => (i < judged.length ? 0 : 1)), sameness, LEAST_RUN).slice(0, judged.length);
    const theirs = copiesOf(lines.map(({ notes }) => notes), lines.map(familyOf), sameness, LEAST_RUN);
    return { ...summed(ours, judged, all), human: summed(theirs, lines, lines) };
  };
  return { training: { pieces, refused }, leastRun: LEAST_RUN, transposed: figuresOf('transposed'), exact: figuresOf('exact') };
};

const summed = (found: readonly Copied[], lines: readonly Line[], others: readonly Line[]): Omit<CopyFigures, 'human'> => {
  const best = new Map<string, number>();
  let longest: FoundRun | null = null;
  let [copied, notes] = [0, 0];
  found.forEach(({ longest: run, rate }, i) => {
    const { piece, notes: own } = lines[i] as Line;
    copied += rate * own.length;
    notes += own.length;
    best.set(piece, Math.max(best.get(piece) ?? 0, run?.notes ?? 0));
    if (run && run.notes > (longest?.notes ?? 0)) longest = { notes: run.notes, piece, note: run.at + 1, from: (others[run.other] as Line).piece, fromNote: run.otherAt + 1 };
  });
  return { longest, median: median([...best.values()]), rate: notes === 0 ? 0 : copied / notes };
};

/** The report as lines for people. */
export const copyLines = (report: CopyReport): string[] =>
  (['transposed', 'exact'] as const).map((sameness) => {
    const { longest, median: middle, rate, human } = report[sameness];
    const told = longest ? `longest ${longest.notes} notes (${longest.piece} from note ${longest.note}, as in ${longest.from} from note ${longest.fromNote})` : 'none';
    return `copies, ${sameness}: ${told}, median ${middle}, ${(100 * rate).toFixed(1)} % of notes in runs of ${report.leastRun}; people's pieces share ${human.longest?.notes ?? 0}, median ${human.median}, ${(100 * human.rate).toFixed(1)} %`;
  });
