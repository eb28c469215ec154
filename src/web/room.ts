import type { Coin } from '../core/rng.ts';

/** Seconds for the hall's sound to fall by 60 dB. */
const HALL = 1.7;

/** The impulse response of a small hall: decaying noise, darker as it dies, a breath after the sound itself. */
export const hall = (context: BaseAudioContext, coin: Coin): AudioBuffer => {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(2, Math.ceil(rate * HALL), rate);
  const gap = Math.round(rate * 0.012);
  for (const side of [0, 1]) {
    const samples = buffer.getChannelData(side);
    let last = 0;
    for (let i = gap; i < samples.length; i++) {
      const age = i / samples.length;
      last += (coin() * 2 - 1 - last) * (0.55 - 0.45 * age);
      samples[i] = last * 10 ** (-3 * age);
    }
  }
  return buffer;
};

/** A limiter as a shaper's curve over ±4: straight to a half, then bent, and never beyond 0.97. */
export const limiterCurve = (): Float32Array<ArrayBuffer> => {
  const size = 4097;
  return Float32Array.from({ length: size }, (_, i) => {
    const input = 4 * ((2 * i) / (size - 1) - 1);
    const above = Math.abs(input) - 0.5;
    return above <= 0 ? input : Math.sign(input) * (0.5 + 0.47 * Math.tanh(above / 0.47));
  });
};
