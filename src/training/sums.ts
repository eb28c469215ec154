import { askedParts } from '../model/shape.ts';
import type { Encoding } from '../music/encodings.ts';
import type { Piece } from './piece.ts';

/** 16th steps of 16 bars of four quarters, after which what adapts is judged apart; as many events where they are no such steps. */
const SIXTEEN_BARS = 256;

/** Nats of each part that is asked: over whole pieces, and over what comes after the first `lateFrom` events of each. */
export interface Sums {
  readonly whole: number[];
  readonly late: number[];
}

/** The first event of a piece that counts as late: that after 256 16th steps, or after 256 events where these are no steps of the grid. */
export const lateFrom = ({ eventsPerStep }: Encoding): number => Math.round(SIXTEEN_BARS * (eventsPerStep ?? 1));

/** Events that count as late. */
export const lateEvents = (pieces: readonly Piece[], from: number): number => pieces.reduce((sum, { parts }) => sum + Math.max(0, (parts[0] as Int32Array).length - from), 0);

/** Sums of nothing yet. */
export const noSums = (encoding: Encoding): Sums => ({ whole: askedParts(encoding.parts).map(() => 0), late: askedParts(encoding.parts).map(() => 0) });

/** Adds the nats of a part of event `i` of a piece. */
export const addNats = ({ whole, late }: Sums, part: number, nats: number, isLate: boolean): void => {
  whole[part] = (whole[part] as number) + nats;
  if (isLate) late[part] = (late[part] as number) + nats;
};

/** The sum over parts. */
export const totalOf = (parts: readonly number[]): number => parts.reduce((sum, nats) => sum + nats, 0);
