/** The drawn piano's lowest and highest key: A0 and C8, as on a grand. */
export const LOWEST = 21;
export const HIGHEST = 108;

const BLACK = [false, true, false, true, false, false, true, false, true, false, true, false];
const NAMES = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'] as const;

export const isBlack = (pitch: number): boolean => BLACK[pitch % 12] as boolean;

/** A key's name, such as C4 for 60. */
export const keyName = (pitch: number): string => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/** A pitch class's name; 0 is C. */
export const className = (root: number): string => NAMES[((root % 12) + 12) % 12] as string;

const whitesBelow = (pitch: number): number => {
  let count = 0;
  for (let key = LOWEST; key < pitch; key++) if (!isBlack(key)) count++;
  return count;
};
const WHITES = whitesBelow(HIGHEST + 1);

/** Where a key lies, as shares of the piano's width. */
export interface KeyBox {
  readonly left: number;
  readonly width: number;
}

const box = (pitch: number): KeyBox => {
  const white = 1 / WHITES;
  if (!isBlack(pitch)) return { left: whitesBelow(pitch) * white, width: white };
  return { left: (whitesBelow(pitch) - 0.31) * white, width: 0.62 * white };
};
const BOXES = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => box(LOWEST + i));

/** Where a key lies; what is beyond the piano lies at its edge. */
export const keyBox = (pitch: number): KeyBox => BOXES[Math.min(HIGHEST, Math.max(LOWEST, pitch)) - LOWEST] as KeyBox;
