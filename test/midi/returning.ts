import { readFileSync } from 'node:fs';
import type { Coin } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { Feedback, type Heard } from '../../src/midi/feedback.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { fixture } from '../fixtures/at.ts';

/** A message that was sent. */
export type Sent = readonly [time: number, status: number, a: number, b: number];
/** A message that came in. */
export interface Came {
  readonly time: number;
  readonly bytes: readonly [number, number, number];
  readonly source: number;
  /** Whether it is our output come back, and not a player's. */
  readonly loop: boolean;
}

/** A song as messages, with its own velocities. */
export const songOf = (file: string): Sent[] =>
  readSmf(readFileSync(fixture(file)))
    .tracks.flatMap(({ notes }) => notes)
    .flatMap(({ start, duration, pitch, velocity, channel }): Sent[] => [[start, 0x8f + channel, pitch, velocity], [start + duration, 0x7f + channel, pitch, 64]])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);

export const POP = songOf('pop909/331/331.mid');
export const LIED = songOf('lieder/lc5801830.mid');
export const REEL = songOf('folk/AcaciaReel1.mid');

export const isOn = ([status, , b]: readonly [number, number, number]): boolean => (status & 0xf0) === 0x90 && b > 0;
/** Of mean 0 and spread 1. */
export const gaussian = (coin: Coin): number => Math.sqrt(-2 * Math.log(1 - coin())) * Math.cos(2 * Math.PI * coin());

/** What goes out comes back after `lag` and at most a millisecond (or `jitter`), on another channel where it is given. */
export const loop = (sent: readonly Sent[], lag: number, coin: Coin, channel?: number, jitter = 1): Came[] =>
  sent.map(([time, status, a, b]) => ({ time: time + lag + jitter * coin(), bytes: [channel === undefined ? status : (status & 0xf0) | channel, a, b], source: 0, loop: true }));

/** Hands that play the same, `late` on average and with their spread; as hard as we do, which is the hardest to tell. */
export const doubling = (sent: readonly Sent[], late: number, spread: number, coin: Coin): Came[] =>
  sent.map(([time, status, a, b]) => ({ time: time + late + spread * gaussian(coin), bytes: [status, a, b] as const, source: 0, loop: false }));

export interface Judged extends Came {
  readonly heard: Heard;
}

/** Sends and hears in the order of time. */
export const judge = (sent: readonly Sent[], came: readonly Came[]): { judged: Judged[]; loops: string[]; feedback: Feedback } => {
  const loops: string[] = [];
  const feedback = new Feedback(18, { found: (source, lag) => loops.push(`found in ${source} at ${Math.floor(lag)}`), lost: (source) => loops.push(`lost in ${source}`) });
  const judged: Judged[] = [];
  const all = [...sent.map((each) => ({ time: each[0], sent: each })), ...came.map((each) => ({ time: each.time, came: each }))].sort((a, b) => a.time - b.time);
  for (const each of all) {
    if ('sent' in each) {
      const [, ...bytes] = each.sent;
      feedback.sent(...bytes, ms(each.time), -1);
      feedback.told(...bytes, ms(each.time));
    } else judged.push({ ...each.came, heard: feedback.judge(each.came.source, ...each.came.bytes, ms(each.time)) });
  }
  return { judged, loops, feedback };
};
