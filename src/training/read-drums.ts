import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { drumOf, DRUM_KINDS, DRUM_PARTS, encodeDrums, LONGEST_BAR, STYLES, type Hit } from '../music/drums.ts';
import { STEPS_PER_BEAT } from '../music/melody.ts';
import type { Song } from '../music/smf-read.ts';
import { columnsOf } from './piece.ts';
import { sideOf } from './split.ts';
import type { Reader } from './reader.ts';

/** All that is played on the drum channel; what an `info.csv` above the file knows of it: style, tempo, kind and side of the split. */
export const readDrums: Reader = {
  song: (song, { file, id, source }) => {
    const info = infoOf(file);
    const bar = barOf(song);
    const hits = hitsOf(song, bar);
    if (hits.length === 0) throw new AntiphonError('corpus.drums', 'No drums in', file, 'They are read from channel 10.');
    const events = encodeDrums(hits, {
      bar,
      style: rowOf(STYLES, (info?.get('style') ?? '').split('/')[0] as string),
      kind: rowOf(DRUM_KINDS, info?.get('beat_type') ?? ''),
      bpm: Number(info?.get('bpm')) || (song.tempos[0]?.bpm ?? null),
    });
    const side = info?.get('split');
    return { id, source, family: `${source}/${id}`, ...(side ? { side: sideOf(side) } : {}), parts: columnsOf(DRUM_PARTS.length, events), notes: events.filter(([, velocity]) => (velocity as number) < DRUM_PARTS[1].outputs).length };
  },
};

/** The row a word stands in; 0, which stands for any, where it is not there. */
const rowOf = (rows: readonly string[], word: string): number => Math.max(0, rows.indexOf(word));

/** Steps a bar, of the file's first metre; a bar that is no whole number of them, or too long to be told, counts as one of four quarters. */
const barOf = (song: Song): number => {
  const metre = song.metres[0];
  const steps = metre ? (4 * STEPS_PER_BEAT * metre.numerator) / metre.denominator : 0;
  return Number.isInteger(steps) && steps > 0 && steps <= LONGEST_BAR ? steps : 4 * STEPS_PER_BEAT;
};

/** Hits on the nearest step, from the bar the first stands in. */
const hitsOf = (song: Song, bar: number): Hit[] => {
  const hits = song.tracks.flatMap(({ notes }) => notes.flatMap(({ channel, tick, pitch, velocity }) => {
    const drum = channel === 10 ? drumOf(pitch) : undefined;
    if (drum === undefined) return [];
    const at = (tick / song.ppq) * STEPS_PER_BEAT;
    return [{ step: Math.round(at), drum, velocity, offset: at - Math.round(at) }];
  }));
  const first = hits.reduce((least, { step }) => Math.min(least, step), Infinity);
  const from = Math.floor(first / bar) * bar;
  return hits.map((hit) => ({ ...hit, step: hit.step - from }));
};

type Row = ReadonlyMap<string, string>;

/** How many folders above a file are looked in for the list it stands in. */
const LEVELS = 3;
const lists = new Map<string, ReadonlyMap<string, Row>>();

const infoOf = (file: string): Row | undefined => {
  let folder = dirname(file);
  for (let level = 0; level < LEVELS; level++, folder = dirname(folder)) {
    const list = join(folder, 'info.csv');
    if (!lists.has(list)) lists.set(list, existsSync(list) ? rowsOf(readFileSync(list, 'utf8')) : new Map<string, Row>());
    const row = lists.get(list)?.get(relative(folder, file).split(sep).join('/'));
    if (row) return row;
  }
  return undefined;
};

/** Rows by their `midi_filename`; no cell of the list holds a comma. */
const rowsOf = (text: string): Map<string, Row> => {
  const [names = [], ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(','));
  return new Map(rows.map((row) => [row[names.indexOf('midi_filename')] ?? '', new Map(names.map((name, i) => [name, row[i] ?? '']))]));
};
