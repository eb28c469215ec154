import { pause } from '../integration/daemon.ts';
import { begun, type Rig } from './rig.ts';

/** What a scenario found, as JSON. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Scenario {
  readonly name: string;
  /** Whether it kills the daemon without a warning. */
  readonly kills?: true;
  /** Where it can be played only. */
  readonly over?: 'jack' | 'alsa';
  /** Whether the daemon opens the rig's ports by name, or the rig is connected to the daemon's own. */
  readonly ports: 'named' | 'own';
  /** What is done, with the daemon running and its ports joined to the rig's. */
  run(rig: Rig): Promise<Facts>;
  /** What must have been found. */
  readonly shows: Facts;
}

export const TUNE = [60, 62, 64, 65, 67, 69, 71, 72];

/** Plays notes one after the other, as a person does, a chord now and then. */
export const play = async (rig: Rig, pitches: readonly number[]): Promise<void> => {
  for (const [i, pitch] of pitches.entries()) {
    const keys = i % 4 === 3 ? [pitch, pitch - 5, pitch - 8] : [pitch];
    for (const key of keys) rig.press(key);
    await pause(60);
    for (const key of keys) rig.release(key);
    await pause(20);
  }
};

/** What the keyboard played of a tune. */
export const played = (pitches: readonly number[]): number[] => pitches.flatMap((pitch, i) => (i % 4 === 3 ? [pitch, pitch - 5, pitch - 8] : [pitch]));

/** Notes that did not come back, and such as were never played, of what was played on channel 1. */
export const compare = (heard: readonly number[], expected: readonly number[]): { lost: number; invented: number } => {
  const left = [...expected];
  const invented = heard.filter((pitch) => {
    const at = left.indexOf(pitch);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
  return { lost: left.length, invented };
};

/** Two keys down, and heard. */
export const hold = async (rig: Rig, from: number): Promise<void> => {
  rig.press(60);
  rig.press(64);
  await rig.hears(0x90, 64, undefined, from);
};

/** Once all is connected again: how the tune comes through. What is still held is let go before silence is waited for. */
export const playedAgain = async (rig: Rig, from: number, letGo = (): void => {}): Promise<ReturnType<typeof compare>> => {
  await rig.through();
  const again = rig.heard.all.length;
  await play(rig, TUNE);
  await rig.through();
  letGo();
  await rig.silence(from);
  await rig.quiet();
  return compare(begun(rig.heard.all.slice(again), 1), played(TUNE));
};
