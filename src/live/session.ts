import { beats, bpm, ms, type Ms, type Pitch } from '../core/units.ts';
import { PEDALS, type Played } from '../music/note.ts';
import { WHAT } from '../music/performance.ts';
import { timeAt, withTempo, type Timeline } from '../music/timeline.ts';
import type { Ask, Completion } from './ask.ts';
import { ROLES, type PatchedRole } from './command.ts';
import { accompany } from './accompany.ts';
import { Continue } from './continue.ts';
import { drum } from './drum.ts';
import { Harmonise } from './harmonise.ts';
import { Keys, placeOf } from './keys.ts';
import { MidiClock } from './midi-clock.ts';
import { initialParams, PARAM_NAMES, type ParamName, type ParamValues } from './params.ts';
import { leadOf } from './offsets.ts';
import type { Patch } from './patch.ts';
import { Phrase } from './phrase.ts';
import { Pulse } from './pulse.ts';
import { Respond } from './respond.ts';
import { bound, type RoleContext, type RolePlayer, type SessionOut } from './role.ts';
import { Tonality } from './tonality.ts';

const MAKERS: Readonly<Record<PatchedRole, (context: RoleContext) => RolePlayer>> = {
  respond: (context) => new Respond(context),
  continue: (context) => new Continue(context),
  harmonise: (context) => new Harmonise(context),
  accompany,
  drum,
};
/** Their notes have no pitch that a model of pitches could learn from. */
const UNPITCHED = ROLES.indexOf('drum');
/** Beats a minute: a lower tempo stands for no clock. */
const SLOWEST = 20;
/** Modes that silence a channel (MIDI 1.0): all sound off, and from all notes off on. */
const isSilence = (controller: number): boolean => controller === 120 || controller >= 123;

interface ActiveRole {
  readonly number: number;
  /** Number of the model it plays with. */
  readonly model: number;
  readonly player: RolePlayer;
  params: ParamValues;
  guess: number;
}

/**
 * The performer's partner: hears what is played, asks the models and plans notes. Pure: its clock is the `now` it is given, which
 * must not run backwards. Realtime-safe but for small allocations, a budget of them a note.
 */
export class Session {
  running = true;
  private readonly out: SessionOut;
  /** Names of models by number. */
  private readonly cast: readonly string[];
  private readonly phrase = new Phrase();
  private readonly keys = new Keys();
  private readonly pulse = new Pulse();
  private readonly tonality = new Tonality();
  private roles: ActiveRole[] = [];
  private controllers: Patch['controllers'] = [];
  private base = initialParams();
  private clock: Timeline | null = null;
  private source: Patch['clock']['source'] = 'player';
  private readonly cable = new MidiClock();
  private told: Timeline | null = null;
  private ids = 1;
  private plans = 1;
  private readonly owners = new Map<number, ActiveRole>();

  constructor(patch: Patch, cast: readonly string[], out: SessionOut, now: Ms) {
    this.out = out;
    this.cast = cast;
    this.setPatch(patch, now);
  }

  /** What the parameters are, where no role has its own. */
  get params(): Readonly<ParamValues> {
    return this.base;
  }

  /** Beats a minute of the clock, or of the player where that can be told. */
  get bpm(): number | null {
    return (this.clock ?? this.pulse.known)?.bpm ?? null;
  }

  /** Another patch: all that was planned or sounds is withdrawn; what the player holds stays held. */
  setPatch(patch: Patch, now: Ms): void {
    this.silence(now);
    this.owners.clear();
    this.base = { ...initialParams(), ...patch.params };
    this.controllers = patch.controllers;
    this.source = patch.clock.source;
    if (patch.clock.bpm !== undefined && this.base.tempo === 0 && this.source === 'internal') this.base.tempo = Math.round(patch.clock.bpm);
    this.setClock(now);
    this.roles = patch.roles.map(({ kind, model, params }) => {
      const number = ROLES.indexOf(kind);
      const role = { number, model: this.cast.indexOf(model), params: { ...this.base, ...params }, guess: 0 } as ActiveRole & { player: RolePlayer };
      role.player = MAKERS[kind](this.contextOf(role, leadOf(patch)));
      return role;
    });
    this.tellModels();
  }

  /** Tells the models what they need to know beforehand. */
  tellModels(): void {
    this.told = null;
    for (const { number, model, params } of this.roles) {
      this.out.ask({ kind: 'role', role: number, model });
      PARAM_NAMES.forEach((name, param) => this.out.ask({ kind: 'param', role: number, param, value: params[name] }));
    }
  }

  setParam(name: ParamName, value: number, now: Ms): void {
    this.base[name] = value;
    for (const role of this.roles) {
      role.params[name] = value;
      this.out.ask({ kind: 'param', role: role.number, param: PARAM_NAMES.indexOf(name), value });
    }
    if (name === 'tempo') this.setTempo(now);
  }

  /** The parameters a controller of the player's moves. */
  controlled(controller: number, channel: number): ParamName[] {
    return this.controllers.filter((row) => row.cc === controller && (row.channel === undefined || row.channel === channel)).map((row) => row.param);
  }

  /** Hears what the player did on input `source`; what is `doubtful` may be our own come back, and takes no turn from us. */
  hear(played: Played, source: number, now: Ms, doubtful = false): void {
    if (played.kind === 'control') this.hearControl(played.controller, played.value, source, played.time, now);
    else {
      const place = placeOf(source, played.channel, played.pitch);
      if (played.kind === 'on') this.keyDown(place, played.pitch, played.velocity, played.time, now, doubtful);
      else this.keyUp(place, played.pitch, played.time, now);
    }
  }

  /** What was heard after `since` was not the player's: it is no phrase to answer. */
  disown(since: Ms): void {
    if (this.phrase.notes > 0 && this.phrase.first > since) this.phrase.clear();
  }

  /** Hears MIDI clock, where the patch says that it counts. */
  hearClock(what: 'clock' | 'start' | 'continue' | 'stop', time: Ms): void {
    if (this.source !== 'midi') return;
    if (what === 'clock') this.clock = this.cable.tick(time);
    else if (what === 'stop') {
      this.cable.stop();
      this.clock = null;
    } else this.cable.start(what === 'start');
  }

  complete(completion: Completion, now: Ms): void {
    if (completion.kind === 'guess') {
      for (const role of this.roles) if (role.number === completion.role) role.guess = completion.weights;
      return;
    }
    const role = this.owners.get(completion.plan);
    if (!role) this.out.count('stale');
    else role.player.complete(completion, now);
  }

  /** A note of ours sounded: the models are told. */
  sounded(role: number, pitch: Pitch, velocity: number, now: Ms): void {
    if (role !== UNPITCHED) this.out.ask({ kind: 'hear', time: now, what: WHAT.on + pitch, value: velocity, player: false });
  }

  ended(role: number, pitch: Pitch, now: Ms): void {
    if (role !== UNPITCHED) this.out.ask({ kind: 'hear', time: now, what: WHAT.off + pitch, value: 0, player: false });
  }

  advance(now: Ms): void {
    if (this.source === 'midi' && !this.cable.alive(now)) this.clock = null;
    if (this.pulse.due() <= now) {
      this.pulse.reckon();
      // Harmony is foreseen: the next key's is drawn before it is struck, on the pulse as it is now.
      if (this.running && this.roles.some(({ player }) => player instanceof Harmonise)) this.tellPulse();
    }
    if (this.running) for (const role of this.roles) role.player.advance(now);
  }

  /** When `advance` is next needed. */
  due(): Ms {
    let due = this.pulse.due() as number;
    if (this.running) for (const role of this.roles) due = Math.min(due, role.player.due());
    return ms(due);
  }

  play(now: Ms): void {
    // What was played before is not a phrase to answer now.
    if (!this.running) this.phrase.clear();
    this.running = true;
    this.setClock(now);
  }

  stop(now: Ms): void {
    this.silence(now);
    this.running = false;
  }

  /** All of ours is withdrawn, and the player's keys count as up. */
  panic(now: Ms): void {
    this.silence(now);
    this.releaseKeys(now);
  }

  /** The keys and pedals of an input that is gone count as up; of every one where none is named. */
  releaseKeys(now: Ms, source: number | null = null): void {
    const { sustained } = this.keys;
    this.keys.releaseAll((id, pitch, up) => {
      // The models heard of a key that is up when it went up.
      if (!up) this.out.ask({ kind: 'hear', time: now, what: WHAT.off + pitch, value: 0, player: true });
      this.silent(id, now);
    }, source);
    if (sustained && !this.keys.sustained) this.hearPedal(now);
  }

  private keyDown(place: number, pitch: Pitch, velocity: number, time: Ms, now: Ms, doubtful: boolean): void {
    const { phrase } = this;
    if (this.source === 'midi' && !this.cable.alive(now)) this.clock = null;
    // Where a role answers phrases, it says when one is over.
    if (phrase.notes > 0 && !this.answering && time > phrase.end(this.base, this.keys.down)) phrase.clear();
    const id = this.ids++;
    // Struck twice with no release between: the models hear a release for each strike.
    if (this.keys.isDown(place)) this.out.ask({ kind: 'hear', time, what: WHAT.off + pitch, value: 0, player: true });
    const before = this.keys.strike(place, id, pitch);
    if (before > 0) this.silent(before, now);
    phrase.on(time, velocity);
    this.tonality.hear(pitch);
    this.out.ask({ kind: 'hear', time, what: WHAT.on + pitch, value: velocity, player: true });
    if (this.running) for (const role of this.roles) if (!doubtful || !(role.player instanceof Respond)) role.player.keyDown(id, pitch, velocity, time);
    this.pulse.hear(time, velocity, pitch, now);
  }

  private keyUp(place: number, pitch: Pitch, time: Ms, now: Ms): void {
    if (!this.keys.isDown(place)) return;
    const id = this.keys.lift(place);
    this.phrase.off(time);
    this.out.ask({ kind: 'hear', time, what: WHAT.off + pitch, value: 0, player: true });
    if (id > 0) this.silent(id, now);
  }

  private hearControl(controller: number, value: number, source: number, time: Ms, now: Ms): void {
    const down = value >= 64;
    const ended = (id: number): void => this.silent(id, now);
    if (controller === PEDALS.sustain) {
      const { sustained } = this.keys;
      this.keys.pedal(source, down, ended);
      if (sustained !== this.keys.sustained) this.hearPedal(time);
    } else if (controller === PEDALS.sostenuto) this.keys.latch(source, down, ended);
    else if (isSilence(controller)) this.releaseKeys(now, source);
  }

  private hearPedal(time: Ms): void {
    this.out.ask({ kind: 'hear', time, what: this.keys.sustained ? WHAT.pedalDown : WHAT.pedalUp, value: 0, player: true });
  }

  private get answering(): boolean {
    return this.running && this.roles.some(({ player }) => player instanceof Respond);
  }

  private silent(id: number, now: Ms): void {
    for (const role of this.roles) role.player.keySilent(id, now);
  }

  private silence(now: Ms): void {
    for (const role of this.roles) role.player.silence(now);
    this.phrase.clear();
  }

  /** The clock begins at beat 0. */
  private setClock(now: Ms): void {
    this.clock = null;
    this.pulse.renew();
    this.setTempo(now);
  }

  /** The clock goes on from the beat it is at. */
  private setTempo(now: Ms): void {
    if (this.source === 'midi') return;
    const { tempo } = this.base;
    if (tempo < SLOWEST) this.clock = null;
    else this.clock = this.clock ? withTempo(this.clock, now, bpm(tempo)) : { time0: now, beat0: beats(0), bpm: bpm(tempo), revision: 1 };
  }

  private contextOf(role: ActiveRole, lead: Ms): RoleContext {
    const { keys, phrase, tonality } = this;
    const clock = (): Timeline | null => this.clock;
    const pulse = (): Timeline | null => this.clock ?? this.pulse.now;
    const grid = (): Timeline | null => this.clock ?? (this.source === 'midi' ? null : this.pulse.trusted);
    const player = {
      phrase,
      get clock() {
        return clock();
      },
      get down() {
        return keys.down;
      },
      get pulse() {
        return pulse();
      },
      get tonic() {
        return tonality.key;
      },
      get grid() {
        return grid();
      },
    };
    const out: SessionOut = { ...bound(this.out), ask: (ask) => this.ask(ask) };
    return {
      number: role.number,
      out,
      player,
      lead,
      params: () => role.params,
      guess: () => role.guess,
      nextId: () => this.ids++,
      nextPlan: () => {
        const plan = this.plans++;
        this.owners.set(plan, role);
        // Completions of plans this old are in nobody's mind any more.
        this.owners.delete(plan - 4096);
        return plan;
      },
    };
  }

  /** Music on a grid needs the pulse first; harmony is in a hurry. */
  private ask(ask: Ask): void {
    if (ask.kind === 'grow') this.pulse.reckon();
    if (ask.kind === 'grow' || ask.kind === 'harmony') this.tellPulse();
    this.out.ask(ask);
  }

  /** Tells the models the pulse, if it is another than they know. */
  private tellPulse(): void {
    const pulse = this.clock ?? this.pulse.known;
    if (pulse !== this.told) this.out.ask({ kind: 'pulse', bpm: pulse?.bpm ?? 0, phase: pulse ? timeAt(pulse, beats(Math.floor(pulse.beat0))) : ms(0) });
    this.told = pulse;
  }
}
