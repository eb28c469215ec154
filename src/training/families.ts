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
  const all = new Uint32Array(Math.max(0, line.length - SHINGLE));
  for (let i = 0; i < all.length; i++) {
    let hash = 17;
    for (let j = i + 1; j <= i + SHINGLE; j++) hash = (Math.imul(hash, 257) + (line[j] as number) - (line[j - 1] as number)) | 0;
    all[i] = hash;
  }
  all.sort();
  return all.filter((hash, i) => i === 0 || hash !== all[i - 1]);
};

/** Tells lines by their intervals: the same tune in any key has the same. */
export const intervalsOf = (line: Uint8Array): string => `${line.length} ${line.reduce((key, pitch, i) => (i === 0 ? key : keyOf(key, pitch - (line[i - 1] as number))), 0)}`;

/** Bits for a piece's number beside the 32 of a shingle, in a double. */
const PIECES = 2 ** 21;

/**
 * Every pair of lines that share a shingle which is no commonplace, and how many they share. Sorted numbers, not maps: with tens of
 * thousands of lines there are millions.
 */
function* pairsOf(shingles: readonly Uint32Array[]): Generator<readonly [a: number, b: number, shared: number]> {
  const held = new Float64Array(shingles.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  shingles.forEach((own, i) => {
    for (const shingle of own) held[at++] = shingle * PIECES + i;
  });
  held.sort();
  const pairs: number[] = [];
  for (let from = 0, to = 0; from < held.length; from = to) {
    const shingle = Math.floor((held[from] as number) / PIECES);
    while (to < held.length && (held[to] as number) < (shingle + 1) * PIECES) to++;
    if (to - from > COMMONPLACE) continue;
    for (let a = from; a < to; a++) for (let b = a + 1; b < to; b++) pairs.push(((held[a] as number) % PIECES) * PIECES + ((held[b] as number) % PIECES));
  }
  const sorted = Float64Array.from(pairs).sort();
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const pair = sorted[from] as number;
    while (sorted[to] === pair) to++;
    yield [Math.floor(pair / PIECES), pair % PIECES, to - from];
  }
}

/** Which pieces belong together: of one family, the same music, or with variants of one tune for a line; through others where need be. */
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
  for (const [a, b, shared] of pairsOf(shingles)) {
    const either = (shingles[a] as Uint32Array).length + (shingles[b] as Uint32Array).length - shared;
    if (shared >= FEWEST && shared / either >= ALIKE) sets.join(a, b);
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
