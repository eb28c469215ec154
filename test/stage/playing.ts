import { readFileSync } from 'node:fs';
import { ms, pitch, type Ms } from '../../src/core/units.ts';
import type { Ask, Completion } from '../../src/live/ask.ts';
import { ROLES, type Role } from '../../src/live/command.ts';
import { PARAM_NAMES, type ParamName, type ParamValues } from '../../src/live/params.ts';
import { readPatch, type Patch } from '../../src/live/patch.ts';
import { IN, OUT, pushCompletion } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';

/** A patch as shipped. */
export const shipped = (name: string): Patch => readPatch(readFileSync(new URL(`../../patches/${name}.json`, import.meta.url), 'utf8'), `${name}.json`);

/** A patch of roles in this order on channels 2, 3 and 4. */
export const patchOf = (kinds: readonly Exclude<Role, 'player'>[], params: Partial<ParamValues> = {}, rest: object = {}): Patch =>
  readPatch(JSON.stringify({ name: 'test', about: 'a test', inputs: [{ port: '*' }], outputs: [{ port: '*' }], roles: kinds.map((kind, i) => ({ kind, model: 'performance', channel: i + 2 })), params, ...rest }), 'test');

export const record = (...numbers: number[]): Float64Array => Float64Array.from({ length: 8 }, (_, i) => numbers[i] ?? 0);

type AskOf<K extends Ask['kind']> = Extract<Ask, { kind: K }>;

/** A stage in fake time, with hands to play it and an ear for what it says. */
export class Playing {
  readonly stage: Stage;
  now: Ms = ms(0);
  /** What sounded and ended since last taken, in words: `1500 respond on 64 v80`. */
  readonly said: string[] = [];
  readonly told: number[][] = [];
  readonly sent: number[][] = [];
  readonly asks: Ask[] = [];
  private readonly pitches = new Map<number, string>();

  constructor(patches: Patch | readonly Patch[]) {
    const tell = (...numbers: number[]): boolean => {
      this.told.push(numbers);
      this.hear(numbers);
      return true;
    };
    this.stage = new Stage(Array.isArray(patches) ? patches : [patches as Patch], { send: (...bytes) => this.sent.push(bytes as number[]), ask: (ask) => this.asks.push(ask), tell: tell as never }, ms(0));
    this.asks.length = 0;
  }

  on(key: number, velocity = 80, channel = 1): this {
    return this.midi(0x90 + channel - 1, key, velocity);
  }

  off(key: number, channel = 1): this {
    return this.midi(0x80 + channel - 1, key, 64);
  }

  control(controller: number, value: number): this {
    return this.midi(0xb0, controller, value);
  }

  midi(status: number, a: number, b: number, source = 0): this {
    return this.take(IN.midi, status, a, b, this.now, source, source);
  }

  param(name: ParamName, value: number): this {
    return this.take(IN.param, PARAM_NAMES.indexOf(name), value);
  }

  complete(...completions: readonly Completion[]): this {
    for (const completion of completions) pushCompletion((...numbers) => this.take(...(numbers as number[])) === this, completion);
    return this;
  }

  take(...numbers: number[]): this {
    this.stage.take(record(...numbers), this.now);
    return this;
  }

  /** Lets time pass, the stage waking when it wants to. */
  wait(time: number): this {
    const until = this.now + time;
    for (let next = this.stage.next(); next <= until; next = this.stage.next()) {
      this.now = ms(Math.max(next, this.now));
      this.stage.wake(this.now);
    }
    this.now = ms(until);
    return this;
  }

  /** Plays a key for `time`. */
  key(key: number, time: number, velocity = 80): this {
    return this.on(key, velocity).wait(time).off(key);
  }

  /** The last ask of a kind. */
  asked<K extends Ask['kind']>(kind: K): AskOf<K> {
    const found = this.asks.findLast((ask): ask is AskOf<K> => ask.kind === kind);
    if (!found) throw new Error(`Nothing was asked of kind ${kind}`);
    return found;
  }

  askedAll<K extends Ask['kind']>(kind: K): AskOf<K>[] {
    return this.asks.filter((ask): ask is AskOf<K> => ask.kind === kind);
  }

  /** What was said since last taken. */
  heard(): string[] {
    return this.said.splice(0);
  }

  private hear([code, id, a, b, c]: readonly number[]): void {
    if (code === OUT.sounded) {
      this.pitches.set(id as number, `${ROLES[a as number]} off ${b}`);
      this.said.push(`${this.now} ${ROLES[a as number]} on ${b} v${c}`);
    } else if (code === OUT.ended) this.said.push(`${this.now} ${this.pitches.get(id as number)}`);
    else if (code === OUT.withdrawn) this.said.push(`${this.now} withdrawn ${this.pitches.get(id as number)}`);
  }
}

/** A planned note in completions: struck at `time` for `duration`. */
export const noteOf = (plan: number, index: number, key: number, time: number, duration = 90, velocity = 70): Completion[] => [
  { kind: 'note', plan, index, pitch: pitch(key), velocity, time: ms(time) },
  { kind: 'off', plan, index, time: ms(time + duration) },
];
export const endOf = (plan: number, until: number): Completion => ({ kind: 'end', plan, until: ms(until) });
export const harmonyOf = (plan: number, ...keys: number[]): Completion[] => keys.map((key, index) => ({ kind: 'harmony', plan, index, pitch: pitch(key), last: index === keys.length - 1 }));
