/** Points of one curve of a line chart, in the units of its axes; what is not finite leaves a gap. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One bar, or one row, and how long it is. */
export interface Bar {
  readonly name: string;
  readonly value: number;
}

/** What stands around a chart. */
export interface ChartText {
  readonly title: string;
  readonly x?: string;
  readonly y?: string;
}

const WIDTH = 640;
const HEIGHT = 260;
/** Space around the plot for axes and title, in pixels. */
const EDGE = { left: 64, right: 16, top: 34, bottom: 44 } as const;
const PLOT = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom } as const;
/** Colours that the colour-blind tell apart (Okabe and Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;
const ROW = 20;
const NAMES = 150;

/** Text as it stands in HTML and SVG. */
export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A number as short as it can be read: 1234567 as 1.23M, 0.00012 as 1.2e-4. */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return size > 0 && size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(6)));
};

/** At most about `count` round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart. */
export const ticksOf = (low: number, high: number, count = 5): number[] => {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= raw * (1 - 1e-9)) as number);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9) + 0; i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
};

const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end' = 'middle', more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${more}>${escaped(words)}</text>`;

const round = (value: number): number => Number(value.toFixed(1));

const svg = (height: number, title: string, body: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12" fill="currentColor">\n${text(WIDTH / 2, 18, title, 'middle', ' font-weight="bold"')}\n${body.join('\n')}\n</svg>`;

/** A chart of curves over one axis, with its names where there are several, as SVG text; says so where there is no point to draw. */
export const lineChart = ({ title, x = '', y = '' }: ChartText, series: readonly Series[]): string => {
  const drawn = series.map(({ name, points }) => ({ name, points: points.filter((point) => point.every(Number.isFinite)) })).filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  if (all.length === 0) return svg(HEIGHT, title, [text(WIDTH / 2, HEIGHT / 2, 'nothing to draw yet')]);
  const [left, right] = spanOf(all.map(([at]) => at));
  const [low, high] = spanOf(all.map(([, value]) => value));
  const atX = (value: number): number => EDGE.left + ((value - left) / (right - left)) * PLOT.width;
  const atY = (value: number): number => EDGE.top + (1 - (value - low) / (high - low)) * PLOT.height;
  const grid = ticksOf(low, high).flatMap((tick) => [`<line x1="${EDGE.left}" x2="${EDGE.left + PLOT.width}" y1="${round(atY(tick))}" y2="${round(atY(tick))}" stroke="currentColor" stroke-opacity="0.15"/>`, text(EDGE.left - 6, atY(tick) + 4, shortNumber(tick), 'end')]);
  const along = ticksOf(left, right, 8).map((tick) => text(atX(tick), EDGE.top + PLOT.height + 16, shortNumber(tick)));
  const curves = drawn.map(({ points }, i) => {
    const path = points.map(([at, value], n) => `${n === 0 ? 'M' : 'L'}${round(atX(at))} ${round(atY(value))}`).join('');
    const [at, value] = points[0] as readonly [number, number];
    const colour = colourOf(i);
    return points.length === 1 ? `<circle cx="${round(atX(at))}" cy="${round(atY(value))}" r="3" fill="${colour}"/>` : `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const names = drawn.length < 2 ? [] : drawn.map(({ name }, i) => text(EDGE.left + PLOT.width - 8, EDGE.top + 14 + 16 * i, name, 'end', ` fill="${colourOf(i)}"`));
  const axes = [text(EDGE.left + PLOT.width / 2, HEIGHT - 8, x), text(14, EDGE.top + PLOT.height / 2, y, 'middle', ` transform="rotate(-90 14 ${EDGE.top + PLOT.height / 2})"`)];
  return svg(HEIGHT, title, [...grid, ...along, ...curves, ...names, ...axes]);
};

/** From the least to the greatest, never of no width. */
const spanOf = (values: readonly number[]): readonly [number, number] => {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
};

const colourOf = (i: number): string => COLOURS[i % COLOURS.length] as string;

/** A chart of lying bars, one a row, each with its name and number, as SVG text; values of at least 0. */
export const barChart = ({ title }: ChartText, bars: readonly Bar[]): string => {
  const longest = Math.max(Number.MIN_VALUE, ...bars.map(({ value }) => value).filter(Number.isFinite));
  const room = WIDTH - NAMES - 70;
  const rows = bars.flatMap(({ name, value }, i) => {
    const y = 30 + i * ROW;
    const width = Number.isFinite(value) ? Math.max(0, value / longest) * room : 0;
    return [text(NAMES - 8, y + 14, name, 'end'), `<rect x="${NAMES}" y="${y + 3}" width="${round(width)}" height="${ROW - 6}" fill="${COLOURS[0]}"/>`, text(NAMES + width + 6, y + 14, shortNumber(value), 'start')];
  });
  return svg(40 + Math.max(1, bars.length) * ROW, title, bars.length > 0 ? rows : [text(WIDTH / 2, 40, 'nothing to draw yet')]);
};
