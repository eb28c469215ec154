import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { coins, keyOf, type Coin } from '../../src/core/rng.ts';
import { median } from '../../src/core/statistics.ts';
import { ms, type Ms } from '../../src/core/units.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { TempoTracker, type TempoEstimate } from '../../src/music/tempo.ts';

const bell = (coin: Coin): number => Array.from({ length: 12 }, coin).reduce((a, b) => a + b, -6);
const heard = (onsets: readonly number[], now = onsets.at(-1) ?? 0): TempoEstimate => {
  const tracker = new TempoTracker();
  for (const onset of onsets) tracker.onset(ms(onset));
  return tracker.estimate(ms(now));
};
/** How far a time is from the nearest beat, as a share of it. */
const offBeat = (estimate: TempoEstimate, time: number): number => {
  const beat = ((time - estimate.phase) * estimate.bpm) / 60_000;
  return Math.abs(beat - Math.round(beat));
};

describe('tempo from onsets', () => {
  // Nothing in a bare pulse of 130 says that it is not halves of 65: which it is called is the prior.
  it.each([[65, 65], [75, 75], [90, 90], [105, 105], [120, 120], [130, 65], [160, 80], [190, 95]])('hears a steady pulse of %d, struck by hand, as %d', (bpm, beat) => {
    const coin = coins(keyOf(bpm));
    const estimate = heard(Array.from({ length: 24 }, (_, i) => 5000 + (i * 60_000) / bpm + 15 * bell(coin)));
    expect(Math.abs(estimate.bpm / beat - 1)).toBeLessThan(0.01);
    if (bpm === beat) expect(offBeat(estimate, 5000 + (20 * 60_000) / bpm)).toBeLessThan(0.05);
    expect(estimate.confidence).toBeGreaterThan(0.8);
  });

  it('finds the beat of long-short-short, and where it lies', () => {
    const onsets = Array.from({ length: 12 }, (_, bar) => [0, 1, 1.5].map((beat) => 700 + (bar * 2 + beat) * 600)).flat();
    const estimate = heard(onsets);
    expect(estimate.bpm).toBeCloseTo(100, 1);
    expect(offBeat(estimate, 700)).toBeLessThan(0.02);
  });

  it('gives the last beat that is not after now', () => {
    const onsets = Array.from({ length: 16 }, (_, i) => i * 600);
    for (const now of [9001, 9300, 9599, 9700, 15_000]) {
      const { bpm, phase } = heard(onsets, now);
      expect(phase).toBeLessThanOrEqual(now);
      expect(now - phase).toBeLessThan(60_000 / bpm);
    }
  });

  it('follows a new tempo', () => {
    const slow = Array.from({ length: 24 }, (_, i) => i * 700);
    const fast = Array.from({ length: 40 }, (_, i) => 24 * 700 + i * 500);
    expect(heard(slow).bpm).toBeCloseTo(60_000 / 700, 1);
    expect(Math.abs(heard([...slow, ...fast]).bpm / (120) - 1)).toBeLessThan(0.01);
  });

  it('does not mind when the clock began', () => {
    const onsets = Array.from({ length: 30 }, (_, i) => (i + (i % 4 === 3 ? 0.5 : 0)) * 480);
    const early = heard(onsets, 14_500);
    const late = heard(onsets.map((t) => t + 86_400_000), 86_414_500);
    expect(late.bpm).toBeCloseTo(early.bpm, 3);
    expect(late.phase - 86_400_000).toBeCloseTo(early.phase, 1);
  });

  it.each<[string, (coin: Coin) => number]>([
    ['evenly spread gaps', (coin) => 150 + 750 * coin()],
    ['exponential gaps', (coin) => -350 * Math.log(1 - coin())],
    ['log-normal gaps', (coin) => 300 * Math.exp(0.6 * bell(coin))],
  ])('is not confident of free time: %s', (name, gap) => {
    const confidences = Array.from({ length: 100 }, (_, seed) => {
      const coin = coins(keyOf(seed, name.length));
      let time = 0;
      return heard(Array.from({ length: 50 }, () => (time += gap(coin)))).confidence;
    });
    expect(confidences.filter((confidence) => confidence < 0.2).length).toBeGreaterThanOrEqual(95);
    expect(Math.max(...confidences)).toBeLessThan(0.6);
  });

  it('knows nothing of one or two notes, and forgets', () => {
    expect(heard([]).confidence).toBe(0);
    expect(heard([0, 500]).confidence).toBe(0);
    const tracker = new TempoTracker();
    for (let i = 0; i < 40; i++) tracker.onset(ms(i * 500));
    expect(tracker.estimate(ms(20_000)).confidence).toBeGreaterThan(0.9);
    tracker.reset();
    expect(tracker.estimate(ms(20_000)).confidence).toBe(0);
  });

  it('takes any times without a NaN', () => {
    for (const onsets of [[0, 0, 0, 0, 0], [0, 1, 2, 3, 4], [0, 1e6, 2e6, 3e6, 4e6], [5, 5, 5, 1e5, 1e5]]) {
      for (const value of Object.values(heard(onsets))) expect(value).not.toBeNaN();
    }
  });
});

const POP909 = fileURLToPath(new URL('../../../shared/data/pop909', import.meta.url));
const SIXTEEN_BARS = 64;

/** After the first sixteen bars of the melody: the estimate and the beat of the song's own beat file. */
const judged = (song: string): { readonly estimate: TempoEstimate; readonly beat: number } => {
  const times = readFileSync(`${POP909}/${song}/beat_midi.txt`, 'utf8').trim().split('\n').map((line) => Number.parseFloat(line) * 1000);
  const beat = median(times.slice(1).map((time, i) => time - (times[i] ?? NaN)));
  const { tracks } = readSmf(readFileSync(`${POP909}/${song}/${song}.mid`));
  const notes = tracks.find((track) => track.name === 'MELODY')?.notes ?? [];
  const end = (notes[0]?.start ?? 0) + SIXTEEN_BARS * beat;
  const tracker = new TempoTracker();
  for (const note of notes) if (note.start <= end) tracker.onset(note.start, note.velocity, note.pitch);
  return { estimate: tracker.estimate(end as Ms), beat };
};

describe.skipIf(!existsSync(POP909))('tempo of melodies (needs ../shared/data/pop909)', () => {
  it('is within 4 % of the beat files in at least 80 % of songs, octaves allowed', { timeout: 60_000 }, () => {
    // The tracker was tuned on songs of odd number.
    const songs = readdirSync(POP909).filter((name) => /^\d+[02468]$/.test(name)).sort().filter((_, i) => i % 3 === 0);
    const ratios = songs.map((song) => {
      const { estimate, beat } = judged(song);
      return 60_000 / estimate.bpm / beat;
    });
    const share = (allowed: readonly number[]): number => ratios.filter((ratio) => allowed.some((by) => Math.abs(ratio / by - 1) < 0.04)).length / ratios.length;
    console.log(`tempo within 4 % after 16 bars, ${songs.length} songs: ${(100 * share([0.5, 1, 2])).toFixed(1)} % with octave errors, ${(100 * share([1])).toFixed(1)} % without`);
    expect(songs.length).toBeGreaterThan(100);
    expect(share([0.5, 1, 2])).toBeGreaterThanOrEqual(0.8);
  });
});
