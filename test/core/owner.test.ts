import { describe, expect, it } from 'vitest';
import { Owner } from '../../src/core/owner.ts';

describe('Owner', () => {
  it('closes what it owns in reverse, one after the other, and once', async () => {
    const closed: string[] = [];
    const owner = new Owner();
    owner.own({ close: () => void closed.push('first') });
    owner.own({ close: async () => { await Promise.resolve(); closed.push('second'); } });
    expect(owner.own({ close: () => void closed.push('third'), name: 'kept' }).name).toBe('kept');
    await owner.close();
    await owner.close();
    expect(closed).toEqual(['third', 'second', 'first']);
  });

  it('closes the rest when one fails, and then says what failed first', async () => {
    const closed: string[] = [];
    const owner = new Owner();
    owner.own({ close: () => void closed.push('a') });
    owner.own({ close: () => Promise.reject(new Error('b broke')) });
    owner.own({ close: () => { throw new Error('c broke'); } });
    await expect(owner.close()).rejects.toThrow('c broke');
    expect(closed).toEqual(['a']);
  });
});
