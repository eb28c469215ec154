import type { Density } from '../core/density.ts';

/** A charts' size in SVG units, its labels included. */
const WIDTH = 360;
const HEIGHT = 170;
const LEFT = 34;
const BOTTOM = 22;
const TOP = 8;
const LABELS = 13;

/** Text made safe to stand in HTML and SVG. */
export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One bin of two sets: how much of each falls there, 0 to 1. */
export interface Bin {
  readonly label: string;
  readonly a: number;
  readonly b: number;
}

const fixed = (value: number): string => value.toFixed(1);
/** A short figure for an axis. */
export const shortened = (value: number): string => (value === 0 ? '0' : Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(2)).toString());

const framed = (title: string, inside: string): string => {
  const floor = HEIGHT - BOTTOM;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}"><title>${escaped(title)}</title><line class="axis" x1="${LEFT}" y1="${floor}" x2="${WIDTH}" y2="${floor}"/>${inside}</svg>`;
};

/** Bars of A and B side by side, bin by bin, as inline SVG; heights from 0. */
export const barChart = (title: string, bins: readonly Bin[]): string => {
  const most = Math.max(1e-9, ...bins.map(({ a, b }) => Math.max(a, b)));
  const floor = HEIGHT - BOTTOM;
  const wide = (WIDTH - LEFT) / bins.length;
  const each = Math.ceil(bins.length / LABELS);
  const bar = (bin: Bin, set: 'a' | 'b', left: number): string => {
    const high = (bin[set] / most) * (floor - TOP);
    return `<rect class="${set}" x="${fixed(left)}" y="${fixed(floor - high)}" width="${fixed(wide * 0.38)}" height="${fixed(high)}"><title>${escaped(`${set.toUpperCase()} ${bin.label}: ${(100 * bin[set]).toFixed(1)} %`)}</title></rect>`;
  };
  const drawnBins = bins.map((bin, i) => {
    const left = LEFT + i * wide;
    const label = i % each === 0 ? `<text x="${fixed(left + wide / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(bin.label)}</text>` : '';
    return bar(bin, 'a', left + wide * 0.11) + bar(bin, 'b', left + wide * 0.51) + label;
  });
  return framed(title, `<text x="${LEFT - 4}" y="${TOP + 8}" text-anchor="end">${(100 * most).toFixed(0)} %</text>${drawnBins.join('')}`);
};

/** Densities of one grid as curves of the classes given, as inline SVG. */
export const curveChart = (title: string, curves: readonly { readonly className: string; readonly density: Density }[]): string => {
  const most = Math.max(1e-9, ...curves.flatMap(({ density }) => [...density.at]));
  const floor = HEIGHT - BOTTOM;
  const drawnCurves = curves.map(({ className, density }) => {
    const last = density.at.length - 1;
    const points = [...density.at].map((value, i) => `${fixed(LEFT + (i / last) * (WIDTH - LEFT))},${fixed(floor - (value / most) * (floor - TOP))}`);
    return `<polyline class="${className}" points="${points.join(' ')}"/>`;
  });
  const [first] = curves;
  const labels = first ? axisLabels(first.density) : '';
  return framed(title, drawnCurves.join('') + labels);
};

const axisLabels = ({ from, step, at }: Density): string => {
  const span = step * (at.length - 1);
  // No distance is below 0: what the kernels spill there is drawn and not marked.
  return [0, 1, 2, 3, 4]
    .map((i) => Math.max(0, from) + (i / 4) * (from + span - Math.max(0, from)))
    .map((value, i) => `<text x="${fixed(LEFT + ((value - from) / span) * (WIDTH - LEFT))}" y="${HEIGHT - 6}" text-anchor="${i === 4 ? 'end' : 'middle'}">${shortened(value)}</text>`)
    .join('');
};
