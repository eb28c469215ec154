// A process beside the daemon, that ends what sounds when the daemon cannot.
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { closeInherited } from '../engine/inherited.ts';
import { ROLES } from '../live/command.ts';
import { Guard, type Cause } from '../midi/guard.ts';
import { openOscSender } from '../net/osc-sender.ts';
import { GuardOutputs } from './guard-outputs.ts';
import type { FromGuard, GuardSetup, ToGuard } from './guard-messages.ts';
import { readGuardPipe } from './guard-pipe.ts';
import { clockFrom } from './clock.ts';
import { say } from './terminal.ts';

/** A pipe that nobody has opened for writing never ends: so many milliseconds after the daemon is gone, it has. */
const GRACE = 1000;
/** A guard whose daemon is gone has no business here after these, in milliseconds, whatever holds it up. */
const LONGEST = 30_000;
/** Long enough for a UDP socket to take what was sent. */
const LINGER = 200;
/** What may have been lost is sent again after these, in milliseconds. */
const AGAIN = [30, 100, 300, 700, 1500, 3000, 5000, 7500, 10_000, 15_000, 20_000] as const;
/** The pipe is read so often, in milliseconds: its end is known that much later. */
const LISTEN_EVERY = 10;
/** One who connects in the last milliseconds of the daemon's is not known: as few as cost little, and more where to look takes long. */
const POLL_EVERY = 20;
/** The rest after a look is so many times as long as that, up to so many milliseconds: a slow machine has better to do. */
const REST = 9;
const LONGEST_REST = 50;

const tell = (message: FromGuard): void => {
  // The daemon may be gone.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

/** Sends what ends everything again and again, as long as that may help; then waits until it has gone out. */
const insist = async (outputs: GuardOutputs, needed: () => boolean): Promise<void> => {
  let before = 0;
  for (const delay of AGAIN) {
    await pause(delay - before);
    before = delay;
    if (!needed() || !outputs.sendAgain()) break;
  }
  await pause(LINGER);
  outputs.forget();
};

const keep = async (setup: GuardSetup): Promise<(message: ToGuard) => void> => {
  const now = clockFrom(setup.clock);
  const pipe = readGuardPipe(setup.pipe);
  const osc = setup.osc ? await openOscSender(setup.osc) : null;
  const outputs = new GuardOutputs(setup, (names) => tell({ kind: 'destinations', names: setup.osc ? [...names, `${setup.osc.host}:${setup.osc.port}`] : names }));
  const guard = new Guard(
    {
      send: (status, a, b) => outputs.send(status, a, b),
      ended: ({ id, role, pitch, channel }) => osc?.tell({ kind: 'note', id, role: ROLES[role] ?? 'player', pitch, velocity: 0, channel, wanted: now(), sent: now() }),
    },
    setup.hang,
  );
  let insisting = Promise.resolve();
  const ended = (cause: Cause, notes: number | null): void => {
    if (notes === null) return;
    tell({ kind: 'ended', cause, notes });
    const silent = cause === 'gone' ? 'has ended without a word' : `gives no sign of life for ${setup.hang / 1000} s`;
    say(`Antiphon ${silent}: its guard ended ${notes} ${notes === 1 ? 'note' : 'notes'}.`);
    insisting = insist(outputs, () => !guard.isFed(now()));
  };
  outputs.poll(now());
  const restAfter = (began: number, least: number): number => Math.max(least, Math.min(LONGEST_REST, REST * (now() - began)));
  const poll = (): void => {
    const began = now();
    outputs.poll(began);
    setTimeout(poll, restAfter(began, POLL_EVERY));
  };
  setTimeout(poll, POLL_EVERY);
  setInterval(() => ended('hung', guard.check(now())), guard.every);
  tell({ kind: 'open' });
  return (message) => {
    if (message.kind === 'outputs') outputs.want(message.patterns);
    if (message.kind === 'sources') outputs.mirror(message.addresses);
    if (message.kind !== 'fed') return;
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      const notes = guard.lost();
      ended('gone', notes);
      void insisting.then(() => {
        outputs.close();
        process.exit();
      });
    };
    const listen = (): void => {
      if (over) return;
      const began = now();
      if (pipe.read((bytes) => guard.hear(bytes, ms(now()))) === 'open') setTimeout(listen, restAfter(began, LISTEN_EVERY));
      else end();
    };
    listen();
    const orphaned = (): void => void setTimeout(end, GRACE);
    if (process.connected) process.on('disconnect', orphaned);
    else orphaned();
  };
};

// Of a daemon that is killed nothing may be left: JACK's server would wait for it, and not answer us.
closeInherited();

// It ends with its daemon, and with nothing else: what ends both would otherwise take the guard first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

let kept: Promise<(message: ToGuard) => void> | null = null;
let fed = false;
const hear = (message: ToGuard): void => {
  if (message.kind === 'setup') kept = keep(message);
  if (message.kind === 'fed') fed = true;
  kept?.then((take) => take(message)).catch((thrown: unknown) => {
    say(`warning: the guard did not start: ${messageOf(thrown)} [guard.start]`);
    process.exit(1);
  });
};
process.on('message', hear);
// Usually the pipe's end says it; but the daemon may have died before it could say that the pipe was open.
process.on('disconnect', () => {
  if (!kept) process.exit();
  setTimeout(() => process.exit(), LONGEST);
  if (!fed) hear({ kind: 'fed' });
});
