import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, pause, startDaemon } from './daemon.ts';
import { Desktop, noDesktop } from './desktop.ts';

const why = noDesktop();
const RR = 2;
/** Where they stand in what follows the name in `/proc/PID/stat`. */
const NICE = 16;
const PRIORITY = 37;
const POLICY = 38;

/** Real-time priorities (SCHED_RR) and shares of a process's threads that have any. */
const raisedOf = (pid: number): { realtime: number[]; nice: number[] } => {
  const fields = readdirSync(`/proc/${pid}/task`).map((tid) => readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) as number[]);
  const realtime = fields.filter((each) => each[POLICY] === RR).map((each) => each[PRIORITY] as number);
  const nice = fields.filter((each) => each[POLICY] === 0 && (each[NICE] as number) < 0).map((each) => each[NICE] as number);
  return { realtime: realtime.sort((a, b) => b - a), nice: nice.sort((a, b) => a - b) };
};

/** Milliseconds that threads run at a time, of those that asked for some, as the kernel says. */
const slicesOf = (pid: number): number[] => {
  const all = readdirSync(`/proc/${pid}/task`).map((tid) => Number(/^se\.slice *: *(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${tid}/sched`, 'utf8'))?.[1]) / 1e6);
  const usual = Math.max(...all);
  return all.filter((slice) => slice < usual).sort((a, b) => a - b);
};
const [major = 0, minor = 0] = release().split('.').map(Number);
const showsSlices = major * 100 + minor >= 612 && existsSync('/proc/self/sched');

const until = async (fits: () => boolean): Promise<void> => {
  while (!fits()) await pause(20);
};

describe.skipIf(why)(`a player who has no right to real-time priority${why && ` (skipped: ${why})`}`, { timeout: 60_000 }, () => {
  const desktop = new Desktop();
  beforeAll(() => desktop.begin());
  afterAll(() => desktop.close());

  // polkit trusts root without a session of its own; what the kernel asks for is the right that is taken away here.
  const unprivileged = { node: 'setpriv', flags: ['--bounding-set=-sys_nice', '--inh-caps=-sys_nice', process.execPath] } as const;

  it('is given it by the desktop, and gives it back where a thread runs on and on', async () => {
    const daemon = await startDaemon(['harmony'], { ...unprivileged, env: desktop.env });
    try {
      const pid = daemon.child.pid as number;
      expect(daemon.printed()).toContain('real-time priority granted');
      await until(() => raisedOf(pid).nice.length === 2);
      expect(raisedOf(pid)).toEqual({ realtime: [20, 18], nice: [-15, -10] });
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max realtime timeout +100000 +200000 +us/);

      // What the kernel sends first to a process whose real-time thread does not sleep.
      process.kill(pid, 'SIGXCPU');
      await until(() => raisedOf(pid).realtime.length === 0);
      const client = await Client.open(daemon.http);
      await client.play(60, 80);
      await client.heard.first((each) => each.type === 'note' && each.velocity > 0);
      client.close();
      expect(await daemon.stop()).toBe(0);
    } finally {
      await daemon.discard();
    }
  });

  it.skipIf(!showsSlices)(`is woken soon where no desktop is there${showsSlices ? '' : ' (skipped: needs Linux 6.12, and /proc/self/sched)'}`, async () => {
    const daemon = await startDaemon(['harmony'], { ...unprivileged, env: { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent' } });
    try {
      expect(daemon.printed()).toContain('no real-time priority');
      const pid = daemon.child.pid as number;
      await until(() => slicesOf(pid).length === 3);
      expect(slicesOf(pid)).toEqual([0.1, 0.2, 0.4]);
      expect(raisedOf(pid)).toEqual({ realtime: [], nice: [] });
      expect(await daemon.stop()).toBe(0);
    } finally {
      await daemon.discard();
    }
  });
});
