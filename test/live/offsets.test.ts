import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { leadOf, offsetOf, offsetsOf, withOffsets } from '../../src/live/offsets.ts';
import { patchOf } from '../stage/playing.ts';

const patch = patchOf([], {}, { outputs: [{ port: '*', offset: 5 }, { port: 'Strings', offset: -40 }, { port: 'String Bass', offset: -3 }, { port: 'piano' }, { port: 'Slow', offset: -40 }] });

describe('offsets of outputs', () => {
  it('are those of the first row that names the port, rows for every port last', () => {
    const names = ['USB Strings 20:0', 'string bass', 'Grand PIANO', 'Drums', 'Antiphon Out'];
    expect(names.map((name) => offsetOf(patch, name))).toEqual([-40, -3, 0, 5, 0]);
    expect(names.map((name) => offsetOf(patchOf([]), name))).toEqual([0, 0, 0, 0, 0]);
  });

  it('are those of the command line where it names the port, our own among them', () => {
    const other = withOffsets(patch, [{ port: 'piano', offset: ms(-7) }, { port: 'antiphon out', offset: ms(9) }]);
    expect(['USB Strings 20:0', 'Grand PIANO', 'Drums', 'Antiphon Out'].map((name) => offsetOf(other, name))).toEqual([-40, -7, 5, 9]);
    expect(offsetsOf(other)).toEqual([0, -7, 9, -40, -3, 5]);
    expect(withOffsets(patch, [])).toBe(patch);
  });

  it('say by how much the earliest wants to be early, if any does', () => {
    expect([patch, patchOf([]), patchOf([], {}, { outputs: [{ port: '*', offset: 30 }] })].map(leadOf)).toEqual([40, 0, 0]);
    expect(offsetsOf(patch)).toEqual([0, -40, -3, 5]);
  });
});
