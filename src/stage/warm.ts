import { RECORD, Ring, ringMemory } from '../core/ring.ts';
import { ms, pitch, type Ms } from '../core/units.ts';
import type { Ask, Completion } from '../live/ask.ts';
import type { Patch } from '../live/patch.ts';
import { GuardFeed } from '../midi/guard-feed.ts';
import { STATUS } from '../midi/message.ts';
import { IN, pushAsk, pushCompletion, readAsk } from './records.ts';
import { Stage } from './stage.ts';

/** Who answers a stage's asks, one step at a time: false when nothing is left to do. */
export interface Answerer {
  ask(ask: Ask): void;
  step(): Promise<boolean>;
}

type Say = (completion: Completion) => void;

/** What is played in each round: keys struck together, 90 ms apart. */
const PHRASE = [[60], [64], [67], [60, 64, 67, 72], [71], [72], [69], [65, 69, 72, 76], [67]] as const;
const APART = 90;
/** Time that a stage is given for its answer, of which the next round's first key takes what is left back. */
const REST = 1500;
/** By then the compiler has come to all of it. */
const ROUNDS = 40;
/** More than is asked or answered between two looks at a ring. */
const CAPACITY = 1024;

/**
 * Plays to a stage that nobody hears, in a time of its own, so that the code of each role is compiled before the first key: a fresh
 * one takes milliseconds over that which takes it tenths later. One phrase to a patch in turn, while there is `more` time.
 */
export const warm = async (patches: readonly Patch[], cast: readonly string[], answererOf: (say: Say) => Answerer | Promise<Answerer>, more: () => boolean): Promise<void> => {
  const [asks, completions, told] = [CAPACITY, CAPACITY, CAPACITY].map((capacity) => new Ring(ringMemory(capacity))) as [Ring, Ring, Ring];
  const record = new Float64Array(RECORD);
  const guard = new GuardFeed(() => 'done');
  guard.attach(true, ms(0));
  const answerer = await answererOf((completion) => pushCompletion((...numbers) => completions.push(...numbers), completion));
  const out = { send: guard.sends.bind(guard), ask: (ask: Ask) => void pushAsk((...numbers) => asks.push(...numbers), ask), tell: told.push.bind(told) };
  const stage = new Stage(patches, out, ms(0), cast);
  let now = ms(0);

  const settle = async (): Promise<void> => {
    do {
      while (asks.pop(record)) answerer.ask(readAsk(record));
      while (completions.pop(record)) stage.take(record, now);
      while (told.pop(record));
    } while (more() && (await answerer.step()));
  };
  const take = async (...numbers: number[]): Promise<void> => {
    record.fill(0);
    record.set(numbers);
    stage.take(record, now);
    await settle();
  };
  /** Lets time pass, the stage waking when it wants to. */
  const pass = async (until: Ms): Promise<void> => {
    for (let next = stage.next(); next <= until && more(); next = stage.next()) {
      now = ms(Math.max(now, next));
      await take(IN.wake);
    }
    now = until;
  };

  for (let round = 0; round < ROUNDS; round++) {
    for (let patch = 0; patch < patches.length; patch++) {
      if (patches.length > 1 || round === 0) await take(IN.patch, patch);
      for (const keys of PHRASE) {
        if (!more()) return;
        for (const key of keys) await take(IN.midi, STATUS.on, key, 80, now);
        await pass(ms(now + APART));
        for (const key of keys) await take(IN.midi, STATUS.off, key, 64, now);
      }
      await pass(ms(now + REST));
    }
  }
};

/** Answers at once, with no model: what the stage's own code is warmed with. */
export const pretend = (say: Say): Answerer => {
  const answer = (ask: Ask): void => {
    if (ask.kind === 'harmony') {
      for (let index = 0; index < ask.voices; index++) say({ kind: 'harmony', plan: ask.plan, index, pitch: pitch(ask.pitch - 5 * (index + 1)), last: index === ask.voices - 1 });
      say({ kind: 'guess', plan: 0, role: ask.role, weights: 0 });
    } else if (ask.kind === 'grow') {
      for (let index = 0; index < 8; index++) {
        const time = ask.from + index * APART;
        say({ kind: 'note', plan: ask.plan, index, pitch: pitch(60 + index), velocity: 80, time: ms(time) });
        say({ kind: 'off', plan: ask.plan, index, time: ms(time + APART / 2) });
      }
      say({ kind: 'end', plan: ask.plan, until: ask.until });
    } else if (ask.kind === 'extend') say({ kind: 'end', plan: ask.plan, until: ask.until });
  };
  return { ask: answer, step: async () => false };
};
