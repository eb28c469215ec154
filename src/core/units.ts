/** A number that says what it measures; the brand exists for the type checker only. */
export type Unit<Name extends string> = number & { readonly __unit: Name };

/** Milliseconds, as a double, of one monotonic clock. The only unit of wall time. */
export type Ms = Unit<'ms'>;
/** Quarter-note beats on a `Timeline`. */
export type Beats = Unit<'beats'>;
/** Beats a minute. */
export type Bpm = Unit<'bpm'>;
/** MIDI key number, 0 to 127, 60 is middle C. */
export type Pitch = Unit<'pitch'>;
/** MIDI velocity; 1 to 127 for a struck note. */
export type Velocity = Unit<'velocity'>;
/** MIDI channel as musicians count it, 1 to 16. */
export type Channel = Unit<'channel'>;

export const ms = (value: number): Ms => value as Ms;
export const beats = (value: number): Beats => value as Beats;
export const bpm = (value: number): Bpm => value as Bpm;
export const pitch = (value: number): Pitch => value as Pitch;
export const velocity = (value: number): Velocity => value as Velocity;
export const channel = (value: number): Channel => value as Channel;

/** `value` held within `low` and `high`. */
export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
