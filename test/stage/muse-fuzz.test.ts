import { expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms, type Ms } from '../../src/core/units.ts';
import type { Ask } from '../../src/live/ask.ts';
import { castOf } from '../../src/live/cast.ts';
import { ROLES } from '../../src/live/command.ts';
import type { MuseModel } from '../../src/live/instrument.ts';
import { Muse } from '../../src/live/muse.ts';
import { PARAMS, PARAM_NAMES } from '../../src/live/params.ts';
import { readPatch, type Patch } from '../../src/live/patch.ts';
import type { AnyEncodingName } from '../../src/music/encodings.ts';
import { IN, OUT, pushCompletion } from '../../src/stage/records.ts';
import { LATE_LIMIT, Stage } from '../../src/stage/stage.ts';
import { CountingSynth } from '../midi/synth.ts';
import { randomModel } from '../live/scripted.ts';
import { record, shipped } from './playing.ts';

const EVENTS = 500;
const SEEDS = 6;
const HARMONISE = ROLES.indexOf('harmonise');
/** No note of a plan sounds longer. */
const LONGEST = 4100;

const model = (name: string, encoding: AnyEncodingName, seed: number): MuseModel => ({ name, encoding, predictor: randomModel(encoding, seed) });
/** Every encoding a role can play with, two of some. */
const MODELS: readonly MuseModel[] = [
  model('performance', 'performance', 1), model('melody', 'melody', 2), model('harmony', 'harmony', 3), model('drums', 'drums', 4), model('accompaniment', 'accompaniment', 5),
  model('mine', 'performance', 6), model('hymns', 'harmony', 7),
];

const patchOf = (roles: Readonly<Record<string, string>>, rest: object = {}): Patch =>
  readPatch(JSON.stringify({ name: 'test', about: 'a test', inputs: [{ port: '*' }], outputs: [{ port: '*' }], roles: Object.entries(roles).map(([kind, name]) => ({ kind, model: name })), ...rest }), 'test');
const PATCHES = [
  ...['duet', 'call-and-response', 'harmony', 'continuo', 'combo', 'drummer'].map(shipped),
  patchOf({ respond: 'mine', continue: 'performance', harmonise: 'hymns', accompany: 'accompaniment', drum: 'drums' }, { params: { voices: 3, silence: 150, tempo: 140 }, clock: { source: 'internal' } }),
  patchOf({ respond: 'melody', continue: 'melody', harmonise: 'mine' }, { params: { silence: 150, memory: 0.5, tempo: 110 }, clock: { source: 'internal' } }),
  patchOf({ harmonise: 'harmony', drum: 'drums' }, { params: { voices: 2, above: 1 } }),
];
const CAST = castOf(PATCHES);

/** One evening with models that take their time, its log played again; fails with the seed in the message. */
const play = async (seed: number): Promise<Readonly<Record<string, number>>> => {
  const coin = coins(keyOf(seed, 0x3a5e));
  const whole = (n: number): number => Math.floor(coin() * n);
  const synth = new CountingSynth();
  const sounding = new Map<number, { readonly role: number; readonly start: number }>();
  const withdrawn = new Set<number>();
  const byRole = new Map<number, number>();
  const log: number[][] = [];
  const told: number[][] = [];
  const asks: Ask[] = [];
  const completions: number[][] = [];
  let now = ms(0);
  let running = true;
  /** When the models have done their step, and look at what they were asked meanwhile; they wait where there is none to do. */
  let thought: number = Infinity;
  const fail = (what: string): never => {
    throw new Error(`seed ${seed} at ${now}: ${what}`);
  };
  const tell = (...numbers: number[]): boolean => {
    told.push(numbers);
    const [code, id, role, , , , wanted] = numbers as [number, number, number, number, number, number, number];
    if (code === OUT.sounded) {
      const late = now - wanted;
      if (!running) fail(`note ${id} after a stop`);
      if (withdrawn.has(id)) fail(`note ${id} after it was withdrawn`);
      if (!(late >= 0 && late <= LATE_LIMIT)) fail(`note ${id} of ${ROLES[role]} ${late} ms late`);
      byRole.set(role, (byRole.get(role) ?? 0) + 1);
      sounding.set(id, { role, start: now });
    } else if (code === OUT.ended && !sounding.delete(id)) fail(`note ${id} ended and did not sound`);
    return true;
  };
  const muse = new Muse(CAST.map((name) => MODELS.find((each) => each.name === name) as MuseModel), seed, (completion) => void pushCompletion((...numbers) => completions.push(numbers as number[]) > 0, completion));
  await muse.open();
  const stage = new Stage(PATCHES, { send: (status, a, b) => synth.send(0, status, a, b), ask: (ask) => {
    asks.push(ask);
    if (thought === Infinity) thought = now;
  }, tell: tell as never }, now, CAST);
  const { scheduler } = stage;
  const { withdraw } = scheduler;
  scheduler.withdraw = (id, at) => {
    withdrawn.add(id);
    return withdraw.call(scheduler, id, at);
  };

  const take = (...numbers: number[]): void => {
    const [code] = numbers;
    log.push([...numbers, ...Array.from({ length: 7 - numbers.length }, () => 0), now]);
    if (code === IN.stop) running = false;
    if (code === IN.play) running = true;
    stage.take(record(...numbers), now);
    if ((code === IN.panic || code === IN.patch || code === IN.stop) && sounding.size > 0) fail(`${sounding.size} notes outlive record ${code}`);
  };
  const think = async (): Promise<void> => {
    for (const numbers of completions.splice(0)) take(...numbers);
    for (const ask of asks.splice(0)) muse.ask(ask);
    // Most steps are quick; now and then the machine has something else to do.
    thought = (await muse.step()) ? now + (coin() < 0.002 ? 400 : coin() < 0.03 ? 15 : coin() * 0.4) : Infinity;
  };
  const pass = async (until: number): Promise<void> => {
    for (;;) {
      const next = Math.min(stage.next(), thought);
      if (!(next <= until)) break;
      now = ms(Math.max(now, next));
      if (thought <= now) await think();
      else take(IN.wake);
    }
    now = ms(Math.max(now, until));
  };

  const keys: number[] = [];
  const letGo = (): void => {
    const key = keys.splice(whole(keys.length), 1)[0];
    if (key !== undefined) take(IN.midi, 0x80, key, 64, now);
  };
  const strike = (): void => {
    const key = 40 + whole(45);
    if (!keys.includes(key)) keys.push(key);
    take(IN.midi, 0x90, key, 20 + whole(100), now);
  };
  const rest = async (): Promise<void> => {
    while (keys.length > 0) letGo();
    take(IN.midi, 0xb0, 64, 0, now);
    for (const [id, { role }] of sounding) if (role === HARMONISE) fail(`harmony ${id} outlives its key`);
    await pass(now + LONGEST);
    for (const [id, { role, start }] of sounding) if (now - start > LONGEST) fail(`note ${id} of ${ROLES[role]} hangs`);
  };
  const act: readonly [number, () => void | Promise<void>][] = [
    [40, strike],
    [36, () => (keys.length > 0 ? letGo() : strike())],
    [3, () => take(IN.midi, 0xb0, 64, whole(2) * 127, now)],
    [4, () => {
      const param = whole(PARAM_NAMES.length);
      const { min, max, curve } = PARAMS[PARAM_NAMES[param] as keyof typeof PARAMS];
      const value = min + coin() * (max - min);
      take(IN.param, param, curve === 'whole' ? Math.round(value) : value);
    }],
    [2, () => take(IN.patch, whole(PATCHES.length))],
    [0.5, () => take(IN.panic)],
    [0.7, () => take(running ? IN.stop : IN.play)],
    [1, () => running || take(IN.play)],
    [1, rest],
    [5, () => pass(now + 400 + coin() * 3000)],
  ];
  const total = act.reduce((sum, [weight]) => sum + weight, 0);
  for (let event = 0; event < EVENTS; event++) {
    let at = coin() * total;
    await (act.find(([weight]) => (at -= weight) < 0) ?? (act[0] as (typeof act)[number]))[1]();
    await pass(now + (coin() < 0.3 ? 0 : coin() * 160));
  }
  await rest();
  take(IN.stop);
  expect({ seed, ledger: stage.ledger.sounding(), synth: synth.sounding, pedals: synth.pedalsDown, open: sounding.size }).toEqual({ seed, ledger: 0, synth: 0, pedals: 0, open: 0 });
  const { answers, harmonies, fromModel, fallback, dropped } = stage.counters;
  expect({ seed, outcomes: fromModel + fallback + dropped - scheduler.dropped - scheduler.refused }).toEqual({ seed, outcomes: answers + harmonies });
  expect(again(log)).toEqual(told);
  return { ...stage.counters, ...Object.fromEntries([...byRole].map(([role, count]) => [ROLES[role] as string, count])) };
};

/** What a fresh stage tells of the same records. */
const again = (log: readonly (readonly number[])[]): number[][] => {
  const told: number[][] = [];
  const stage = new Stage(PATCHES, { send: () => {}, ask: () => {}, tell: (...numbers) => told.push(numbers as number[]) > 0 }, ms(0), CAST);
  for (const each of log) stage.take(Float64Array.from(each), each.at(-1) as Ms);
  return told;
};

it(`stays sound with models of every kind over ${EVENTS * SEEDS} random events, and replays`, { timeout: 300_000 }, async () => {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) for (const [name, value] of Object.entries(await play(seed))) sums[name] = (sums[name] ?? 0) + value;
  if (process.env.SHOW) console.log(sums);
  // The evenings were rich enough to mean something.
  for (const name of ['harmonies', 'answers', 'fromModel', 'fallback', 'stale', 'respond', 'continue', 'harmonise', 'accompany', 'bass', 'drum']) expect([name, sums[name]! > 20]).toEqual([name, true]);
});
