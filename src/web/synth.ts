import { coins, keyOf } from '../core/rng.ts';
import { strikeDrum, whiteNoise } from './kit.ts';
import { hall, limiterCurve } from './room.ts';

interface Timbre {
  /** Strength of each partial, the fundamental first. */
  readonly partials: readonly number[];
  /** Time constants in seconds. */
  readonly attack: number;
  readonly decay: number;
  readonly release: number;
  /** What the decay ends on, as a share of the level. */
  readonly sustain: number;
  /** Partials let through at the softest and at the loudest. */
  readonly dull: number;
  readonly bright: number;
  /** Between the two oscillators, in cents: a slow shimmer. */
  readonly spread: number;
  readonly pan: number;
}

/** The two voices on stage: the player struck and warm, Antiphon breathed and hollow (odd partials). */
export const TIMBRES = {
  player: { partials: [1, 0.55, 0.24, 0.16, 0.07, 0.06, 0.03, 0.02], attack: 0.002, decay: 1.1, release: 0.09, sustain: 0.22, dull: 2, bright: 11, spread: 3, pan: -0.22 },
  antiphon: { partials: [1, 0.06, 0.46, 0.04, 0.22, 0.03, 0.12, 0.02, 0.05], attack: 0.009, decay: 1.8, release: 0.16, sustain: 0.5, dull: 1.6, bright: 8, spread: 7, pan: 0.22 },
} as const satisfies Record<string, Timbre>;
export type TimbreName = keyof typeof TIMBRES;

interface Voice {
  readonly key: string;
  readonly pitch: number;
  readonly start: number;
  readonly release: number;
  readonly sources: readonly OscillatorNode[];
  readonly amp: GainNode;
  /** When it was let go, and when nothing of it is left; in seconds of the context. */
  released: number;
  ends: number;
}

/** Fundamental of a MIDI key in equal temperament, A4 at 440 Hz. */
export const frequencyOf = (pitch: number): number => 440 * 2 ** ((pitch - 69) / 12);

const LEVEL = 0.3;

/**
 * A polyphonic instrument over Web Audio. Times are seconds of the context, so that it plays alike live and
 * rendered offline. When all voices sound, the one longest let go is stolen, then the oldest.
 */
export class Synth {
  readonly context: BaseAudioContext;
  readonly polyphony: number;
  private readonly bus: GainNode;
  private readonly master: GainNode;
  private readonly waves: Record<TimbreName, PeriodicWave>;
  private readonly noise: AudioBuffer;
  private voices: Voice[] = [];

  constructor(context: BaseAudioContext, polyphony = 32) {
    this.context = context;
    this.polyphony = polyphony;
    this.bus = context.createGain();
    const limiter = context.createWaveShaper();
    limiter.curve = limiterCurve();
    // A shaper adds no delay, unlike a compressor, whose look-ahead the player would feel.
    const drive = context.createGain();
    drive.gain.value = 1 / 4;
    this.master = context.createGain();
    const room = context.createConvolver();
    room.buffer = hall(context, coins(keyOf(1)));
    const wet = context.createGain();
    wet.gain.value = 0.22;
    this.bus.connect(drive);
    this.bus.connect(room).connect(wet).connect(drive);
    drive.connect(limiter).connect(this.master).connect(context.destination);
    this.noise = whiteNoise(context, coins(keyOf(2)));
    const wave = ({ partials }: Timbre): PeriodicWave => context.createPeriodicWave(new Float32Array(partials.length + 1), Float32Array.from([0, ...partials]));
    this.waves = { player: wave(TIMBRES.player), antiphon: wave(TIMBRES.antiphon) };
  }

  /** Voices that can still be heard. */
  get sounding(): number {
    return this.audible(this.context.currentTime).length;
  }

  /** Strikes a note, known by `key` until it is released. */
  strike(key: string, pitch: number, velocity: number, name: TimbreName, at = this.context.currentTime): void {
    this.release(key, at);
    this.makeRoom(at);
    const timbre: Timbre = TIMBRES[name];
    const force = velocity / 127;
    const frequency = frequencyOf(pitch);
    // Low notes carry less to the ear, high ones more: about 3 dB an octave.
    const level = LEVEL * force ** 1.7 * Math.min(1.6, (261.6 / frequency) ** 0.35);

    const amp = this.context.createGain();
    amp.gain.setValueAtTime(0, at);
    amp.gain.setTargetAtTime(level, at, timbre.attack);
    amp.gain.setTargetAtTime(level * timbre.sustain, at + timbre.attack * 5, timbre.decay);
    const filter = this.context.createBiquadFilter();
    filter.type = 'lowpass';
    filter.Q.value = 0.4;
    const open = Math.min(16_000, frequency * (timbre.dull + timbre.bright * force ** 1.6) + 200);
    filter.frequency.setValueAtTime(open, at);
    filter.frequency.setTargetAtTime(Math.max(frequency * 1.5, open * 0.45), at, timbre.decay * 0.6);
    const pan = this.context.createStereoPanner();
    pan.pan.value = timbre.pan;
    filter.connect(amp).connect(pan).connect(this.bus);

    const sources = [-0.5, 0.5].map((side) => {
      const source = this.context.createOscillator();
      source.setPeriodicWave(this.waves[name]);
      source.frequency.value = frequency;
      source.detune.value = side * timbre.spread;
      source.connect(filter);
      source.start(at);
      return source;
    });
    const voice: Voice = { key, pitch, start: at, release: timbre.release, sources, amp, released: Infinity, ends: Infinity };
    this.voices.push(voice);
    (sources[0] as OscillatorNode).addEventListener('ended', () => {
      pan.disconnect();
      this.voices = this.voices.filter((other) => other !== voice);
    });
  }

  /** Strikes a drum by its General MIDI key; it rings out by itself. */
  hit(pitch: number, velocity: number, at = this.context.currentTime): void {
    strikeDrum(this.context, this.bus, this.noise, pitch, velocity, at);
  }

  release(key: string, at = this.context.currentTime): void {
    for (const voice of this.voices) if (voice.key === key && voice.released === Infinity) this.fade(voice, at, voice.release);
  }

  /** Ends everything at once. */
  silence(at = this.context.currentTime): void {
    for (const voice of this.audible(at)) this.fade(voice, at, 0.008);
  }

  /** Sets the master level, 0 to 1. */
  set level(level: number) {
    this.master.gain.setTargetAtTime(level, this.context.currentTime, 0.02);
  }

  private audible(at: number): Voice[] {
    return this.voices.filter((voice) => voice.ends > at);
  }

  private makeRoom(at: number): void {
    const audible = this.audible(at);
    if (audible.length < this.polyphony) return;
    const [stolen] = audible.sort((one, two) => one.released - two.released || one.start - two.start);
    if (stolen) this.fade(stolen, at, 0.004);
  }

  private fade(voice: Voice, at: number, time: number): void {
    const from = Math.max(at, voice.start);
    voice.amp.gain.cancelScheduledValues(from);
    voice.amp.gain.setTargetAtTime(0, from, time);
    voice.released = Math.min(voice.released, from);
    voice.ends = from + time * 9;
    for (const source of voice.sources) source.stop(voice.ends);
  }
}
