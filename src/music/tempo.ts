import { bpm as bpmOf, clamp, ms, type Bpm, type Ms } from '../core/units.ts';

/** What the player's pulse seems to be. */
export interface TempoEstimate {
  readonly bpm: Bpm;
  /** The time of a beat: the last one not after `now`. */
  readonly phase: Ms;
  /** 0 (no pulse heard) to 1. */
  readonly confidence: number;
}

/** Beats a minute that are looked for; beyond them, the double or the half is found. */
const SLOWEST = 60;
const FASTEST = 200;
/** Ratio of neighbouring candidates: at the fourth harmonic still within a resonator's width. */
const STEP = 1.003;
/** How the beat is divided: where onsets fall on beats, halves and quarters, or on thirds and sixths. */
const DIVISIONS = [1, 2, 4, 3, 6] as const;
const [BEAT, HALF, QUARTER, THIRD, SIXTH] = [0, 1, 2, 3, 4] as const;
const WEIGHTS = [0.45, 0.5, 0.5] as const;
/** Triple division is the rarer one: it has to be clearer by this much. */
const TRIPLE = 0.5;
/** The tempo that is believed first, and the spread of that belief in octaves (about what listeners tap). */
const USUAL = 90;
const SPREAD = 0.9;
/** Milliseconds after which an onset counts for 1/e; a rest ages what was heard by no more than `REST`. */
const MEMORY = 10_000;
const REST = 1000;
/** Milliseconds by which hands miss a grid: a division so fine that they must is believed less. */
const JITTER = 25;
/** Chance alignment reaches this much (log-likelihood over all candidates); confidence begins above it. */
const CHANCE = 8;
/** Onsets kept to fit the grid to. */
const KEPT = 64;

const COUNT = Math.floor(Math.log(FASTEST / SLOWEST) / Math.log(STEP)) + 1;
const PERIODS = Float64Array.from({ length: COUNT }, (_, i) => (60_000 / FASTEST) * STEP ** i);
const PRIOR = PERIODS.map((period) => Math.exp(-0.5 * (Math.log2(60_000 / period / USUAL) / SPREAD) ** 2));
const BLUR = Float64Array.from({ length: COUNT * DIVISIONS.length }, (_, i) => {
  const period = PERIODS[Math.floor(i / DIVISIONS.length)] as number;
  return Math.exp(-(((2 * Math.PI * JITTER * (DIVISIONS[i % DIVISIONS.length] as number)) / period) ** 2));
});

/**
 * Tempo and beat from the onsets of one player, as they come. A bank of resonators (after Large & Kolen 1994; their
 * strength is the Rayleigh statistic of the onsets' phases) listens for every beat and its divisions; the strongest
 * grid is then fitted to the last onsets by least squares. Which octave is the beat is a guess: a bare pulse faster than some 125 is taken for halves.
 *
 * Realtime-safe: yes; `onset` costs some 20 µs, `estimate` less, and neither grows.
 */
export class TempoTracker {
  private readonly re = new Float64Array(COUNT * DIVISIONS.length);
  private readonly im = new Float64Array(COUNT * DIVISIONS.length);
  private weight = 0;
  private squares = 0;
  private readonly times = new Float64Array(KEPT);
  private readonly weights = new Float64Array(KEPT);
  private kept = 0;
  private last = NaN;
  private accent = 1;

  /** Hears a note struck; times must not run backwards. */
  onset(time: Ms, velocity = 64, pitch = 60): void {
    // A long note is likelier to be on the beat, but how long one is shows only when the next comes.
    if (!Number.isNaN(this.last)) this.add(this.last, this.accent * Math.sqrt(clamp((time - this.last) / 1000, 0.0004, 1)), time - this.last);
    this.last = time;
    this.accent = (0.5 + velocity / 254) * (pitch < 48 ? 1.5 : 1);
  }

  /** Forgets all it heard. */
  reset(): void {
    this.re.fill(0);
    this.im.fill(0);
    this.weight = 0;
    this.squares = 0;
    this.kept = 0;
    this.last = NaN;
  }

  estimate(now: Ms): TempoEstimate {
    if (this.kept < 3) return { bpm: bpmOf(USUAL), phase: now, confidence: 0 };
    const heard = (this.weight * this.weight) / this.squares; // as many onsets of equal weight
    let best = 0;
    let bestScore = -1;
    for (let i = 0; i < COUNT; i++) {
      const at = i * DIVISIONS.length;
      const beat = WEIGHTS[0] * this.strength(at + BEAT, heard);
      const duple = beat + WEIGHTS[1] * this.strength(at + HALF, heard) + WEIGHTS[2] * this.strength(at + QUARTER, heard);
      const triple = TRIPLE * (beat + WEIGHTS[1] * this.strength(at + THIRD, heard) + WEIGHTS[2] * this.strength(at + SIXTH, heard));
      const score = Math.max(duple, triple) * (PRIOR[i] as number);
      if (score > bestScore) {
        bestScore = score;
        best = i;
      }
    }
    return this.fit(best, heard, now);
  }

  private add(time: number, weight: number, gap: number): void {
    const { re, im } = this;
    for (let i = 0, at = 0; i < COUNT; i++, at += DIVISIONS.length) {
      const angle = (2 * Math.PI * time) / (PERIODS[i] as number);
      const x = Math.cos(angle);
      const y = Math.sin(angle);
      // Powers of a unit number: cheaper than a sine each.
      const x2 = x * x - y * y;
      const y2 = 2 * x * y;
      const x3 = x2 * x - y2 * y;
      const y3 = x2 * y + y2 * x;
      re[at + BEAT] = (re[at + BEAT] as number) + weight * x;
      im[at + BEAT] = (im[at + BEAT] as number) + weight * y;
      re[at + HALF] = (re[at + HALF] as number) + weight * x2;
      im[at + HALF] = (im[at + HALF] as number) + weight * y2;
      re[at + QUARTER] = (re[at + QUARTER] as number) + weight * (x2 * x2 - y2 * y2);
      im[at + QUARTER] = (im[at + QUARTER] as number) + weight * 2 * x2 * y2;
      re[at + THIRD] = (re[at + THIRD] as number) + weight * x3;
      im[at + THIRD] = (im[at + THIRD] as number) + weight * y3;
      re[at + SIXTH] = (re[at + SIXTH] as number) + weight * (x3 * x3 - y3 * y3);
      im[at + SIXTH] = (im[at + SIXTH] as number) + weight * 2 * x3 * y3;
    }
    this.weight += weight;
    this.squares += weight * weight;
    const slot = this.kept++ % KEPT;
    this.times[slot] = time;
    this.weights[slot] = weight;
    this.age(Math.exp(-Math.min(gap, REST) / MEMORY));
  }

  private age(by: number): void {
    for (let i = 0; i < this.re.length; i++) {
      this.re[i] = (this.re[i] as number) * by;
      this.im[i] = (this.im[i] as number) * by;
    }
    for (let i = 0; i < KEPT; i++) this.weights[i] = (this.weights[i] as number) * by;
    this.weight *= by;
    this.squares *= by * by;
  }

  /** How well onsets keep to one division, 0 to 1, less what that many would by chance. */
  private strength(at: number, heard: number): number {
    return Math.max(0, this.aligned(at) - 1 / heard) * (BLUR[at] as number);
  }

  private aligned(at: number): number {
    const x = (this.re[at] as number) / this.weight;
    const y = (this.im[at] as number) / this.weight;
    return x * x + y * y;
  }

  private fit(candidate: number, heard: number, now: number): TempoEstimate {
    const at = candidate * DIVISIONS.length;
    const triple = this.aligned(at + SIXTH) > this.aligned(at + QUARTER);
    const fine = at + (triple ? SIXTH : QUARTER);
    const parts = DIVISIONS[fine - at] as number;
    let period = PERIODS[candidate] as number;
    let strongest = 0;
    for (let division = 0; division < DIVISIONS.length; division++) strongest = Math.max(strongest, this.aligned(at + division));
    const phase = this.beatTime(at, parts, Math.atan2(this.im[fine] as number, this.re[fine] as number));

    // Least squares: time = start + step * (number of the grid line).
    const origin = phase + Math.round((this.last - phase) / period) * period;
    let step = period / parts;
    let start = origin;
    for (let round = 0; round < 2; round++) {
      let w = 0;
      let n = 0;
      let t = 0;
      let nn = 0;
      let nt = 0;
      for (let i = 0; i < Math.min(this.kept, KEPT); i++) {
        const weight = this.weights[i] as number;
        const time = (this.times[i] as number) - origin;
        const line = Math.round((time + origin - start) / step);
        w += weight;
        n += weight * line;
        t += weight * time;
        nn += weight * line * line;
        nt += weight * line * time;
      }
      const spread = w * nn - n * n;
      if (spread <= 0) break;
      const slope = (w * nt - n * t) / spread;
      if (Math.abs(slope / step - 1) > 0.02) break; // the grid does not hold: keep the resonator's word
      step = slope;
      start = origin + (t - slope * n) / w;
    }
    period = step * parts;
    return {
      bpm: bpmOf(60_000 / period),
      phase: ms(start + Math.floor((now - start) / period) * period),
      confidence: 1 - Math.exp(-Math.max(0, heard * strongest - CHANCE) / 4),
    };
  }

  /** Of the grid lines in a beat, the one that beats and halves point to. */
  private beatTime(at: number, parts: number, angle: number): number {
    let best = 0;
    let most = -Infinity;
    for (let part = 0; part < parts; part++) {
      const turn = (angle + 2 * Math.PI * part) / parts;
      const half = parts === 6 ? at + THIRD : at + HALF;
      const halves = parts === 6 ? 3 : 2;
      const accent =
        (this.re[at + BEAT] as number) * Math.cos(turn) + (this.im[at + BEAT] as number) * Math.sin(turn) +
        (this.re[half] as number) * Math.cos(halves * turn) + (this.im[half] as number) * Math.sin(halves * turn);
      if (accent > most) {
        most = accent;
        best = turn;
      }
    }
    return (best / (2 * Math.PI)) * (PERIODS[at / DIVISIONS.length] as number);
  }
}
