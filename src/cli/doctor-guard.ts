import { messageOf } from '../core/errors.ts';
import type { DaemonState } from '../live/command.ts';
import type { Latencies } from '../live/latency.ts';
import { GuardFeed } from '../midi/guard-feed.ts';
import { clockBase, clockFrom } from './clock.ts';
import { openGuardPipe } from './guard-pipe.ts';
import { Guarding } from './guarding.ts';

export interface GuardFound {
  /** Milliseconds from the start of its process to being connected; null where it does not start. */
  readonly startMs: number | null;
  readonly why: string;
  /** The outputs it can connect to. */
  readonly connected: readonly string[];
  /** A daemon that runs, and what its guard is connected to; null where none answers. */
  readonly daemon: { readonly url: string; readonly guarded: readonly string[] | null; readonly latency: Latencies; readonly counters: Readonly<Record<string, number>> } | null;
}

const USUAL = 'http://127.0.0.1:7400';
const PATIENCE = 500;

/** Starts a guard, sees what it connects to, and lets it go; asks the daemon at the usual address for its own. */
export const lookAtGuard = async (): Promise<GuardFound> => {
  const clock = clockBase();
  const now = clockFrom(clock);
  const began = now();
  let startMs: number | null = null;
  let connected: readonly string[] = [];
  let why = '';
  const guarding: Guarding = new Guarding({
    hang: 2000,
    clock,
    midi: true,
    outputs: ['*'],
    osc: null,
    feed: (pipe) => {
      startMs = now() - began;
      connected = guarding.destinations;
      try {
        const end = openGuardPipe(pipe);
        const feed = new GuardFeed(end.write);
        feed.attach(true, now());
        feed.bye();
        guarding.close();
        guarding.fed(null);
        end.close();
      } catch (thrown) {
        guarding.fed(messageOf(thrown));
      }
    },
    rescued: () => {},
    warn: (_code, message) => (why = message),
  });
  await guarding.start();
  guarding.close();
  return { startMs, why, connected, daemon: await daemonAt(USUAL) };
};

const daemonAt = async (url: string): Promise<GuardFound['daemon']> => {
  try {
    const answer = await fetch(`${url}/state.json`, { signal: AbortSignal.timeout(PATIENCE) });
    const { guarded, latency, counters } = (await answer.json()) as DaemonState;
    return { url, guarded, latency, counters };
  } catch {
    return null;
  }
};
