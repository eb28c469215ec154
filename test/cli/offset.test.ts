import { describe, expect, it } from 'vitest';
import { offsetFrom } from '../../src/cli/offset.ts';

describe('--offset', () => {
  it('reads ports and milliseconds, one after the other', () => {
    const first = offsetFrom('Strings=-40', []);
    expect(offsetFrom(' A=B = 2.5', first)).toEqual([{ port: 'Strings', offset: -40 }, { port: 'A=B', offset: 2.5 }]);
  });

  it.each(['Strings', 'Strings=', '=-40', 'Strings=slow', 'Strings=-101', 'Strings=40 ms', 'Strings=Infinity', 'duet'])('names what it cannot read: %s', (text) => {
    expect(() => offsetFrom(text, [])).toThrow(`--offset needs PORT=MS with -100 to 100 ms, such as "Strings=-40", not ${JSON.stringify(text)}.`);
  });
});
