import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { PLAYS_WITH } from '../live/cast.ts';
import { readPatch, type Patch, type PatchRole } from '../live/patch.ts';
import { cardOf, isModel, modelNames, projectFolder } from './models.ts';
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
/** What plays a role where the model it names is not there. */
const STAND_INS: Readonly<Record<string, string>> = { harmony: 'performance' };

type Without = 'out' | { readonly by: string };

/** What becomes of a role whose model is not there: the role is left out, or another model plays it; null where neither will do. */
const without = ({ kind, model }: PatchRole): Without | null => {
  if (BACKING.has(kind)) return 'out';
  const by = kind === 'harmonise' ? STAND_INS[model] : undefined;
  return by !== undefined && isModel(by) ? { by } : null;
};

/** Why a role cannot play with its model, as advice; null where it can, or is played without it. */
const faultOf = (role: PatchRole): string | null => {
  const { kind, model } = role;
  if (!isModel(model)) return without(role) ? null : `There is no such model. There are: ${modelNames().join(', ') || 'none'}.`;
  const { encoding } = cardOf(model);
  const plays = PLAYS_WITH[kind];
  return (plays as readonly string[]).includes(encoding) ? null : `${kind} plays with a model of ${plays.join(' or ')}; this one is of ${encoding}.`;
};

/**
 * A patch by name, or by its file; a role that is left out or played by another model, for want of its own, is told of.
 * @throws AntiphonError `patch.*`, with file and line for a mistake in it, a model that a role cannot play with included
 */
export const loadPatch = (name: string, lacks: (message: string) => void = say): Patch => {
  const file = existsSync(name) && extname(name) === '.json' ? name : files().get(name);
  if (!file) throw new AntiphonError('patch.name', 'No such patch', name, `There are: ${patchNames().join(', ')}; or give a patch file.`);
  const patch = readPatch(readFileSync(file, 'utf8'), file, faultOf);
  const roles = patch.roles.flatMap((role): PatchRole[] => {
    const { kind, model } = role;
    const instead = isModel(model) ? null : without(role);
    if (instead === null) return [role];
    lacks(`there is no model ${model}: the role ${kind} ${instead === 'out' ? 'does not play' : `plays with ${instead.by}`}`);
    return instead === 'out' ? [] : [{ ...role, model: instead.by }];
  });
  return { ...patch, roles };
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
