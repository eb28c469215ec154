import { channel as asChannel, clamp, ms, pitch as asPitch, velocity as asVelocity, type Ms } from '../core/units.ts';
import { PEDALS, type Control, type Note } from './note.ts';

/**
 * Free-time polyphony, one step an event, after Simon and Oore's "Performance RNN" (2017) with its time shifts and
 * velocities folded into the event they belong to, as in Notochord (Shepardson et al. 2022).
 * An event has three parts: `what` happens (a key down, a key up or the sustain pedal: kind and pitch in one symbol, so that a
 * grammar mask is one mask), `time` since the event before, and `velocity`.
 */
export const PARTS = ['what', 'time', 'velocity'] as const;

export const WHAT = { on: 0, off: 128, pedalDown: 256, pedalUp: 257, start: 258 } as const;
/** Symbols of `what` that can be predicted; `WHAT.start` is input only. */
export const WHATS = 258;

/** Seconds since the event before, as bins: every 10 ms to half a second, then 8 % apart to ten seconds. */
export const TIME_BINS: Float64Array = Float64Array.from(
  [...Array.from({ length: 51 }, (_, i) => i * 10), ...Array.from({ length: 39 }, (_, i) => Math.round(500 * 1.08 ** (i + 1)))],
);
export const TIMES = TIME_BINS.length;
const LONGEST = TIME_BINS[TIMES - 1] as number;

/** Velocities 1 to 127 in steps of four; `NO_VELOCITY` stands with everything but a key down. */
export const VELOCITIES = 32;
export const NO_VELOCITY = 32;

/** One event, its parts as symbols. */
export interface PerformanceEvent {
  readonly what: number;
  readonly time: number;
  readonly velocity: number;
}

/** One event in wall time, before it is rounded. `value` is the velocity of a key down. */
export interface Gesture {
  readonly time: Ms;
  readonly what: number;
  readonly value: number;
}

/** The nearest time bin to a gap of `gap` milliseconds. Realtime-safe: yes. */
export const timeBin = (gap: number): number => {
  if (gap < 505) return Math.max(0, Math.round(gap / 10));
  let low = 50;
  let high = TIMES - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((TIME_BINS[middle] as number) < gap) low = middle + 1;
    else high = middle;
  }
  return gap - (TIME_BINS[low - 1] as number) < (TIME_BINS[low] as number) - gap ? low - 1 : low;
};

export const velocityBin = (velocity: number): number => clamp(velocity, 1, 127) >> 2;
/** The middle of a velocity bin. */
export const velocityOf = (bin: number): number => clamp(bin * 4 + 2, 1, 127);

export const isOn = (what: number): boolean => what < WHAT.off;
export const isOff = (what: number): boolean => what >= WHAT.off && what < WHAT.pedalDown;

/** Rank at one instant: pedal up, keys up, keys down from the lowest, pedal down. */
const rank = ({ what }: Gesture): number => (what === WHAT.pedalUp ? -1 : isOff(what) ? what - 128 : isOn(what) ? 128 + what : 300);

/** Notes and sustain pedal as gestures in playing order; a key struck again while down is let go first. */
export const gesturesOf = (notes: readonly Note[], controls: readonly Control[]): Gesture[] => {
  const gestures: Gesture[] = [];
  const lastOff = new Map<number, { at: number; start: number }>();
  for (const note of [...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch)) {
    let end = note.start + Math.max(note.duration, 1);
    const before = lastOff.get(note.pitch);
    if (before) {
      const earlier = gestures[before.at] as Gesture;
      if (note.start <= before.start) continue;
      if (earlier.time > note.start) {
        end = Math.max(end, earlier.time);
        gestures[before.at] = { ...earlier, time: note.start };
      }
    }
    gestures.push({ time: note.start, what: WHAT.on + note.pitch, value: note.velocity });
    lastOff.set(note.pitch, { at: gestures.length, start: note.start });
    gestures.push({ time: ms(end), what: WHAT.off + note.pitch, value: 0 });
  }
  let down = false;
  for (const { controller, value, time } of [...controls].sort((a, b) => a.time - b.time)) {
    if (controller !== PEDALS.sustain || value >= 64 === down) continue;
    down = value >= 64;
    const before = gestures.at(-1);
    // Up comes before down at one instant: a pedal that went down and up again there never went down.
    if (!down && before?.what === WHAT.pedalDown && before.time === time) gestures.pop();
    else gestures.push({ time, what: down ? WHAT.pedalDown : WHAT.pedalUp, value: 0 });
  }
  return gestures.sort((a, b) => a.time - b.time || rank(a) - rank(b));
};

/**
 * Rounds gestures to events one at a time. The gap is measured from the *rounded* time before, so that rounding never adds up;
 * a silence longer than the last bin is cut to it, as one long rest and not as slow music after it.
 */
export class PerformanceEncoder {
  private now = NaN;

  /** Realtime-safe: yes, but for the event it returns. */
  encode({ time, what, value }: Gesture): PerformanceEvent {
    if (Number.isNaN(this.now)) this.now = time;
    const gap = time - this.now;
    const bin = timeBin(gap);
    this.now = gap > LONGEST ? time : this.now + (TIME_BINS[bin] as number);
    return { what, time: bin, velocity: isOn(what) ? velocityBin(value) : NO_VELOCITY };
  }
}

export const encodePerformance = (gestures: readonly Gesture[]): PerformanceEvent[] => {
  const encoder = new PerformanceEncoder();
  return gestures.map((gesture) => encoder.encode(gesture));
};

/** Events back to notes and pedal, from time `from`; a key still down at the end is let go with the last event. */
export const decodePerformance = (events: readonly PerformanceEvent[], from: Ms = ms(0)): { notes: Note[]; controls: Control[] } => {
  const notes: Note[] = [];
  const controls: Control[] = [];
  const held = new Map<number, { start: number; velocity: number }>();
  const channel = asChannel(1);
  let now: number = from;
  const release = (pitch: number): void => {
    const on = held.get(pitch);
    if (!on) return;
    held.delete(pitch);
    notes.push({ start: ms(on.start), duration: ms(now - on.start), pitch: asPitch(pitch), velocity: asVelocity(on.velocity), channel });
  };
  for (const { what, time, velocity } of events) {
    now += TIME_BINS[time] as number;
    if (isOn(what)) {
      release(what);
      held.set(what, { start: now, velocity: velocityOf(velocity) });
    } else if (isOff(what)) release(what - WHAT.off);
    else controls.push({ time: ms(now), controller: PEDALS.sustain, value: what === WHAT.pedalDown ? 127 : 0, channel });
  }
  for (const pitch of held.keys()) release(pitch);
  return { notes: notes.sort((a, b) => a.start - b.start || a.pitch - b.pitch), controls };
};

/** What may come next: no key goes down twice or up unstruck, and the pedal moves only where it is not. */
export class PerformanceGrammar {
  readonly held = new Uint8Array(128);
  pedal = false;
  sounding = 0;

  /** Realtime-safe: yes. */
  allows(what: number): boolean {
    if (isOn(what)) return this.held[what] === 0;
    if (isOff(what)) return this.held[what - WHAT.off] === 1;
    return (what === WHAT.pedalDown) !== this.pedal;
  }

  /** Notes an event that happened, allowed or not. Realtime-safe: yes. */
  take(what: number): void {
    if (isOn(what)) {
      if (this.held[what] === 0) this.sounding++;
      this.held[what] = 1;
    } else if (isOff(what)) {
      if (this.held[what - WHAT.off] === 1) this.sounding--;
      this.held[what - WHAT.off] = 0;
    } else if (what !== WHAT.start) this.pedal = what === WHAT.pedalDown;
  }

  copyFrom(other: PerformanceGrammar): void {
    this.held.set(other.held);
    this.pedal = other.pedal;
    this.sounding = other.sounding;
  }
}
