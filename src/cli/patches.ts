import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { readPatch, type Patch } from '../live/patch.ts';
import { modelNames, projectFolder } from './models.ts';
import { say } from './terminal.ts';

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

/** Roles that the others play on without. */
const BACKING: ReadonlySet<string> = new Set(['accompany', 'drum']);

/** A patch by name, or by its file; a role of the backing whose model is not there is left out, and told of. @throws AntiphonError `patch.*`, with file and line for a mistake in it */
export const loadPatch = (name: string, lacks: (message: string) => void = say): Patch => {
  const file = existsSync(name) && extname(name) === '.json' ? name : files().get(name);
  if (!file) throw new AntiphonError('patch.name', 'No such patch', name, `There are: ${patchNames().join(', ')}; or give a patch file.`);
  const patch = readPatch(readFileSync(file, 'utf8'), file);
  const models = modelNames();
  const lacking = patch.roles.filter(({ model }) => !models.includes(model));
  for (const { kind, model } of lacking) {
    if (!BACKING.has(kind)) throw new AntiphonError('patch.model', `${file}: no such model`, model, `There are: ${models.join(', ') || 'none'}.`);
    lacks(`there is no model ${model}: the role ${kind} does not play`);
  }
  return { ...patch, roles: patch.roles.filter((each) => !lacking.includes(each)) };
};

/** `first`, then every other patch that reads; those that do not are told of, and roles that lack their model, one time each. */
export const loadPatches = (first: string, wrong: (message: string) => void, lacks: (message: string) => void): Patch[] => {
  const lacking = new Set<string>();
  const patches = [loadPatch(first, (message) => lacking.add(message))];
  for (const name of patchNames()) {
    try {
      const patch = loadPatch(name, (message) => lacking.add(message));
      if (!patches.some((each) => each.name === patch.name)) patches.push(patch);
    } catch (thrown) {
      wrong((thrown as Error).message);
    }
  }
  for (const message of lacking) lacks(message);
  return patches;
};
