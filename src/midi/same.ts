import { channelOf, STATUS } from './message.ts';

const KEYS = 128;

export const isOn = (status: number, b: number): boolean => (status & 0xf0) === STATUS.on && b > 0;
export const isOff = (status: number, b: number): boolean => (status & 0xf0) === STATUS.off || ((status & 0xf0) === STATUS.on && b === 0);

/** A key's place among those of all channels. */
export const placeOf = (status: number, a: number): number => (channelOf(status) - 1) * KEYS + a;

/** What a message is called that is the same when it comes back: without its channel; a key's release without its speed, which is lost on the way as often as not. */
export const messageOf = (status: number, a: number, b: number): number => (isOff(status, b) ? (STATUS.off << 14) | (a << 7) : ((status & 0xf0) << 14) | (a << 7) | b);
