import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUILDS, furthest, passesOf, shapeOf, toldOf, type Told } from './gradients.ts';
import { loadTrainingCpu } from './cpu.ts';

const FILE = new URL('../fixtures/gradients.json', import.meta.url);
const stored = (): Record<string, Record<string, Told>> => JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Record<string, Told>>;

it('the plain path has the losses, gradients and states that are stored, of every build', { timeout: 120_000 }, async () => {
  const tf = await loadTrainingCpu();
  const found: Record<string, Record<string, Told>> = {};
  for (const build of Object.keys(BUILDS)) found[build] = toldOf(await passesOf(tf, null, shapeOf(build)));
  if (process.env['ANTIPHON_STORE_FIXTURES']) writeFileSync(FILE, `{\n${Object.entries(found).map(([build, told]) => `${JSON.stringify(build)}: ${JSON.stringify(told)}`).join(',\n')}\n}\n`);
  const wanted = stored();
  expect(Object.keys(wanted)).toEqual(Object.keys(BUILDS));
  for (const [build, told] of Object.entries(wanted)) {
    expect(Object.keys(found[build] ?? {}), build).toEqual(Object.keys(told));
    expect(furthest(found[build] ?? {}, told), build).toBeLessThan(1e-5);
  }
});
