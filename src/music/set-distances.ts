/** What one piece is by one measure: a number, or a share for each bin. */
export type Value = number | readonly number[];

/** How far each of one set's pieces lies from each of another's: `at[i * width + j]`, Euclidean. */
export interface Distances {
  readonly width: number;
  readonly at: Float64Array;
}

const distance = (a: Value, b: Value): number => {
  if (typeof a === 'number' || typeof b === 'number') return Math.abs((a as number) - (b as number));
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return Math.sqrt(sum);
};

/** Every piece of one set beside every one of another, both by the same measure. */
export const distancesBetween = (rows: readonly Value[], columns: readonly Value[]): Distances => {
  const at = new Float64Array(rows.length * columns.length);
  rows.forEach((row, i) => columns.forEach((column, j) => (at[i * columns.length + j] = distance(row, column))));
  return { width: columns.length, at };
};

/** The distances of some rows to some columns, in one list. */
export const among = ({ width, at }: Distances, rows: readonly number[], columns: readonly number[]): Float64Array => {
  const out = new Float64Array(rows.length * columns.length);
  rows.forEach((row, i) => columns.forEach((column, j) => (out[i * columns.length + j] = at[row * width + column] as number)));
  return out;
};

/** Of a set beside itself: the distances of some of its pieces to one another, each to all others (leave one out). */
export const within = ({ width, at }: Distances, pieces: readonly number[]): Float64Array => {
  const out = new Float64Array(pieces.length * (pieces.length - 1));
  let next = 0;
  for (const row of pieces) for (const column of pieces) if (row !== column) out[next++] = at[row * width + column] as number;
  return out;
};
