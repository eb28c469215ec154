import { describe, expect, it } from 'vitest';
import { PARAM_NAMES, PARAMS } from '../../src/live/params.ts';
import { HIGHEST, isBlack, keyBox, keyName, LOWEST } from '../../src/web/keys.ts';
import { readable, turnOf, valueAt } from '../../src/web/knobs.ts';

describe('a knob', () => {
  it.each(PARAM_NAMES)('%s reaches from end to end and back', (name) => {
    const { min, max, initial, curve } = PARAMS[name];
    expect(valueAt(name, 0)).toBeCloseTo(min);
    expect(valueAt(name, 1)).toBeCloseTo(max);
    expect(valueAt(name, turnOf(name, initial))).toBeCloseTo(initial, curve === 'whole' ? 0 : 6);
  });

  it.each([
    ['root', 10, 'B♭'],
    ['low', 28, 'E1'],
    ['silence', 420.4, '420 ms'],
    ['tempo', 0, 'auto'],
    ['tempo', 120, '120 bpm'],
    ['topK', 0, 'all'],
    ['above', 1, 'over'],
    ['temperature', 0.951, '0.95'],
  ] as const)('reads %s %d as %s', (name, value, text) => {
    expect(readable(name, value)).toBe(text);
  });
});

describe('the piano', () => {
  it('has 52 white keys from A0 to C8, side by side', () => {
    const whites = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => LOWEST + i).filter((pitch) => !isBlack(pitch));
    expect(whites).toHaveLength(52);
    expect([keyName(LOWEST), keyName(60), keyName(HIGHEST)]).toEqual(['A0', 'C4', 'C8']);
    whites.forEach((pitch, i) => expect(keyBox(pitch).left).toBeCloseTo(i / 52));
  });

  it('draws what lies beyond it at its edge', () => {
    expect(keyBox(0)).toEqual(keyBox(LOWEST));
    expect(keyBox(127)).toEqual(keyBox(HIGHEST));
  });
});
