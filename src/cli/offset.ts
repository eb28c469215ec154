import { InvalidArgumentError } from 'commander';
import { ms } from '../core/units.ts';
import { FARTHEST, type PatchOutput } from '../live/patch.ts';

/** One more `PORT=MS` of the command line, after those `before` it. */
export const offsetFrom = (text: string, before: readonly Required<PatchOutput>[]): readonly Required<PatchOutput>[] => {
  const at = text.lastIndexOf('=');
  const [port, number] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
  const offset = number === '' ? NaN : Number(number);
  if (port === '' || !(Math.abs(offset) <= FARTHEST)) {
    throw new InvalidArgumentError(`--offset needs PORT=MS with ${-FARTHEST} to ${FARTHEST} ms, such as "Strings=-40", not ${JSON.stringify(text)}.`);
  }
  return [...before, { port, offset: ms(offset) }];
};
