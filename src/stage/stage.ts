import { Histogram } from '../core/statistics.ts';
import { ms, type Channel, type Ms, type Pitch, type Velocity } from '../core/units.ts';
import type { Ask } from '../live/ask.ts';
import type { LatencyName } from '../live/latency.ts';
import { castOf } from '../live/cast.ts';
import { ROLES } from '../live/command.ts';
import { paramFromController, PARAM_NAMES, type ParamName } from '../live/params.ts';
import { offsetsOf } from '../live/offsets.ts';
import type { Patch } from '../live/patch.ts';
import { COUNTERS, type Counter } from '../live/role.ts';
import { Session } from '../live/session.ts';
import { Feedback, HEARD } from '../midi/feedback.ts';
import { Ledger, usedLines } from '../midi/ledger.ts';
import { channelOf, REALTIME, STATUS, statusOn, toPlayed } from '../midi/message.ts';
import { Scheduler, type Planned } from '../midi/scheduler.ts';
import { Lines, PORT, type Line } from './lines.ts';
import { IN, NO_LOOP, OUT, readCompletion, SOURCES, type Push } from './records.ts';

/** A note later than this is not played. */
export const LATE_LIMIT = ms(25);
/** Ports, page and OSC. */
const INPUTS = 18;
/** What is sent is forwarded from no source. */
const OURS = -1;
const TIMING = ['clock', 'start', 'continue', 'stop'] as const;
/** Harmony that may be asked for and not answered yet, at the most. */
const ASKED = 256;
const HARMONISE = ROLES.indexOf('harmonise');
const BASS = ROLES.indexOf('bass');

/** Where the stage's doings go; nothing here may block or throw. */
export interface StageOut {
  /** Goes to the outputs with this offset in milliseconds; absent: to those with none. */
  send(status: number, a: number, b: number, offset?: Ms): void;
  /** Another patch says from now on what offset an output has; nothing sounds. */
  tune?(patch: Patch): void;
  ask(ask: Ask): void;
  /** A record of `OUT`, with the stage's clock last. */
  tell: Push;
}

/**
 * Session, ledger and scheduler as one machine: records in, MIDI, asks and records out. Pure: with the same records at the same times it
 * does the same, which is how a log replays. Realtime-safe: yes, but for a budget of small allocations a note.
 */
export class Stage {
  readonly counters: Record<Counter, number> = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>;
  readonly latencies: Readonly<Record<LatencyName, Histogram>> = { input: new Histogram(), model: new Histogram(), harmony: new Histogram(), schedule: new Histogram() };
  /** When harmony was asked for, by the last digits of its plan. */
  private readonly askedAt = new Float64Array(ASKED);
  /** Of the outputs that have no offset. */
  readonly ledger: Ledger;
  readonly scheduler: Scheduler;
  readonly session: Session;
  readonly lines: Lines;
  /** The source whose message is being forwarded. */
  private forwarding = OURS;
  private readonly out: StageOut;
  private readonly patches: readonly Patch[];
  private patch: Patch;
  private channels: Channel[] = [];
  private now: Ms;

  /**
   * @param patches those that records of `IN.patch` choose from; the first is played
   * @param cast names of the models by the numbers that asks have for them
   */
  constructor(patches: readonly Patch[], out: StageOut, now: Ms, cast = castOf(patches)) {
    this.out = out;
    this.patches = patches;
    this.patch = patches[0] as Patch;
    this.now = now;
    const used = usedLines();
    this.lines = new Lines(patches.flatMap(offsetsOf), INPUTS, (offset) => this.lineOf(offset, used));
    this.lines.choose(offsetsOf(this.patch));
    this.ledger = this.lines.first.ledger;
    this.scheduler = this.lines.first.scheduler;
    this.channels = channelsOf(this.patch);
    this.session = new Session(
      this.patch,
      cast,
      {
        note: (id, role, pitch, velocity, wanted, duration) => this.plan(id, role, pitch, velocity, wanted, duration),
        end: (id, at) => this.endAt(id, at),
        withdraw: (id) => this.withdraw(id),
        ask: (ask) => {
          if (ask.kind === 'harmony') this.askedAt[ask.plan % ASKED] = this.now;
          out.ask(ask);
        },
        count: (what) => this.count(what),
      },
      now,
    );
  }

  /**
   * Takes one record at `now`, which must not run backwards; then does what is due. In this order, so that thru waits for nothing, and
   * a note that is due as the player takes the turn back is not heard.
   */
  take(r: Float64Array, now: Ms): void {
    this.now = now;
    const [code, a, b, c] = r as unknown as [number, number, number, number];
    const completion = readCompletion(r);
    if (completion) {
      if (completion.kind === 'harmony' && completion.index === 0) this.latencies.model.record(now - (this.askedAt[completion.plan % ASKED] as number));
      this.session.complete(completion, now);
    } else if (code === IN.midi) this.midi(a, b, c, ms(Math.min(r[4] as number, now)), r[5] as number, r[6] as number, now);
    else if (code === IN.param) this.session.setParam(PARAM_NAMES[a] as ParamName, b, now);
    else if (code === IN.play) this.session.play(now);
    else if (code === IN.stop) {
      this.session.stop(now);
      // Notes of plans that were replaced ring on: not after a stop.
      this.lines.withdrawAll(now);
    } else if (code === IN.panic) {
      this.session.panic(now);
      this.lines.withdrawAll(now);
      this.lines.panic();
    } else if (code === IN.patch) this.setPatch(this.patches[a] as Patch, now);
    else if (code === IN.clock) this.clock(a, ms(Math.min(b, now)));
    else if (code === IN.modelBack) this.session.tellModels();
    else if (code === IN.inputLost) this.inputLost(a, now);
    else if (code === IN.outputLost) this.lines.outputsLost();
    else if (code === IN.outputBack) this.lines.outputsBack();
    this.wake(now);
  }

  /** Does what is due. */
  wake(now: Ms): void {
    this.now = now;
    this.lines.advance(now, LATE_LIMIT);
    if (this.session.due() <= now) {
      this.session.advance(now);
      this.lines.advance(now, LATE_LIMIT);
    }
  }

  /** When `wake` is next needed. */
  next(): Ms {
    return ms(Math.min(this.lines.next(), this.session.due()));
  }

  /** Ends all that sounds, for good. */
  close(now: Ms): void {
    this.now = now;
    this.session.panic(now);
    this.lines.withdrawAll(now);
    this.lines.panic();
  }

  /** What plays to the outputs with an offset. What it plays beside the first line, clients and models need not know. */
  private lineOf(offset: Ms, used: Uint8Array): Line {
    const { out } = this;
    const feedback: Feedback = new Feedback(INPUTS, { found: (source, lag) => this.loopFound(feedback, source, lag), lost: (source) => this.loopLost(source) });
    const ledger = new Ledger(
      (_port, status, a, b) => {
        if (offset === 0) out.send(status, a, b);
        else out.send(status, a, b, offset);
        feedback.sent(status, a, b, this.now, this.forwarding);
      },
      undefined,
      used,
    );
    const missed = (): void => this.count('dropped');
    const scheduler =
      offset === 0
        ? new Scheduler(ledger, {
            sounded: (note) => {
              feedback.told(statusOn(STATUS.on, note.channel), note.pitch, note.velocity, this.now);
              this.sounded(note);
            },
            ended: (note) => {
              feedback.told(statusOn(STATUS.off, note.channel), note.pitch, 0, this.now);
              this.ended(note);
            },
            missed: ({ id }) => {
              missed();
              this.lines.withdrawAside(id, this.now);
            },
          })
        : new Scheduler(ledger, { sounded: ({ role }, now, due) => role !== HARMONISE && this.latencies.schedule.record(now - due), ended: () => {}, missed }, undefined, offset);
    return { scheduler, ledger, feedback };
  }

  private clock(status: number, time: Ms): void {
    const what = TIMING.find((name) => REALTIME[name] === status);
    if (what) this.session.hearClock(what, time);
  }

  private midi(status: number, a: number, b: number, time: Ms, source: number, row: number, now: Ms): void {
    this.latencies.input.record(now - time);
    const heard = this.lines.judge(source, status, a, b, time);
    if (heard === HEARD.looped) {
      this.count('looped');
      return;
    }
    const input = source < SOURCES.page ? this.patch.inputs[row] : undefined;
    const channel = channelOf(status);
    if (input?.channels && !input.channels.includes(channel)) return;
    if (input?.thru) {
      this.forwarding = source;
      this.thru(status, a, b, source, channel);
      this.forwarding = OURS;
    }
    const played = toPlayed(status, a, b, time);
    if (!played) return;
    if (played.kind === 'control') {
      for (const name of this.session.controlled(played.controller, channel)) {
        const value = paramFromController(name, played.value);
        this.session.setParam(name, value, now);
        this.out.tell(OUT.param, PARAM_NAMES.indexOf(name), value, 0, 0, 0, 0, now);
      }
    }
    this.session.hear(played, source, now, heard === HEARD.doubtful);
  }

  /** What comes back into a source is ours: what it has begun is ended, and is no phrase to answer. */
  private loopFound(feedback: Feedback, source: number, lag: Ms): void {
    const { now } = this;
    // Of a crowd nobody can say whose is whose: all of it ends.
    if (feedback.isCrowd(source)) this.release(source, now);
    feedback.struck(source, (channel, pitch) => {
      this.lines.release(thruOwner(source, channel, pitch));
      this.session.hear({ kind: 'off', pitch: pitch as Pitch, channel, time: now }, source, now);
    });
    this.session.disown(feedback.lastOwn);
    this.out.tell(OUT.loop, source, lag, 0, 0, 0, 0, now);
  }

  private loopLost(source: number): void {
    this.out.tell(OUT.loop, source, NO_LOOP, 0, 0, 0, 0, this.now);
  }

  /** Every channel message goes on unchanged; the player's own notes are owned by their key. */
  private thru(status: number, a: number, b: number, source: number, channel: Channel): void {
    const owner = thruOwner(source, channel, a);
    const kind = status & 0xf0;
    if (kind === STATUS.on && b > 0) this.lines.strike(owner, channel, a, b);
    else if (kind === STATUS.on || kind === STATUS.off) this.lines.release(owner, kind === STATUS.off ? b : undefined);
    else if (kind === STATUS.control) this.lines.control(-1 - source, channel, a, b);
    else this.lines.pass(status, a, b);
  }

  private inputLost(source: number, now: Ms): void {
    this.lines.forget(source);
    this.release(source, now);
  }

  /** Lets go of all keys of a source. */
  private release(source: number, now: Ms): void {
    this.session.releaseKeys(now, source);
    const first = -1 - (source * 17 + 17) * 128;
    this.lines.releaseAll((owner) => owner === -1 - source || (owner > first && owner <= -1 - source * 17 * 128));
  }

  private setPatch(patch: Patch, now: Ms): void {
    this.session.setPatch(patch, now);
    this.lines.withdrawAll(now);
    this.lines.releaseAll((owner) => owner < 0);
    this.lines.choose(offsetsOf(patch));
    this.out.tune?.(patch);
    this.patch = patch;
    this.channels = channelsOf(patch);
  }

  private plan(id: number, role: number, pitch: Pitch, velocity: number, wanted: Ms, duration: Ms): void {
    const channel = this.channels[role] ?? (1 as Channel);
    this.lines.plan({ id, role, epoch: 0, port: PORT, channel, pitch, velocity: velocity as Velocity, wanted, duration, atOnce: role === HARMONISE, known: this.now });
  }

  private endAt(id: number, at: Ms): void {
    this.lines.endAt(id, at, this.now);
  }

  private withdraw(id: number): void {
    const sounding = this.ledger.has(id);
    if (this.lines.withdraw(id, this.now) && sounding) this.out.tell(OUT.withdrawn, id, 0, 0, 0, 0, 0, this.now);
  }

  private sounded(note: Planned): void {
    const { id, role, pitch, velocity, channel, wanted } = note;
    this.latencies[role === HARMONISE ? 'harmony' : 'schedule'].record(this.now - wanted);
    this.out.tell(OUT.sounded, id, role, pitch, velocity, channel, wanted, this.now);
    this.session.sounded(role, pitch, velocity, this.now);
  }

  private ended({ id, role, pitch, channel }: Planned): void {
    this.out.tell(OUT.ended, id, role, pitch, channel, 0, 0, this.now);
    this.session.ended(role, pitch, this.now);
  }

  private count(what: Counter): void {
    this.counters[what]++;
  }
}

/** Who owns what of the player's passes through: its key. */
const thruOwner = (source: number, channel: number, pitch: number): number => -1 - ((source * 17 + channel) * 128 + pitch);

const channelsOf = (patch: Patch): Channel[] => {
  const channels: Channel[] = [];
  for (const { kind, channel, bass } of patch.roles) {
    channels[ROLES.indexOf(kind)] = channel;
    if (bass !== undefined) channels[BASS] = bass;
  }
  return channels;
};
