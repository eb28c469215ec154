import { ms, type Ms, type Pitch } from '../core/units.ts';
import type { Completion } from './ask.ts';
import { fallBack } from './fall-back.ts';
import type { RoleContext, RolePlayer } from './role.ts';

/** The model is waited for this long after the key was struck; then what it last guessed answers, or the rule. */
export const HARMONY_DEADLINE = ms(12);
/** Keys that can be waiting or sounding at once; beyond, a key gets no harmony. */
const MOST = 64;

interface Harmony {
  readonly key: number;
  readonly plan: number;
  readonly pitch: Pitch;
  readonly velocity: number;
  readonly wanted: Ms;
  readonly ids: number[];
  readonly pitches: Pitch[];
  waiting: boolean;
}

/** One to three notes under or over each note struck, at once, which end with it. */
export class Harmonise implements RolePlayer {
  private readonly context: RoleContext;
  private readonly open = new Map<number, Harmony>();

  constructor(context: RoleContext) {
    this.context = context;
  }

  keyDown(key: number, pitch: Pitch, velocity: number, now: Ms): void {
    const { voices } = this.context.params();
    if (voices < 1 || this.open.size >= MOST) return;
    const plan = this.context.nextPlan();
    this.open.set(key, { key, plan, pitch, velocity, wanted: now, ids: [], pitches: [], waiting: true });
    this.context.out.ask({ kind: 'harmony', plan, role: this.context.number, pitch, voices, time: now, foreseen: 0 });
  }

  keySilent(key: number, now: Ms): void {
    const harmony = this.open.get(key);
    if (!harmony) return;
    this.open.delete(key);
    // A note shorter than the model's thinking is not harmonised after its end.
    if (harmony.waiting) {
      this.context.out.ask({ kind: 'cancel', plan: harmony.plan });
      this.context.out.count('harmonies');
      this.context.out.count('dropped');
    }
    for (const id of harmony.ids) this.context.out.end(id, now);
  }

  complete(completion: Completion, _now: Ms): void {
    const harmony = this.ofPlan(completion.plan);
    if (!harmony?.waiting) {
      this.context.out.count('stale');
      return;
    }
    if (completion.kind === 'harmony') {
      this.sound(harmony, completion.pitch);
      if (!completion.last) return;
      harmony.waiting = false;
      this.context.out.count('harmonies');
      this.context.out.count('fromModel');
    } else if (completion.kind === 'end') this.withoutModel(harmony);
  }

  advance(now: Ms): void {
    for (const harmony of this.open.values()) {
      if (!harmony.waiting || now < harmony.wanted + HARMONY_DEADLINE) continue;
      this.context.out.ask({ kind: 'cancel', plan: harmony.plan });
      this.withoutModel(harmony);
    }
  }

  due(): Ms {
    let due = Infinity;
    for (const harmony of this.open.values()) if (harmony.waiting) due = Math.min(due, harmony.wanted + HARMONY_DEADLINE);
    return ms(due);
  }

  silence(now: Ms): void {
    for (const { ids, plan, waiting } of this.open.values()) {
      for (const id of ids) this.context.out.withdraw(id, now);
      if (waiting) this.context.out.ask({ kind: 'cancel', plan });
    }
    this.open.clear();
  }

  private ofPlan(plan: number): Harmony | null {
    for (const harmony of this.open.values()) if (harmony.plan === plan) return harmony;
    return null;
  }

  private withoutModel(harmony: Harmony): void {
    const { params, player, guess } = this.context;
    harmony.waiting = false;
    for (const pitch of fallBack(harmony.pitch, params(), player.tonic, guess())) if (!harmony.pitches.includes(pitch)) this.sound(harmony, pitch);
    this.context.out.count('harmonies');
    this.context.out.count('fallback');
  }

  private sound(harmony: Harmony, pitch: Pitch): void {
    const id = this.context.nextId();
    const velocity = Math.max(1, Math.round(harmony.velocity * this.context.params().softness));
    harmony.ids.push(id);
    harmony.pitches.push(pitch);
    this.context.out.note(id, this.context.number, pitch, velocity, harmony.wanted, ms(Infinity));
  }
}
