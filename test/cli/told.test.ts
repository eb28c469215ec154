import { expect, it } from 'vitest';
import { loopTold, toldOf } from '../../src/cli/told.ts';
import { NO_LOOP, OUT } from '../../src/stage/records.ts';
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
