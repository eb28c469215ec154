import { ms, type Ms } from '../core/units.ts';
import type { Patch, PatchOutput } from './patch.ts';

/** What a patch says of offsets, what comes first counting before what comes later. */
const rowsOf = ({ offsets = [], outputs }: Patch): readonly PatchOutput[] => [...offsets, ...outputs.filter(({ port }) => port !== '*'), ...outputs.filter(({ port }) => port === '*')];

/**
 * How long after its wanted time the output `name` is to get what is on a schedule, in milliseconds: what the first row says whose text
 * is in its name, rows for every port (`*`) last. Our own virtual output is meant by its name alone.
 */
export const offsetOf = (patch: Patch, name: string): Ms => {
  const lower = name.toLowerCase();
  const isOurs = lower.includes('antiphon');
  const row = rowsOf(patch).find(({ port }) => (port.trim() === '*' ? !isOurs : lower.includes(port.trim().toLowerCase())));
  return row?.offset ?? ms(0);
};

/** Every offset that an output can have under a patch, once each; none (0) first. */
export const offsetsOf = (patch: Patch): readonly Ms[] => [...new Set([ms(0), ...rowsOf(patch).map(({ offset }) => offset ?? ms(0))])];

/** By how much the earliest output wants notes before their time, in milliseconds: so much sooner they must be known. */
export const leadOf = (patch: Patch): Ms => ms(Math.max(0, ...offsetsOf(patch).map((offset) => -offset)));

/** A patch whose outputs have these offsets, whatever it says itself. */
export const withOffsets = (patch: Patch, offsets: readonly Required<PatchOutput>[]): Patch => (offsets.length === 0 ? patch : { ...patch, offsets });
