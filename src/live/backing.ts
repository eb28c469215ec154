import { beats, ms, type Beats, type Ms, type Pitch } from '../core/units.ts';
import { beatAt, timeAt, type Timeline } from '../music/timeline.ts';
import type { Completion } from './ask.ts';
import { BackingNotes } from './backing-notes.ts';
import { keepTime } from './keep-time.ts';
import type { RoleContext, RolePlayer } from './role.ts';

/** How a role plays on the clock. */
export interface BackingManner {
  /** Beats that are asked for at a time; a bar holds a whole number of such. */
  readonly chunk: number;
  /** Beats before a chunk begins that it is asked for. */
  readonly ahead: number;
  /** Where it is asked for as late as it can be: how much later than the player's its time is, and how long before its time the model is asked, in milliseconds. A model that takes longer is asked sooner, `ahead` at the most. */
  readonly waits?: { readonly after: number; readonly answers: number };
  /** Whether a chunk that did not come in time is the one before once more; else what sounds goes on for a beat. */
  readonly repeats: boolean;
  /** The role that a plan's bass notes sound as. */
  readonly bass: number;
  /** How hard a note is struck, of what the model says and the player's own velocity. */
  readonly force: (velocity: number, players: number, softness: number) => number;
}

/** What the model has at least to begin, in milliseconds. */
const LEAD = 150;
/** A model is given so many times what it lately took, and what it took is forgotten by so much with each answer. */
const LEISURE = 2;
const FORGETTING = 0.9;
/** What is left open by a model that is late sounds so many beats on. */
const LET_GO = 1;

interface Chunk {
  readonly plan: number;
  /** What the model was told that time is. */
  timeline: Timeline;
  from: Beats;
  until: Beats;
  /** The model has said all of it. */
  grown: boolean;
  /** Notes of it that came. */
  came: number;
  /** When it was asked for, where how long the model takes is to be told from it: a new plan is told the past first. */
  asked: Ms | null;
}

/**
 * Plays on the clock, chunk by chunk, each asked for ahead of its time; goes on, and listens, while the player plays.
 * A chunk of which nothing came in time is replaced, and its plan given up for a new one from the next chunk on.
 */
export class Backing implements RolePlayer {
  private readonly context: RoleContext;
  private readonly manner: BackingManner;
  private readonly notes: BackingNotes;
  private readonly lead: number;
  /** Time as it is kept, and as it was last offered. */
  private timeline: Timeline | null = null;
  private offered: Timeline | null = null;
  private chunk: Chunk | null = null;
  /** Silenced, until the clock is another or the player plays. */
  private resting = false;
  /** What the model lately took to answer, in milliseconds. */
  private took = 0;

  constructor(context: RoleContext, manner: BackingManner) {
    this.context = context;
    this.manner = manner;
    this.lead = context.lead ?? 0;
    this.notes = new BackingNotes(context);
  }

  keyDown(_key: number, _pitch: Pitch, _velocity: number, _now: Ms): void {
    this.resting = false;
  }

  keySilent(): void {}

  complete(completion: Completion, now: Ms): void {
    const { chunk, timeline } = this;
    if (!chunk || !timeline || chunk.plan !== completion.plan) {
      this.context.out.count('stale');
      return;
    }
    if (chunk.asked !== null) {
      this.took = Math.max(now - chunk.asked, FORGETTING * this.took);
      chunk.asked = null;
    }
    if (completion.kind === 'note') this.strike(chunk, completion, timeline, now);
    else if (completion.kind === 'off') this.notes.end(completion.index, beatAt(chunk.timeline, completion.time), timeline);
    else if (completion.kind === 'end') {
      if (!chunk.grown) this.outcome('fromModel');
      chunk.grown = true;
    }
  }

  advance(now: Ms): void {
    this.keepTime(now);
    const { timeline, chunk } = this;
    if (!timeline || this.resting) return;
    if (!chunk) this.begin(timeline, this.nextBeat(timeline, now));
    else if (now < this.wakes(chunk, timeline)) return;
    else {
      if (chunk.grown) this.extend(chunk, timeline, now);
      // Late already: the thread slept through its beginning.
      if (now >= this.wakes(chunk, timeline)) this.replace(chunk, timeline, now);
    }
  }

  due(): Ms {
    if (this.context.player.grid !== this.offered) return ms(-Infinity);
    if (!this.timeline || this.resting) return ms(Infinity);
    return this.chunk ? this.wakes(this.chunk, this.timeline) : ms(-Infinity);
  }

  silence(now: Ms): void {
    this.drop(now);
    this.resting = true;
  }

  /** When the chunk at hand needs something done. */
  private wakes({ grown, came, from, until }: Chunk, timeline: Timeline): Ms {
    const { ahead, waits } = this.manner;
    if (!grown) return timeAt(timeline, came > 0 ? until : from);
    // An early output has its lead on all of it, what the player strikes on the beat unheard if need be.
    const soonest = timeAt(timeline, beats(until - ahead)) - this.lead;
    return ms(waits ? Math.max(soonest, timeAt(timeline, until) - this.lead - Math.max(waits.answers, LEISURE * this.took)) : soonest);
  }

  private keepTime(now: Ms): void {
    const { grid: players, clock } = this.context.player;
    if (players === this.offered) return;
    this.offered = players;
    const grid = players && { ...players, time0: ms(players.time0 + (this.manner.waits?.after ?? 0)) };
    if (!grid || !this.timeline || this.resting) {
      if (!grid) this.drop(now);
      this.resting &&= !grid;
      this.timeline = grid;
      return;
    }
    const { timeline, change } = keepTime(this.timeline, grid, players === clock, now, this.chunk?.until ?? beatAt(this.timeline, now));
    if (change === 'jumped') this.drop(now);
    else if (change === 'moved') this.notes.retime(timeline, now);
    this.timeline = timeline;
  }

  private begin(timeline: Timeline, from: Beats): void {
    const plan = this.context.nextPlan();
    const { chunk } = this.manner;
    const until = beats((Math.floor(from / chunk + 1e-6) + 1) * chunk);
    this.chunk = { plan, timeline, from, until, grown: false, came: 0, asked: null };
    this.tell(timeline);
    this.context.out.ask({ kind: 'grow', plan, role: this.context.number, from: timeAt(timeline, from), until: timeAt(timeline, until), density: 0, velocity: this.context.player.phrase.velocity, open: true });
  }

  private extend(chunk: Chunk, timeline: Timeline, now: Ms): void {
    const beyond = beats(chunk.from - this.manner.chunk);
    this.notes.forget(beyond, timeline, now);
    chunk.from = chunk.until;
    chunk.until = beats(chunk.until + this.manner.chunk);
    chunk.grown = false;
    chunk.came = 0;
    chunk.asked = now;
    if (timeline !== chunk.timeline) this.tell(timeline);
    chunk.timeline = timeline;
    this.context.out.ask({ kind: 'extend', plan: chunk.plan, until: timeAt(timeline, chunk.until) });
  }

  /** The model is late: its chunk is replaced, and another plan begins with the next one that can be in time. */
  private replace(chunk: Chunk, timeline: Timeline, now: Ms): void {
    const { repeats, chunk: length } = this.manner;
    this.context.out.ask({ kind: 'cancel', plan: chunk.plan });
    // It takes longer than this, who knows how much.
    if (chunk.asked !== null) this.took = Math.max(this.took, now - chunk.asked);
    this.outcome(chunk.came > 0 ? 'dropped' : 'fallback');
    if (chunk.came === 0 && repeats) this.notes.repeat(beats(chunk.from - length), beats(chunk.until - length), length, timeline, now);
    this.notes.close(beats(chunk.until + LET_GO), timeline);
    this.begin(timeline, beats(Math.max(chunk.until, this.nextBeat(timeline, now))));
  }

  private strike(chunk: Chunk, { index, pitch, velocity, time, bass }: Extract<Completion, { kind: 'note' }>, timeline: Timeline, now: Ms): void {
    const { player, number } = this.context;
    const force = this.manner.force(velocity, player.phrase.velocity, this.context.params().softness);
    chunk.came++;
    this.notes.strike(index, bass ? this.manner.bass : number, pitch, Math.max(1, Math.min(127, Math.round(force))), beatAt(chunk.timeline, time), timeline, now);
  }

  /** Each chunk is an answer: as the model has it, replaced, or with its end left out. */
  private outcome(what: 'fromModel' | 'fallback' | 'dropped'): void {
    this.context.out.count('answers');
    this.context.out.count(what);
  }

  private tell({ bpm, time0, beat0 }: Timeline): void {
    this.context.out.ask({ kind: 'grid', role: this.context.number, bpm, time: time0, beat: beat0 });
  }

  private nextBeat(timeline: Timeline, now: Ms): Beats {
    return beats(Math.ceil(beatAt(timeline, ms(now + LEAD + this.lead)) - 1e-6));
  }

  private drop(now: Ms): void {
    if (this.chunk) this.context.out.ask({ kind: 'cancel', plan: this.chunk.plan });
    this.chunk = null;
    this.notes.withdraw(now);
  }
}
