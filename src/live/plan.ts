import { beats, ms, type Ms, type Pitch } from '../core/units.ts';
import { nextGrid, timeAt, type Timeline } from '../music/timeline.ts';
import type { Completion } from './ask.ts';
import type { RoleContext } from './role.ts';

/** A note whose end is not known yet is let go after this long. */
const LONGEST = ms(4000);
const SHORTEST = 20;
/** What sounds when the rest of its plan is dropped rings on for this long. */
const LET_GO = 600;
/** A note this late is still played where it stands; beyond it the plan moves. */
const TOLERANCE = 3;

interface PlannedNote {
  readonly pitch: Pitch;
  readonly velocity: number;
  readonly time: Ms;
  id: number;
  end: Ms | null;
  /** By how much it is played after `time`. */
  moved: number;
}

/** What has come of one plan. Until it is committed its notes are only kept; then they are planned as they come. */
export class PlanKeeper {
  readonly plan: number;
  readonly from: Ms;
  until: Ms;
  /** The model has grown it to `until`. */
  grown = false;
  committed = false;
  private readonly context: RoleContext;
  private readonly notes: PlannedNote[] = [];
  private moved = 0;
  /** The latest end of a note that has one. */
  private latest = -Infinity;

  constructor(context: RoleContext, plan: number, from: Ms, until: Ms) {
    this.context = context;
    this.plan = plan;
    this.from = from;
    this.until = until;
  }

  /** How many notes have come. */
  get size(): number {
    return this.notes.length;
  }

  /** When everything of it will have sounded. */
  get over(): Ms {
    return ms(Math.max(this.until + this.moved, this.latest));
  }

  take(completion: Completion, now: Ms, pulse: Timeline | null): void {
    if (completion.kind === 'note') {
      const { pitch, velocity, time } = completion;
      const note: PlannedNote = { pitch, velocity, time, id: 0, end: null, moved: 0 };
      this.notes[completion.index] = note;
      if (this.committed) this.place(note, now, pulse);
    } else if (completion.kind === 'off') {
      const note = this.notes[completion.index];
      if (!note) return;
      note.end = completion.time;
      this.latest = Math.max(this.latest, completion.time + (note.id > 0 ? note.moved : this.moved));
      if (note.id > 0) this.context.out.end(note.id, ms(completion.time + note.moved));
    } else if (completion.kind === 'end') this.grown = true;
  }

  /** The plan is to sound, from `start` if that is later than it was grown for: what has come of it is planned now. */
  commit(now: Ms, pulse: Timeline | null, start = this.from): void {
    this.committed = true;
    this.moved = Math.max(0, start - this.from);
    for (const note of this.notes) if (note) this.place(note, now, pulse);
  }

  /** It is over: no key is left down. */
  close(now: Ms): void {
    for (const note of this.notes) if (note && note.id > 0 && note.end === null) this.context.out.end(note.id, now);
    if (!this.grown) this.context.out.ask({ kind: 'cancel', plan: this.plan });
  }

  /** Takes back all of it, or what is wanted after `since`: what stays is let go soon where the model had not yet said when. */
  withdraw(now: Ms, since = -Infinity): void {
    for (const note of this.notes) {
      if (!note || note.id === 0) continue;
      if (note.time + note.moved > since) this.context.out.withdraw(note.id, now);
      else if (note.end === null) this.context.out.end(note.id, ms(since + LET_GO));
    }
    if (!this.grown) this.context.out.ask({ kind: 'cancel', plan: this.plan });
  }

  /** A note that can no longer be on time moves the rest of the plan: to the next beat where there is one, else by as much as it is late. */
  private place(note: PlannedNote, now: Ms, pulse: Timeline | null): void {
    const late = now - (note.time + this.moved);
    if (late > TOLERANCE) {
      this.moved += pulse ? delayToGrid(pulse, late) : late;
      this.context.out.count('moved');
    }
    note.id = this.context.nextId();
    note.moved = this.moved;
    const wanted = ms(note.time + this.moved);
    // A note that begins as late as the plan ends, or later, is a part of it too: the player takes it back like all others.
    this.latest = Math.max(this.latest, note.end === null ? wanted + SHORTEST : note.end + this.moved);
    const end = note.end === null ? wanted + LONGEST : note.end + this.moved;
    this.context.out.note(note.id, this.context.number, note.pitch, note.velocity, wanted, ms(Math.max(SHORTEST, end - wanted)));
  }
}

/** The least whole number of beats that makes up for `late` milliseconds. */
const delayToGrid = (pulse: Timeline, late: number): number => Math.ceil((late * pulse.bpm) / 60_000) * (60_000 / pulse.bpm);

/** The first beat at or after `time`; `time` itself without a pulse. */
export const nextBeat = (pulse: Timeline | null, time: Ms): Ms => (pulse ? timeAt(pulse, nextGrid(pulse, time, beats(1))) : time);

/** `length` milliseconds rounded up to whole beats; as it is without a pulse. */
export const wholeBeats = (pulse: Timeline | null, length: number): number => {
  if (!pulse) return length;
  const beat = 60_000 / pulse.bpm;
  return Math.max(1, Math.round(length / beat)) * beat;
};
