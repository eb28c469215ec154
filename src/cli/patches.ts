import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { readPatch, type Patch } from '../live/patch.ts';
import { modelNames, projectFolder } from './models.ts';

const places = (): string[] => [join(process.cwd(), 'patches'), projectFolder('patches')];

const files = (): Map<string, string> => {
  const found = new Map<string, string>();
  for (const place of places().filter((each) => existsSync(each))) {
    for (const file of readdirSync(place).filter((name) => extname(name) === '.json').sort()) {
      const name = basename(file, '.json');
      if (!found.has(name)) found.set(name, join(place, file));
    }
  }
  return found;
};

export const patchNames = (): string[] => [...files().keys()];

/** A patch by name, or by its file. @throws AntiphonError `patch.*`, with file and line for a mistake in it */
export const loadPatch = (name: string): Patch => {
  const file = existsSync(name) && extname(name) === '.json' ? name : files().get(name);
  if (!file) throw new AntiphonError('patch.name', 'No such patch', name, `There are: ${patchNames().join(', ')}; or give a patch file.`);
  const patch = readPatch(readFileSync(file, 'utf8'), file);
  const models = modelNames();
  for (const { model } of patch.roles) {
    if (!models.includes(model)) throw new AntiphonError('patch.model', `${file}: no such model`, model, `There are: ${models.join(', ') || 'none'}.`);
  }
  return patch;
};

/** `first`, then every other patch that reads; those that do not are told of. */
export const loadPatches = (first: string, wrong: (message: string) => void): Patch[] => {
  const patches = [loadPatch(first)];
  for (const name of patchNames()) {
    try {
      const patch = loadPatch(name);
      if (!patches.some((each) => each.name === patch.name)) patches.push(patch);
    } catch (thrown) {
      wrong((thrown as Error).message);
    }
  }
  return patches;
};
