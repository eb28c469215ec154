import { describe, expect, it } from 'vitest';
import { AntiphonError, messageOf } from '../../src/core/errors.ts';

const shown = (value: unknown): string => new AntiphonError('x.y', 'no good', value, 'Do better').message;

describe('AntiphonError', () => {
  it('says what, which value and what to do, and keeps its code', () => {
    const error = new AntiphonError('patch.value', 'not a number', { bpm: 'fast' }, 'Give a number from 20 to 400');
    expect(error.message).toBe('not a number: {"bpm":"fast"}. Give a number from 20 to 400');
    expect({ code: error.code, value: error.value, name: error.name }).toEqual({ code: 'patch.value', value: { bpm: 'fast' }, name: 'AntiphonError' });
    expect(error).toBeInstanceOf(Error);
  });

  it('shows every kind of value, cut at 120 characters', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(shown(undefined)).toBe('no good: undefined. Do better');
    expect(shown(12n)).toBe('no good: 12. Do better');
    expect(shown(Symbol('s'))).toBe('no good: Symbol(s). Do better');
    expect(shown(loop)).toBe('no good: [object Object]. Do better');
    expect(shown('x'.repeat(500))).toBe(`no good: "${'x'.repeat(116)}.... Do better`);
  });

  it('reads the message of anything thrown', () => {
    expect([messageOf(new Error('e')), messageOf('s'), messageOf(3)]).toEqual(['e', 's', '3']);
  });
});
