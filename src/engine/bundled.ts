import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AntiphonError } from '../core/errors.ts';

// A bundle's own folder, that of a chunk it shares, or the sources with a bundle built beside them.
const PLACES = ['', 'engine/', '../engine/', '../../dist/engine/'];

/**
 * The path of a file that the build puts into `dist/engine`.
 * @throws AntiphonError `engine.start`
 */
export const bundled = (name: string): string => {
  const found = PLACES.map((place) => fileURLToPath(new URL(place + name, import.meta.url))).find((each) => existsSync(each));
  if (!found) throw new AntiphonError('engine.start', 'The bundle lacks', `dist/engine/${name}`, 'Run `npm run build`.');
  return found;
};
