import { pause } from '../integration/daemon.ts';
import { begun, sounding, type Rig } from './rig.ts';

/** What a scenario found, as JSON. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Scenario {
  readonly name: string;
  /** Whether it kills the daemon without a warning. */
  readonly kills?: true;
  /** What is done, with the daemon running and its ports joined to the rig's. */
  run(rig: Rig): Promise<Facts>;
  /** What must have been found. */
  readonly shows: Facts;
}

const TUNE = [60, 62, 64, 65, 67, 69, 71, 72];

/** Plays notes one after the other, as a person does, a chord now and then. */
const play = async (rig: Rig, pitches: readonly number[]): Promise<void> => {
  for (const [i, pitch] of pitches.entries()) {
    const keys = i % 4 === 3 ? [pitch, pitch - 5, pitch - 8] : [pitch];
    for (const key of keys) rig.press(key);
    await pause(60);
    for (const key of keys) rig.release(key);
    await pause(20);
  }
};

/** What the keyboard played of a tune. */
const played = (pitches: readonly number[]): number[] => pitches.flatMap((pitch, i) => (i % 4 === 3 ? [pitch, pitch - 5, pitch - 8] : [pitch]));

/** Notes that did not come back, and such as were never played, of what was played on channel 1. */
const compare = (heard: readonly number[], expected: readonly number[]): { lost: number; invented: number } => {
  const left = [...expected];
  const invented = heard.filter((pitch) => {
    const at = left.indexOf(pitch);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
  return { lost: left.length, invented };
};

/** Longer than the guard takes to see who listens to a port, in milliseconds. */
const NOTICED = 1500;

/** Holds a chord with two pedals down; the place in what is heard from which it sounds. */
const chordWithPedals = async (rig: Rig): Promise<number> => {
  const from = rig.heard.all.length;
  for (const pedal of [64, 67]) rig.send(0xb0, pedal, 127);
  for (const key of [60, 64, 67]) rig.press(key);
  await rig.hears(0x90, 67, undefined, from);
  await rig.quiet();
  return from;
};

/** Waits until the guard has ended what sounded; what was left. */
const rescued = async (rig: Rig, from: number): Promise<Facts> => {
  await rig.silence(from);
  for (const pedal of [64, 67]) await rig.hears(0xb0, pedal, 0, from);
  for (const status of [0xb0, 0xb1]) await rig.hears(status, 123, 0, from);
  return { orphans: sounding(rig.heard.all.slice(from)).size };
};

/** Each needs the one daemon that all of them share; one that ends it leaves the next to start another. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a tune goes through named ports and comes back harmonised',
    run: async (rig) => {
      const from = rig.heard.all.length;
      const tune = [...TUNE, ...TUNE.toReversed(), ...TUNE];
      await play(rig, tune);
      await rig.silence(from);
      await rig.quiet();
      const heard = rig.heard.all.slice(from);
      return { ...compare(begun(heard, 1), played(tune)), harmonised: begun(heard, 2).length > 0, orphans: sounding(heard).size };
    },
    shows: { lost: 0, invented: 0, harmonised: true, orphans: 0 },
  },
  {
    name: "a tune goes through the daemon's own ports",
    run: async (rig) => {
      const before = rig.patchOwn();
      await rig.through();
      const from = rig.heard.all.length;
      await play(rig, TUNE);
      await rig.silence(from);
      await rig.quiet();
      const heard = rig.heard.all.slice(from);
      rig.pull('keys');
      rig.pull('synth');
      rig.restore(before);
      await rig.through();
      return { ...compare(begun(heard, 1), played(TUNE)), orphans: sounding(heard).size };
    },
    shows: { lost: 0, invented: 0, orphans: 0 },
  },
  {
    name: 'the daemon is ended in mid-chord',
    run: async (rig) => {
      const from = rig.heard.all.length;
      rig.send(0xb0, 64, 127);
      for (const key of [60, 64, 67]) rig.press(key);
      await rig.hears(0x90, 67, undefined, from);
      await rig.quiet();
      const code = await (await rig.daemon()).stop();
      await rig.silence(from);
      await rig.hears(0xb0, 64, 0, from);
      return { code, orphans: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { code: 0, orphans: 0 },
  },
  {
    name: 'the daemon is killed in mid-chord',
    kills: true,
    run: async (rig) => {
      const from = await chordWithPedals(rig);
      await (await rig.daemon()).stop('SIGKILL');
      return rescued(rig, from);
    },
    shows: { orphans: 0 },
  },
  {
    name: 'the daemon is killed in mid-chord, playing from its own port',
    kills: true,
    run: async (rig) => {
      rig.patchOwn();
      await rig.through();
      await pause(NOTICED);
      const from = await chordWithPedals(rig);
      await (await rig.daemon()).stop('SIGKILL');
      return rescued(rig, from);
    },
    shows: { orphans: 0 },
  },
];
