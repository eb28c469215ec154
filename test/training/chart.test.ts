import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barChart, lineChart, shortNumber, ticksOf } from '../../src/training/chart.ts';

const numbersIn = (svg: string, pattern: RegExp): number[] => [...svg.matchAll(pattern)].map(([, number]) => Number(number));

describe('charts', () => {
  it('draw a curve through its points, with ticks at round numbers', () => {
    const svg = lineChart({ title: 'Nats & events', x: 'step' }, [{ name: 'train', points: [[0, 1], [50, 0.5], [100, 0]] }, { name: 'tune', points: [[0, 0.5], [100, NaN]] }]);
    expect(svg).toContain('d="M64 34L344 125L624 216"');
    expect(svg).toContain('Nats &amp; events');
    expect(svg.match(/<path /g)).toHaveLength(1);
    expect(svg).toContain('<circle cx="64" cy="125"');
    expect([...svg.matchAll(/>([\d.]+)<\/text>/g)].map(([, number]) => number)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1', '0', '20', '40', '60', '80', '100']);
  });

  it('draw bars as long as their values', () => {
    const widths = numbersIn(barChart({ title: 'Keys' }, [{ name: 'C', value: 4 }, { name: 'D', value: 2 }, { name: 'E', value: 0 }]), /<rect [^>]*width="([\d.]+)"/g);
    expect(widths).toEqual([420, 210, 0]);
  });

  it('say so where there is nothing to draw', () => {
    expect(lineChart({ title: 'a' }, [{ name: 'b', points: [[1, Infinity]] }])).toContain('nothing to draw yet');
    expect(barChart({ title: 'a' }, [])).toContain('nothing to draw yet');
  });

  it('are well-formed and within their frame, whatever is drawn', () => {
    const value = fc.double({ min: -1e9, max: 1e9 });
    const series = fc.array(fc.record({ name: fc.string(), points: fc.array(fc.tuple(value, value), { maxLength: 6 }) }), { maxLength: 4 });
    fc.assert(fc.property(fc.string(), series, (title, drawn) => {
      const svg = lineChart({ title }, drawn);
      expect(svg).not.toMatch(/NaN|Infinity(?![^<]*<\/text>)/);
      for (const [, x, y] of svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)) {
        expect(Number(x) >= 63.9 && Number(x) <= 624.1 && Number(y) >= 33.9 && Number(y) <= 216.1, `${x} ${y}`).toBe(true);
      }
      expect((svg.match(/<text/g) ?? []).length).toBe((svg.match(/<\/text>/g) ?? []).length);
    }), { seed: 1, numRuns: 60 });
  });

  it('tick at 1, 2 or 5 times a power of ten', () => {
    expect(ticksOf(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    expect(ticksOf(13, 87)).toEqual([20, 40, 60, 80]);
    expect(ticksOf(-5, 5)).toEqual([-4, -2, 0, 2, 4]);
    expect(ticksOf(3, 3)).toEqual([3]);
  });

  it.each([[0, '0'], [1234567, '1.23M'], [12345, '12.3k'], [0.6000000000000001, '0.6'], [1234, '1234'], [0.00012, '1.2e-4'], [-20000, '-20k']])('write %d as %s', (value, text) => expect(shortNumber(value)).toBe(text));
});
