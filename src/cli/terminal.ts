import { InvalidArgumentError } from 'commander';

/** One line to a person; results that programs read go to standard output instead. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A command line number of at least `least`. */
export const numberFrom = (least: number, most = Infinity) => (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new InvalidArgumentError(`Give a number of at least ${least}${most === Infinity ? '' : ` and at most ${most}`}.`);
  }
  return value;
};
