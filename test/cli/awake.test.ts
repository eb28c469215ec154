import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepAwake } from '../../src/cli/awake.ts';

describe('keeping the processor awake', () => {
  it('writes no microseconds, as the kernel reads them: four bytes', () => {
    const place = join(mkdtempSync(join(tmpdir(), 'antiphon-awake-')), 'latency');
    writeFileSync(place, 'old text');
    expect(keepAwake(place)).toBe(true);
    expect([...readFileSync(place)]).toEqual([0, 0, 0, 0, ...Buffer.from('text')]);
  });

  it('is not granted where there is no such place, and makes none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-awake-'));
    expect(keepAwake(join(folder, 'none'))).toBe(false);
    expect(() => readFileSync(join(folder, 'none'))).toThrow();
  });
});
