import { DisjointSets } from '../core/disjoint.ts';
import { keyOf } from '../core/rng.ts';
import type { Piece } from './piece.ts';

/** So many intervals in a row are one shingle (Broder 1997): long enough that two tunes seldom share one by chance. */
const SHINGLE = 8;
/** Lines of which so large a share of shingles (Jaccard) is common are variants of one tune. */
const ALIKE = 0.1;
/** So few in common could be a cadence. */
const FEWEST = 5;
/** A shingle in more lines than this is a commonplace, such as a repeated note or a scale. */
const COMMONPLACE = 64;

/** What a line's runs of intervals are, as 32-bit hashes, the same in every key; sorted, each once. */
export const shinglesOf = (line: Uint8Array): Uint32Array => {
  const found = new Set<number>();
  for (let i = SHINGLE; i < line.length; i++) {
    let hash = 17;
    for (let j = i - SHINGLE + 1; j <= i; j++) hash = (Math.imul(hash, 257) + (line[j] as number) - (line[j - 1] as number)) | 0;
    found.add(hash >>> 0);
  }
  return Uint32Array.from(found).sort();
};

/** Tells lines by their intervals: the same tune in any key has the same. */
export const intervalsOf = (line: Uint8Array): string => `${line.length} ${line.reduce((key, pitch, i) => (i === 0 ? key : keyOf(key, pitch - (line[i - 1] as number))), 0)}`;

/** Which pieces have variants of one tune for a line, joined through others where need be: a set number for each piece. */
const related = (pieces: readonly Piece[]): DisjointSets => {
  const sets = new DisjointSets(pieces.length);
  const joinSame = (of: (piece: Piece) => string | undefined): void => {
    const first = new Map<string, number>();
    pieces.forEach((piece, i) => {
      const key = of(piece);
      if (key === undefined) return;
      const other = first.get(key);
      if (other === undefined) first.set(key, i);
      else sets.join(i, other);
    });
  };
  joinSame(({ family }) => family);
  joinSame(({ about }) => about?.music);
  joinSame(({ line }) => (line && line.length > SHINGLE ? intervalsOf(line) : undefined));

  const shingles = pieces.map(({ line }) => (line ? shinglesOf(line) : new Uint32Array()));
  const holders = new Map<number, number[]>();
  shingles.forEach((own, i) => {
    for (const shingle of own) {
      const list = holders.get(shingle);
      if (!list) holders.set(shingle, [i]);
      else if (list.length <= COMMONPLACE) list.push(i);
    }
  });
  const common = new Map<number, number>();
  for (const list of holders.values()) {
    if (list.length > COMMONPLACE) continue;
    for (let a = 0; a < list.length; a++) {
      for (let b = a + 1; b < list.length; b++) {
        const pair = (list[a] as number) * pieces.length + (list[b] as number);
        common.set(pair, (common.get(pair) ?? 0) + 1);
      }
    }
  }
  for (const [pair, shared] of common) {
    if (shared < FEWEST) continue;
    const a = Math.floor(pair / pieces.length);
    const b = pair % pieces.length;
    const either = (shingles[a] as Uint32Array).length + (shingles[b] as Uint32Array).length - shared;
    if (shared / either >= ALIKE) sets.join(a, b);
  }
  return sets;
};

/**
 * Pieces with their families joined where their lines share much, whatever the key and the opening. A joined family has the name
 * that most of its pieces had (of several the first in order), so that a split moves as few pieces as can be.
 */
export const joinFamilies = (pieces: readonly Piece[]): Piece[] => {
  const sets = related(pieces);
  const names = new Map<number, Map<string, number>>();
  pieces.forEach(({ family }, i) => {
    const root = sets.find(i);
    const counts = names.get(root) ?? new Map<string, number>();
    counts.set(family, (counts.get(family) ?? 0) + 1);
    names.set(root, counts);
  });
  const chosen = new Map([...names].map(([root, counts]) => [root, [...counts].reduce((best, each) => (each[1] > best[1] || (each[1] === best[1] && each[0] < best[0]) ? each : best))[0]]));
  return pieces.map((piece, i) => {
    const family = chosen.get(sets.find(i)) as string;
    return family === piece.family ? piece : { ...piece, family };
  });
};
