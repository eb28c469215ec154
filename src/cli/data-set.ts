import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where a data set lies that a card names, which keeps the last name of a path only: in `folder`, in a folder there, or it is that itself; undefined where it is in none. */
export const dataSetIn = (folder: string, set: string): string | undefined => {
  if (!existsSync(folder)) return undefined;
  const under = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  return [...[folder, ...under].map((each) => join(each, basename(set))), ...(basename(folder) === basename(set) ? [folder] : [])].find((each) => existsSync(each));
};
