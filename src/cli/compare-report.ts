import { MEASURES, type Measured, type Measure, type MeasureName } from '../music/measures.ts';
import type { ComparedMeasure } from '../music/set-comparison.ts';
import { barChart, curveChart, escaped, shortened, type Bin } from './chart.ts';
import type { FolderComparison, MeasuredFolder } from './folder-comparison.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1b22; --soft: #6a6875; --ground: #fbfaf7; --card: #fff; --line: #e3e0d8; --a: #d9731a; --b: #2c7fb8; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece9e2; --soft: #a09daa; --ground: #14131a; --card: #1d1c25; --line: #34323f; --a: #ffb454; --b: #5cd6f0; } }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 0; } p { margin: .25rem 0; } .soft, figcaption { color: var(--soft); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; } .key.a { background: var(--a); } .key.b { background: var(--b); }
table { border-collapse: collapse; margin: 1.25rem 0 2rem; width: 100%; font-variant-numeric: tabular-nums; } th { text-align: right; font-weight: 600; } th:first-child { text-align: left; }
td { text-align: right; } td, th { padding: .2rem .6rem; border-bottom: 1px solid var(--line); } .far { color: #c2372e; font-weight: 600; } @media (prefers-color-scheme: dark) { .far { color: #ff8a80; } }
.scroll { overflow-x: auto; } section { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); gap: 1rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; } figure { margin: .5rem 0 0; } figcaption { font-size: .85em; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; } @media (max-width: 36rem) { .pair { grid-template-columns: 1fr; } }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font-size: 10px; } .axis { stroke: var(--line); } rect.a { fill: var(--a); } rect.b { fill: var(--b); }
polyline { fill: none; stroke-width: 1.75; } polyline.a { stroke: var(--a); } polyline.b { stroke: var(--b); } polyline.between { stroke: var(--ink); stroke-dasharray: 4 3; }
`;

/** Bins of the values of one measure over both sets. */
const BINS = 16;
/** Below this share of what the reference reaches with itself a measure is marked. */
const NEAR = 0.85;

/** Two folders beside each other as one HTML page that needs nothing else: a table, and for each measure its histograms and distance densities. */
export const compareReport = (comparison: FolderComparison, compared: Readonly<Record<MeasureName, ComparedMeasure>>, a: MeasuredFolder, b: MeasuredFolder): string => {
  const { summary } = comparison;
  const told = ({ folder, pieces, refused }: MeasuredFolder, name: string): string =>
    `<p><span class="key ${name.toLowerCase()}"></span><b>${name}</b> ${escaped(folder)}: ${pieces.length} pieces${refused.length > 0 ? `, ${refused.length} left out` : ''}</p>`;
  const left = [...a.refused, ...b.refused];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Antiphon: two sets of music</title><style>${STYLE}</style></head>
<body>
<h1>Two sets of music</h1>
${told(a, 'A')}${told(b, 'B')}
<p>${summary ? `Over ${summary.measures} measures A overlaps B by ${summary.overlap.toFixed(3)}; halves of B overlap each other by ${summary.intra.overlap.toFixed(3)}. On sets of one size the ratio is <b>${summary.ratio.toFixed(3)}</b>; least near is ${summary.least.measure}, ${summary.least.ratio.toFixed(3)}.` : 'There are too few pieces to compare: it takes four in B and one in A.'}</p>
<p class="soft">Overlapping area and KL divergence of the distances within B and between B and A (Yang and Lerch 2018); seed ${comparison.seed}.</p>
<div class="scroll"><table><thead><tr><th>measure</th><th>A</th><th>B</th><th>overlap</th><th>of B itself</th><th>ratio</th><th>KL</th><th>of B itself</th></tr></thead><tbody>
${MEASURES.map(({ name }) => rowOf(name, compared[name])).join('\n')}
</tbody></table></div>
<section>
${MEASURES.map((measure) => card(measure, compared[measure.name as MeasureName], a.pieces, b.pieces)).join('\n')}
</section>
${left.length > 0 ? `<h2>Left out</h2><ul>${left.map(({ file, reason }) => `<li>${escaped(file)}: ${escaped(reason)}</li>`).join('')}</ul>` : ''}
</body></html>
`;
};

const summed = ({ mean, deviation }: ComparedMeasure['other']): string => (typeof mean === 'number' ? `${mean.toFixed(2)} ± ${(deviation as number).toFixed(2)}` : mean === null ? '–' : 'drawn below');

const rowOf = (name: string, { other, reference, comparison }: ComparedMeasure): string => {
  const figures = comparison
    ? `<td>${comparison.overlap.toFixed(3)}</td><td>${comparison.intra.overlap.toFixed(3)}</td><td${comparison.ratio < NEAR ? ' class="far"' : ''}>${comparison.ratio.toFixed(3)}</td><td>${comparison.kl.toFixed(3)}</td><td>${comparison.intra.kl.toFixed(3)}</td>`
    : '<td>–</td><td></td><td></td><td></td><td></td>';
  return `<tr><th>${name}</th><td>${summed(other)}</td><td>${summed(reference)}</td>${figures}</tr>`;
};

const card = (measure: Measure & { readonly name: string }, { other, reference, densities }: ComparedMeasure, a: readonly Measured[], b: readonly Measured[]): string => {
  if (other.pieces + reference.pieces === 0) return '';
  const name = measure.name as MeasureName;
  const bins = measure.kind === 'histogram' ? shareBins(measure.bins, other.mean, reference.mean) : valueBins(numbersOf(a, name), numbersOf(b, name));
  const what = measure.kind === 'histogram' ? `mean share of ${measure.about}` : `pieces by ${measure.unit}: ${measure.about}`;
  const curves = densities
    ? figure(curveChart(`${name}: distances`, [
        { className: 'b', density: densities.reference },
        ...(densities.other ? [{ className: 'a', density: densities.other }] : []),
        { className: 'between', density: densities.between },
      ]), 'distances within A, within B, and (dashed) between them')
    : '';
  return `<article><h2>${name}</h2><div class="pair">${figure(barChart(`${name}: A and B`, bins), what)}${curves}</div></article>`;
};

const figure = (chart: string, caption: string): string => `<figure>${chart}<figcaption>${escaped(caption)}</figcaption></figure>`;

const numbersOf = (pieces: readonly Measured[], name: MeasureName): number[] => pieces.map((piece) => piece[name]).filter((value): value is number => typeof value === 'number');

const shareBins = (labels: readonly string[], a: ComparedMeasure['other']['mean'], b: ComparedMeasure['other']['mean']): Bin[] => {
  const share = (of: typeof a, i: number): number => (Array.isArray(of) ? (of[i] as number) : 0);
  return labels.map((label, i) => ({ label, a: share(a, i), b: share(b, i) }));
};

const valueBins = (a: readonly number[], b: readonly number[]): Bin[] => {
  const all = [...a, ...b];
  const low = all.reduce((least, each) => Math.min(least, each), Infinity);
  const high = all.reduce((most, each) => Math.max(most, each), -Infinity);
  if (all.length === 0) return [];
  const wide = high > low ? (high - low) / BINS : 1;
  const inBin = (values: readonly number[], bin: number): number => values.filter((value) => Math.min(BINS - 1, Math.floor((value - low) / wide)) === bin).length / Math.max(1, values.length);
  return Array.from({ length: BINS }, (_, i) => ({ label: shortened(low + i * wide), a: inBin(a, i), b: inBin(b, i) }));
};
