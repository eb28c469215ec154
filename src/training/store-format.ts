import type { FileRead } from './corpus.ts';
import type { Piece } from './piece.ts';

/** A piece in the index: everything of it but its numbers, and how those are packed. */
interface Row extends Omit<Piece, 'parts' | 'line'> {
  readonly events: number;
  /** Bytes a symbol of each part: 1, 2 or 4. */
  readonly widths: readonly number[];
  /** Pitches of its line; absent where it has none. */
  readonly line?: number;
}

/** A file in the index, its name relative to the place that was read. */
interface FileRow {
  readonly file: string;
  readonly refused?: string;
  readonly pieces: readonly Row[];
}

/** The index of packed files; the numbers lie one after another in the order of its rows, little-endian. */
export type StoreIndex = readonly FileRow[];

/** Files that were read, as an index and bytes. */
export interface Packed {
  readonly index: StoreIndex;
  readonly bytes: Uint8Array;
}

const widthOf = (part: Int32Array): number => {
  let most = 0;
  // A negative number has its high bits set, so that it takes all four bytes.
  for (const symbol of part) most |= symbol;
  return most >>> 0 < 0x100 ? 1 : most >>> 0 < 0x10000 ? 2 : 4;
};

/** Arrays by bytes a number. */
const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Int32Array } as const;
type Width = keyof typeof ARRAYS;

/** Packs what was read, each part in as few bytes a symbol as hold it. */
export const packStore = (read: readonly FileRead[]): Packed => {
  const chunks: Uint8Array[] = [];
  const rowOf = ({ parts, line, ...rest }: Piece): Row => {
    const widths = parts.map(widthOf);
    parts.forEach((part, p) => chunks.push(new Uint8Array(ARRAYS[widths[p] as Width].from(part).buffer)));
    if (line) chunks.push(line);
    return { ...rest, events: parts[0]?.length ?? 0, widths, ...(line ? { line: line.length } : {}) };
  };
  const index = read.map(({ file, pieces, refused }) => ({ file, ...(refused === undefined ? {} : { refused }), pieces: pieces.map(rowOf) }));
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { index, bytes };
};

/** What was packed. @throws RangeError where the bytes are fewer than the index says */
export const unpackStore = ({ index, bytes }: Packed): FileRead[] => {
  let at = 0;
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    if (at + length > bytes.length) throw new RangeError('a store cut short');
    at += length;
    // A copy begins where wider numbers may. Not by `slice`: that of a Node Buffer shares all the buffer's memory.
    return new Uint8Array(bytes.subarray(at - length, at));
  };
  const pieceOf = ({ events, widths, line, ...rest }: Row): Piece => ({
    ...rest,
    parts: widths.map((width) => Int32Array.from(new ARRAYS[width as Width](take(events * width).buffer))),
    ...(line === undefined ? {} : { line: take(line) }),
  });
  return index.map(({ file, refused, pieces }) => ({ file, ...(refused === undefined ? {} : { refused }), pieces: pieces.map(pieceOf) }));
};
