import { expect, it } from 'vitest';
import { Ring, ringMemory } from '../../src/core/ring.ts';
import { drainTold, loopTold, toldOf } from '../../src/cli/told.ts';
import { IN, NO_LOOP, OUT } from '../../src/stage/records.ts';
import { record } from '../stage/playing.ts';

it('says of a loop in one line into which input our output comes back, how late, and what to do; and when it no longer does', () => {
  expect(loopTold('nanoKEY2', 20.46)).toEqual({
    kind: 'error',
    code: 'loop.found',
    message: 'Your output comes back into input nanoKEY2, 20.5 ms later: what comes back is left out. Pull that cable, or turn monitoring or local thru off where it goes round.',
  });
  expect(loopTold('nanoKEY2', NO_LOOP)).toMatchObject({ code: 'loop.over', message: 'Your output no longer comes back into input nanoKEY2: it is heard in full again.' });
  expect(toldOf(record(OUT.loop, 3, 20))).toBe(null);
});

it('tells what sounds before what is withdrawn, and both before all else of the same moment, in order, and logs as it was', () => {
  const ring = new Ring(ringMemory(8));
  for (const [code, id] of [[IN.midi, 1], [OUT.withdrawn, 6], [OUT.sounded, 2], [OUT.param, 3], [OUT.ended, 4], [IN.wake, 5]] as const) ring.push(code, id);
  const said: string[] = [];
  for (const r of drainTold(ring, (each) => said.push(`tell ${each[1]}`))) said.push(`log ${r[1]}`);
  expect(said).toEqual(['tell 2', 'tell 4', 'tell 6', 'tell 1', 'tell 3', 'tell 5', 'log 1', 'log 6', 'log 2', 'log 3', 'log 4', 'log 5']);
  expect(drainTold(ring, () => said.push('again'))).toEqual([]);
  expect(said).toHaveLength(12);
});

it('tells where a knob stands that was turned on, each knob once, and logs every turn', () => {
  const ring = new Ring(ringMemory(8));
  for (const [code, name, value] of [[IN.param, 3, 1], [IN.param, 4, 2], [OUT.param, 3, 5], [IN.midi, 3, 6], [IN.param, 3, 7]] as const) ring.push(code, name, value);
  const said: string[] = [];
  for (const r of drainTold(ring, (each) => said.push(`tell ${each[1]} ${each[2]}`))) said.push(`log ${r[2]}`);
  expect(said).toEqual(['tell 4 2', 'tell 3 6', 'tell 3 7', 'log 1', 'log 2', 'log 5', 'log 6', 'log 7']);
});
