import { expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { pitch } from '../../src/core/units.ts';
import { drawHarmony } from '../../src/live/draw-harmony.ts';
import { initialParams } from '../../src/live/params.ts';
import { consonant } from '../../src/music/consonance.ts';
import { PerformanceGrammar, WHATS } from '../../src/music/performance.ts';
import { inScale } from '../../src/music/scale.ts';

it('draws harmony that lies in scale and range, on its side, consonant with all and struck by nobody', () => {
  const coin = coins(keyOf(5));
  const whole = (low: number, high: number): number => low + Math.floor(coin() * (high - low + 1));
  let drawn = 0;
  for (let plan = 1; plan <= 400; plan++) {
    const grammar = new PerformanceGrammar();
    const struck = whole(36, 96);
    for (const key of [struck, whole(30, 90), whole(30, 90)]) grammar.take(key);
    const params = { ...initialParams(), low: whole(20, 60), high: whole(70, 110), root: whole(0, 11), scale: whole(0, 9), above: whole(0, 1), temperature: 0.5 + coin() };
    const voices = whole(1, 3);
    const notes = drawHarmony(Float32Array.from({ length: WHATS }, () => coin() * 6), grammar, pitch(struck), voices, params, 1, 3, plan);
    expect(notes.length).toBeLessThanOrEqual(voices);
    for (const [i, note] of notes.entries()) {
      drawn++;
      const interval = (params.above === 1 ? 1 : -1) * (note - struck);
      expect([note >= params.low, note <= params.high, inScale(note, params.root, params.scale), interval >= 3 && interval <= 16, grammar.held[note], consonant(note - struck)]).toEqual([true, true, true, true, 0, true]);
      for (const other of notes.slice(0, i)) expect([other === note, consonant(other - note)]).toEqual([false, true]);
    }
  }
  expect(drawn).toBeGreaterThan(400);
});

it('draws the same for the same plan', () => {
  const logits = Float32Array.from({ length: WHATS }, (_, i) => (i * 7) % 5);
  const draw = (plan: number): readonly number[] => drawHarmony(logits, new PerformanceGrammar(), pitch(64), 3, initialParams(), 1, 3, plan);
  expect(draw(1)).toEqual(draw(1));
  expect(new Set(Array.from({ length: 20 }, (_, plan) => draw(plan).join(' '))).size).toBeGreaterThan(3);
});
