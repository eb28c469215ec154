import { expect, it } from 'vitest';
import { coins, keyOf, type Coin } from '../../src/core/rng.ts';
import { ms, pitch, type Channel, type Ms } from '../../src/core/units.ts';
import { Heap } from '../../src/core/heap.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { ROLES } from '../../src/live/command.ts';
import { offsetsOf } from '../../src/live/offsets.ts';
import { PARAMS, PARAM_NAMES } from '../../src/live/params.ts';
import type { Patch } from '../../src/live/patch.ts';
import { IN, OUT, pushCompletion } from '../../src/stage/records.ts';
import { LATE_LIMIT, Stage } from '../../src/stage/stage.ts';
import { CountingSynth } from '../midi/synth.ts';
import { patchOf, record, shipped } from './playing.ts';

const EVENTS = 2500;
/** `npm run fuzz` plays a million. */
const SEEDS = process.env['ANTIPHON_FUZZ'] ? 400 : 44;
const RESPOND = ROLES.indexOf('respond');
const HARMONISE = ROLES.indexOf('harmonise');
/** The shortest silence that the parameters allow, less what a key's own time may lie before its record. */
const LEAST_SILENCE = 150 - 15;
/** No note of a plan sounds longer, even if the model dies before it says when it ends. */
const LONGEST = 4100;

const PATCHES = [
  ...['duet', 'call-and-response', 'harmony', 'continuo', 'combo', 'drummer'].map(shipped),
  patchOf(['drum', 'accompany', 'respond'], { silence: 150 }, { clock: { source: 'midi' } }),
  patchOf(['accompany', 'drum', 'harmonise']),
  patchOf(['respond', 'continue', 'harmonise'], { voices: 3, silence: 150 }, { inputs: [{ port: '*', thru: true }, { port: 'b', channels: [1, 2], thru: true }] }),
  patchOf(['respond', 'harmonise'], { bars: 1 }, { clock: { source: 'internal', bpm: 180 }, inputs: [{ port: '*', thru: true }], controllers: [{ cc: 1, param: 'temperature' }, { cc: 2, param: 'tempo' }] }),
  patchOf(['respond', 'harmonise'], { bars: 2, silence: 150 }, { clock: { source: 'midi' } }),
  patchOf(['respond', 'continue', 'harmonise'], { silence: 150 }, { inputs: [{ port: '*', thru: true }], outputs: [{ port: '*' }, { port: 'Strings', offset: -60 }, { port: 'Drums', offset: 35 }] }),
  patchOf(['drum', 'accompany', 'respond'], {}, { clock: { source: 'internal', bpm: 140 }, inputs: [{ port: '*', thru: true }], outputs: [{ port: '*', offset: -12 }, { port: 'Strings', offset: -60 }] }),
];
/** What each offset sends goes to a synthesiser of its own. */
const OFFSETS = [...new Set(PATCHES.flatMap(offsetsOf))];

/** Answers asks in the muse's language: each plan's completions in their order, those of different plans in any. */
class FastMuse {
  private readonly coin: Coin;
  private readonly deliver = new Heap<Completion>(4096);
  private readonly ready = new Map<number, { at: number; grown: number; notes: number; open: boolean }>();

  constructor(coin: Coin) {
    this.coin = coin;
  }

  get next(): number {
    return this.deliver.least;
  }

  pop(): Completion {
    return this.deliver.pop() as Completion;
  }

  ask(ask: Ask, now: Ms): void {
    if (ask.kind === 'harmony') this.harmonise(ask.plan, ask.voices, now);
    else if (ask.kind === 'grow') {
      this.ready.set(ask.plan, { at: now, grown: ask.from, notes: 0, open: ask.open });
      this.grow(ask.plan, ask.until, now);
    } else if (ask.kind === 'extend') this.grow(ask.plan, ask.until, now);
    else if (ask.kind === 'cancel') {
      // What is already under way arrives all the same, half of the time.
      if (this.coin() < 0.5) this.deliver.remove(({ plan }) => plan === ask.plan);
      this.ready.delete(ask.plan);
    }
  }

  private harmonise(plan: number, voices: number, now: Ms): void {
    const count = Math.floor(this.coin() * (voices + 1));
    let at = now + this.delay();
    for (let index = 0; index < count; index++) {
      this.deliver.push(at, { kind: 'harmony', plan, index, pitch: pitch(Math.floor(this.coin() * 128)), last: index === count - 1 });
      if (this.coin() < 0.2) at += this.delay();
    }
    if (count === 0) this.deliver.push(at, { kind: 'end', plan, until: ms(0) });
  }

  private grow(plan: number, until: Ms, now: Ms): void {
    const state = this.ready.get(plan);
    if (!state) return;
    state.at = Math.max(state.at, now + this.delay());
    const dense = 20 + this.coin() * 400;
    const offs: { index: number; time: number }[] = [];
    const say = (completion: Completion): void => {
      this.deliver.push(state.at, completion);
      if (this.coin() < 0.05) state.at += this.delay();
    };
    for (let time = state.grown; time <= until; time += this.coin() < 0.3 ? 0 : this.coin() * dense) {
      const index = state.notes++;
      if (state.notes > 400) break;
      say({ kind: 'note', plan, index, pitch: pitch(Math.floor(this.coin() * 128)), velocity: 1 + Math.floor(this.coin() * 127), time: ms(time) });
      offs.push({ index, time: time + 20 + this.coin() * 900 });
      // Some never end: the plan's keeper has to.
      while (offs.length > 3) {
        const off = offs.shift();
        if (off && this.coin() < 0.95) say({ kind: 'off', plan, index: off.index, time: ms(off.time) });
      }
    }
    state.grown = until;
    if (!state.open) for (const { index, time } of offs) say({ kind: 'off', plan, index, time: ms(Math.min(time, until)) });
    // Now and then a model dies of it, and never says that it has done.
    if (this.coin() < 0.95) say({ kind: 'end', plan, until });
  }

  private delay(): number {
    const kind = this.coin();
    return kind < 0.3 ? 0 : kind < 0.7 ? this.coin() * 12 : this.coin() * 500;
  }
}

/** One evening of random playing; fails with the seed in the message. */
const play = (seed: number): Readonly<Record<string, number>> => {
  const coin = coins(keyOf(seed, 0xf022));
  const whole = (n: number): number => Math.floor(coin() * n);
  const synth = new CountingSynth();
  const muse = new FastMuse(coin);
  let now = ms(0);
  let lastKey = -Infinity;
  let lost = false;
  let running = true;
  let patch = PATCHES[0] as Patch;
  const planned = new Set<number>();
  const withdrawn = new Set<number>();
  /** Role and start of what sounds. */
  const sounding = new Map<number, { readonly role: number; readonly start: number }>();
  let sounded = 0;
  const byRole = new Map<number, number>();
  const fail = (what: string): never => {
    throw new Error(`seed ${seed} at ${now}: ${what}`);
  };
  const tell = (code: number, id: number, role: number, ...[, , , wanted]: number[]): boolean => {
    if (code === OUT.sounded) {
      sounded++;
      byRole.set(role, (byRole.get(role) ?? 0) + 1);
      if (!running) fail(`note ${id} after a stop`);
      if (withdrawn.has(id)) fail(`note ${id} after it was withdrawn`);
      if (sounding.has(id)) fail(`note ${id} twice`);
      sounding.set(id, { role, start: now });
      planned.delete(id);
      const late = now - (wanted as number);
      if (!(late >= 0 && late <= LATE_LIMIT)) fail(`note ${id} of ${ROLES[role]} ${late} ms late`);
      // With bars an answer begins at the bar line, whenever the last key was struck.
      const rest = barred() ? 0.001 : LEAST_SILENCE;
      if (role === RESPOND && now - lastKey < rest) fail(`note ${id} of an answer ${now - lastKey} ms after a key`);
    } else if (code === OUT.ended && !sounding.delete(id)) fail(`note ${id} ended and did not sound`);
    return true;
  };
  const barred = (): boolean => stage.session.params.bars > 0 || patch.roles.some(({ params }) => (params.bars ?? 0) > 0);
  const asks: Ask[] = [];
  const stage = new Stage(PATCHES, { send: (status, a, b, offset = ms(0)) => synth.send(OFFSETS.indexOf(offset), status, a, b), ask: (ask) => asks.push(ask), tell: tell as never }, now);
  // What the session takes back is seen at the scheduler's door.
  const { scheduler } = stage;
  const { plan, withdraw } = scheduler;
  scheduler.plan = (note) => {
    planned.add(note.id);
    return plan.call(scheduler, note);
  };
  scheduler.withdraw = (id, at) => {
    withdrawn.add(id);
    return withdraw.call(scheduler, id, at);
  };
  const withdrawAll = (): void => {
    for (const id of planned) withdrawn.add(id);
    planned.clear();
  };

  const answered = (): void => {
    for (const ask of asks.splice(0)) muse.ask(ask, now);
  };
  const owners = (): number[] => {
    const found: number[] = [];
    for (const { ledger } of stage.lines.playing) ledger.each((owner) => found.push(owner));
    return found;
  };
  /** What must hold as soon as a record has been taken. */
  const obeyed = ([code, source]: readonly number[]): void => {
    if ((code === IN.panic || code === IN.patch) && stage.lines.sounding() > 0) fail(`${stage.lines.sounding()} notes outlive record ${code}`);
    if (code === IN.stop && (sounding.size > 0 || owners().some((owner) => owner > 0))) fail('notes outlive a stop');
    if (code === IN.inputLost && owners().some((owner) => owner < 0 && Math.floor((-1 - owner) / (17 * 128)) === source)) fail('a note outlives its input');
    if (code === IN.midi && lastKey === now) for (const [id, { role }] of sounding) if (role === RESPOND) fail(`note ${id} of an answer goes on under a key`);
  };
  const lines = new Set(stage.lines.playing);
  const take = (...numbers: number[]): void => {
    if (numbers[0] === IN.panic || numbers[0] === IN.patch || numbers[0] === IN.stop) withdrawAll();
    if (numbers[0] === IN.stop) running = false;
    if (numbers[0] === IN.play) running = true;
    if (numbers[0] === IN.patch) patch = PATCHES[numbers[1] as number] as Patch;
    stage.take(record(...numbers), now);
    for (const line of stage.lines.playing) lines.add(line);
    answered();
    obeyed(numbers);
  };
  const pass = (until: number): void => {
    let [wakes, since] = [0, -Infinity];
    for (;;) {
      const due = stage.next();
      const next = Math.min(due, muse.next);
      if (!(next <= until)) break;
      // Now and then the thread oversleeps.
      now = ms(Math.max(now, next + (coin() < 0.02 ? coin() * 60 : 0)));
      if (muse.next <= now) pushCompletion((...numbers) => (take(...(numbers as number[])), true), muse.pop());
      else {
        stage.wake(now);
        answered();
        // What was put off while it slept may come due with what it woke for; more than that would keep a thread from sleeping.
        [wakes, since] = now === since ? [wakes + 1, since] : [1, now];
        if (wakes >= 3 && stage.next() <= now) fail('the stage wants to be woken at once, again and again');
      }
    }
    now = ms(Math.max(now, until));
  };

  const keys: [number, number][] = [];
  const midi = (status: number, a: number, b: number, source: number): void => take(IN.midi, status, a, b, now - (coin() < 0.1 ? coin() * 15 : 0), source, source);
  const strike = (): void => {
    const source = [0, 0, 0, 1, 16, 17][whole(6)] as number;
    const status = 0x90 | whole(3);
    const key = 36 + whole(48);
    keys.push([(source << 8) | status, key]);
    const { channels } = patch.inputs[source] ?? {};
    if (!channels || channels.includes(((status & 15) + 1) as Channel)) lastKey = now;
    midi(status, key, 1 + whole(127), source);
  };
  const letGo = (): void => {
    const at = keys.splice(whole(keys.length), 1)[0];
    if (at) midi(coin() < 0.5 ? at[0] & 0xff : (at[0] & 0x0f) | 0x80, at[1], 0, at[0] >> 8);
  };
  /** Every key up and every pedal: harmony is over at once, all else soon. */
  const rest = (): void => {
    while (keys.length > 0) letGo();
    for (const source of [0, 1]) for (let channel = 0; channel < 3; channel++) for (const pedal of [64, 66, 67]) midi(0xb0 | channel, pedal, 0, source);
    // What a patch no longer hears is released with its input.
    for (const source of [0, 1]) take(IN.inputLost, source);
    for (const [id, { role }] of sounding) if (role === HARMONISE) fail(`harmony ${id} outlives its key`);
    if (owners().some((owner) => owner < 0)) fail('a key that is up sounds on');
    pass(now + LONGEST);
    for (const [id, { role, start }] of sounding) if (now - start > LONGEST) fail(`note ${id} of ${ROLES[role]} hangs`);
  };
  const act: readonly [number, () => void][] = [
    [34, strike],
    [34, () => (keys.length > 0 ? letGo() : strike())],
    [4, () => midi(0xb0, [64, 66, 67][whole(3)] as number, whole(2) * 127, whole(2))],
    [2, () => midi([0x80, 0xb0, 0xe0, 0xd0, 0xa0, 0xc0][whole(6)] as number, [1, 2, 60, 120, 123][whole(5)] as number, whole(128), whole(2))],
    [4, () => {
      const param = whole(PARAM_NAMES.length);
      const { min, max, curve } = PARAMS[PARAM_NAMES[param] as keyof typeof PARAMS];
      const value = min + coin() * (max - min);
      take(IN.param, param, curve === 'whole' ? Math.round(value) : value);
    }],
    [0.5, () => take(IN.patch, whole(PATCHES.length))],
    [0.3, () => take(IN.panic)],
    [0.4, () => take(running ? IN.stop : IN.play)],
    [0.6, () => running || take(IN.play)],
    [0.3, () => take(IN.inputLost, whole(2))],
    [0.5, () => {
      lost = !lost;
      take(lost ? IN.outputLost : IN.outputBack);
    }],
    [1, () => take(IN.clock, [0xfa, 0xfb, 0xfc][whole(3)] as number, now)],
    [1, () => {
      const beat = 200 + coin() * 800;
      for (let tick = 0; tick < 24; tick++) {
        take(IN.clock, 0xf8, now);
        pass(now + beat / 24);
      }
    }],
    [0.4, rest],
    [0.7, () => pass(now + 500 + coin() * 4000)],
  ];
  const total = act.reduce((sum, [weight]) => sum + weight, 0);
  for (let event = 0; event < EVENTS; event++) {
    let at = coin() * total;
    (act.find(([weight]) => (at -= weight) < 0) ?? act[0] as (typeof act)[number])[1]();
    pass(now + (coin() < 0.3 ? 0 : coin() * 120));
  }

  if (lost) take(IN.outputBack);
  if (coin() < 0.5) {
    stage.close(now);
  } else {
    // Keys let go, pedals up, a stop: no more is needed for silence.
    rest();
    take(IN.stop);
  }
  expect({ seed, ledger: stage.lines.sounding(), pedals: stage.ledger.pedalsDown, synth: synth.sounding, synthPedals: synth.pedalsDown, open: sounding.size }).toEqual({ seed, ledger: 0, pedals: 0, synth: 0, synthPedals: 0, open: 0 });
  const { answers, harmonies, fromModel, fallback, dropped } = stage.counters;
  // What only some outputs missed is counted like what all did.
  const missed = [...lines].reduce((sum, line) => sum + line.scheduler.dropped + line.scheduler.refused, 0);
  expect({ seed, outcomes: fromModel + fallback + dropped - missed }).toEqual({ seed, outcomes: answers + harmonies });
  return { ...stage.counters, sounded, missed, ...Object.fromEntries([...byRole].map(([role, count]) => [ROLES[role] as string, count])) };
};

it(`stays sound over ${EVENTS * SEEDS} random events`, { timeout: 1_800_000 }, () => {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) for (const [name, value] of Object.entries(play(seed))) sums[name] = (sums[name] ?? 0) + value;
  // The evenings were rich enough to mean something.
  for (const name of ['sounded', 'answers', 'harmonies', 'fromModel', 'fallback', 'moved', 'takenBack', 'stale', 'late', 'missed', 'respond', 'continue', 'harmonise', 'accompany', 'drum']) expect([name, sums[name]! > 100]).toEqual([name, true]);
  if (process.env.SHOW) console.log(sums);
});
