import { drumOf } from '../music/drums.ts';

/** How a drum sounds: a tone that falls, and noise above a frequency; hertz and seconds, levels as shares. */
interface DrumSound {
  readonly tone: number;
  readonly from: number;
  readonly to: number;
  readonly noise: number;
  readonly above: number;
  readonly decay: number;
}

const drum = (tone: number, from: number, to: number, noise: number, above: number, decay: number): DrumSound => ({ tone, from, to, noise, above, decay });

/** One for each row of `DRUMS`. */
export const KIT: readonly DrumSound[] = [
  drum(1, 140, 46, 0.08, 3000, 0.11),
  drum(0.45, 230, 170, 0.7, 1400, 0.08),
  drum(0, 1, 1, 0.4, 7500, 0.025),
  drum(0, 1, 1, 0.4, 7000, 0.16),
  drum(0.9, 110, 75, 0.06, 2000, 0.15),
  drum(0.85, 160, 110, 0.06, 2000, 0.13),
  drum(0.8, 215, 150, 0.06, 2000, 0.11),
  drum(0, 1, 1, 0.5, 4500, 0.45),
  drum(0.04, 620, 600, 0.25, 6000, 0.25),
];
const LEVEL = 0.5;

/** Strikes the drum of a key into `bus`; a key that is no drum's is silent. @param noise a buffer of white noise at least as long as a stroke */
export const strikeDrum = (context: BaseAudioContext, bus: AudioNode, noise: AudioBuffer, key: number, velocity: number, at: number): void => {
  const sound = KIT[drumOf(key) ?? -1];
  if (!sound) return;
  const level = LEVEL * (velocity / 127) ** 1.6;
  const end = at + 7 * sound.decay;
  const through = (share: number): GainNode => {
    const amp = context.createGain();
    amp.gain.setValueAtTime(level * share, at);
    amp.gain.setTargetAtTime(0, at, sound.decay);
    amp.connect(bus);
    return amp;
  };
  if (sound.tone > 0) {
    const body = context.createOscillator();
    body.frequency.setValueAtTime(sound.from, at);
    body.frequency.exponentialRampToValueAtTime(sound.to, at + sound.decay);
    body.connect(through(sound.tone));
    play(body, at, end);
  }
  const rattle = context.createBufferSource();
  rattle.buffer = noise;
  rattle.loop = true;
  const filter = context.createBiquadFilter();
  filter.type = 'highpass';
  filter.frequency.value = sound.above;
  rattle.connect(filter).connect(through(sound.noise));
  play(rattle, at, end);
};

const play = (source: AudioScheduledSourceNode, at: number, end: number): void => {
  source.start(at);
  source.stop(end);
};

/** A second of white noise, the same each time. */
export const whiteNoise = (context: BaseAudioContext, coin: () => number): AudioBuffer => {
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
  buffer.copyToChannel(Float32Array.from({ length: context.sampleRate }, () => 2 * coin() - 1), 0);
  return buffer;
};
