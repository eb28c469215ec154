import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMuseModels } from '../../src/cli/muse-models.ts';
import { loadPatch, loadPatches } from '../../src/cli/patches.ts';
import { castOf } from '../../src/live/cast.ts';
import { saveTiny, tinyFolder } from './tiny-models.ts';

const home = process.cwd();
let folder: string;
beforeAll(() => {
  folder = tinyFolder();
  process.chdir(folder);
  saveTiny('.', 'performance', 'mine', 6);
  for (const encoding of ['drums', 'accompaniment', 'note-chord'] as const) saveTiny('.', encoding);
  saveTiny('.', 'harmony', 'chorales');
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

type Row = readonly [kind: string, model: string];

/** A patch of these roles, one a line from line 7 on. */
const write = (...roles: readonly Row[]): string => {
  writeFileSync('my.json', `{
  "name": "mine",
  "about": "a test",
  "inputs": [],
  "outputs": [],
  "roles": [
${roles.map(([kind, model]) => JSON.stringify({ kind, model })).join(',\n')}
  ]
}`);
  return 'my.json';
};
const loaded = (...roles: readonly Row[]): { readonly roles: readonly string[]; readonly told: readonly string[] } => {
  const told: string[] = [];
  const patch = loadPatch(write(...roles), (message) => told.push(message));
  return { roles: patch.roles.map(({ kind, model }) => `${kind} ${model}`), told };
};

describe('the model a role names', () => {
  it('may be any that it can play with, whatever its name', () => {
    expect(loaded(['respond', 'mine'], ['continue', 'melody'], ['harmonise', 'chorales'], ['accompany', 'accompaniment'], ['drum', 'drums'])).toEqual({
      roles: ['respond mine', 'continue melody', 'harmonise chorales', 'accompany accompaniment', 'drum drums'],
      told: [],
    });
    expect(loaded(['harmonise', 'mine']).roles).toEqual(['harmonise mine']);
    expect(loaded(['respond', './models/mine']).roles).toEqual(['respond ./models/mine']);
  });

  it.each([
    ['respond', 'drums', 'respond plays with a model of performance or melody; this one is of drums.'],
    ['continue', 'chorales', 'continue plays with a model of performance or melody; this one is of harmony.'],
    ['harmonise', 'melody', 'harmonise plays with a model of harmony or performance; this one is of melody.'],
    ['accompany', 'drums', 'accompany plays with a model of accompaniment; this one is of drums.'],
    ['drum', 'performance', 'drum plays with a model of drums; this one is of performance.'],
    ['respond', 'note-chord', 'respond plays with a model of performance or melody; this one is of note-chord.'],
  ])('may not be one that %s cannot play with: %s', (kind, model, advice) => {
    const other = kind === 'harmonise' ? 'respond' : 'harmonise';
    expect(() => loaded([other, 'mine'], [kind, model])).toThrow(expect.objectContaining({ code: 'patch.model', message: `my.json:8: roles[1].model cannot be: "${model}". ${advice}` }) as Error);
  });

  it('is there, for roles that others need', () => {
    expect(() => loaded(['respond', 'mien'])).toThrow(expect.objectContaining({ code: 'patch.model', message: expect.stringContaining('my.json:7: roles[0].model cannot be: "mien". There is no such model. There are: accompaniment, chorales, drums,') as string }) as Error);
    expect(() => loaded(['harmonise', 'chorals'])).toThrow(expect.objectContaining({ code: 'patch.model' }) as Error);
  });

  it('is done without where it is missing in the backing, and said so', () => {
    expect(loaded(['drum', 'gone'], ['respond', 'mine'])).toEqual({ roles: ['respond mine'], told: ['there is no model gone: the role drum does not play'] });
  });
});

describe('the patches at hand', () => {
  it('harmonise with the performance model where that of harmony is not there, said in a line', () => {
    const told: string[] = [];
    const wrong: string[] = [];
    const models = (): string[] => loadPatches(write(['harmonise', 'mine']), (message) => wrong.push(message), (message) => told.push(message)).find(({ name }) => name === 'harmony')?.roles.map(({ model }) => model) ?? [];
    const shipped = models();
    expect(wrong).toEqual([]);
    if (shipped[0] === 'performance') expect(told).toEqual(['there is no model harmony: the role harmonise plays with performance']);
    saveTiny('.', 'harmony');
    told.length = 0;
    expect([models(), told]).toEqual([['harmony'], []]);
  });

  it('say what models are loaded: those they name, and one for free time beside a model of the grid', async () => {
    const opened = async (...roles: readonly Row[]): Promise<string[]> => {
      const { models, close } = await loadMuseModels('cpu', castOf([loadPatch(write(...roles))]));
      close();
      return models.map(({ name, encoding }) => `${name} ${encoding}`);
    };
    expect(await opened(['respond', 'mine'], ['harmonise', 'mine'])).toEqual(['mine performance']);
    expect(await opened(['drum', 'drums'], ['continue', 'melody'])).toEqual(['drums drums', 'melody melody', 'performance performance']);
    expect(await opened(['harmonise', 'chorales'])).toEqual(['chorales harmony']);
  });
});
