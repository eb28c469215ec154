import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../src/cli/models.ts';
import { guardOf } from '../integration/daemon.ts';
import { playedAgain, type Facts, type Scenario } from './playing.ts';
import { sounding, type Rig } from './rig.ts';

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
  // An overloaded machine may have harmonised none of it.
  const channels = new Set(rig.heard.all.slice(from).filter(([status]) => (status & 0xf0) === 0x90).map(([status]) => status & 0x0f));
  for (const channel of channels) await rig.hears(0xb0 | channel, 123, 0, from);
  return { orphans: sounding(rig.heard.all.slice(from)).size };
};

/** The daemon is killed in mid-chord; what its guard left. */
const killed = async (rig: Rig): Promise<Facts> => {
  await rig.guarded(true);
  const from = await chordWithPedals(rig);
  await (await rig.daemon()).stop('SIGKILL');
  return rescued(rig, from);
};

/** The daemon hangs, or ends in one way or another, while notes sound. */
export const END_SCENARIOS: readonly Scenario[] = [
  {
    name: 'the daemon is ended in mid-chord',
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      rig.send(0xb0, 64, 127);
      for (const key of [60, 64, 67]) rig.press(key);
      await rig.hears(0x90, 67, undefined, from);
      await rig.quiet();
      const code = await (await rig.daemon()).stop();
      await rig.silence(from);
      await rig.hears(0xb0, 64, 0, from);
      // One that takes longer than eight seconds to stop ends itself.
      return { code: rig.patchbay.keepsTime ? code : 0, orphans: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { code: 0, orphans: 0 },
  },
  {
    // A client that is stopped stops a JACK server too.
    name: 'the daemon hangs in mid-chord, and goes on',
    over: 'alsa',
    ports: 'named',
    run: async (rig) => {
      const { child } = await rig.daemon();
      await rig.guarded(true);
      const from = await chordWithPedals(rig);
      const times = rig.said('guard.hung') + 1;
      child.kill('SIGSTOP');
      const { orphans } = await rescued(rig, from);
      child.kill('SIGCONT');
      await rig.says('guard.hung', times);
      for (const pedal of [64, 67]) rig.send(0xb0, pedal, 0);
      for (const key of [60, 64, 67]) rig.release(key);
      return { orphans, ...(await playedAgain(rig, from)), left: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { orphans: 0, lost: 0, invented: 0, left: 0 },
  },
  {
    name: 'the daemon runs out of memory in mid-chord',
    kills: true,
    over: 'jack',
    ports: 'named',
    run: async (rig) => {
      const order = join(mkdtempSync(join(tmpdir(), 'antiphon-fault-')), 'fault');
      const { child, printed } = await rig.anew({ flags: ['--max-old-space-size=160', '--import', projectFolder('test/fixtures/faults.mjs')], env: { ANTIPHON_FAULT: order } });
      await rig.through();
      await rig.guarded(true);
      const from = await chordWithPedals(rig);
      const exited = once(child, 'exit');
      writeFileSync(order, 'main memory');
      await exited;
      return { ...(await rescued(rig, from)), said: printed().includes('out of memory') };
    },
    shows: { orphans: 0, said: true },
  },
  {
    name: 'the daemon is killed in mid-chord',
    kills: true,
    ports: 'named',
    run: killed,
    shows: { orphans: 0 },
  },
  {
    // In the guest the next one is as good: each daemon takes it half a minute to start.
    name: 'the daemon is killed in mid-chord, playing from its own port',
    kills: true,
    over: 'jack',
    ports: 'own',
    run: killed,
    shows: { orphans: 0 },
  },
  {
    // What was open in the daemon by then, the new guard has come by.
    name: 'the guard is killed, and when there is another the daemon in mid-chord',
    kills: true,
    over: 'jack',
    ports: 'own',
    run: async (rig) => {
      const { child } = await rig.daemon();
      await rig.guarded(true);
      process.kill(guardOf(child.pid as number), 'SIGKILL');
      await rig.guarded(false);
      return killed(rig);
    },
    shows: { orphans: 0 },
  },
  {
    name: "a synth is cabled to the daemon's own port, and the daemon killed as soon as its guard has heard of it",
    kills: true,
    ports: 'own',
    run: async (rig) => {
      const windows: number[] = [];
      for (let n = 0; n < 5; n++) {
        const cables = rig.pull('synth');
        await rig.guarded(false);
        rig.restore(cables.filter(([output]) => output === rig.output));
        const cabled = performance.now();
        await rig.guarded(true);
        windows.push(Math.round(performance.now() - cabled));
      }
      const from = await chordWithPedals(rig);
      await (await rig.daemon()).stop('SIGKILL');
      const [, , median = Infinity] = windows.sort((a, b) => a - b);
      // By looks of the stage's and of the guard's, four a second each, it was 290 ms.
      return { ...(await rescued(rig, from)), windows, soon: !rig.patchbay.keepsTime || median < 200 };
    },
    shows: { orphans: 0, soon: true },
  },
];
