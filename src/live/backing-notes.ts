import { beats, clamp, ms, type Beats, type Ms, type Pitch } from '../core/units.ts';
import { timeAt, type Timeline } from '../music/timeline.ts';
import type { RoleContext } from './role.ts';

/** A note whose end is not known is let go after this long. */
const LONGEST = 4000;
const SHORTEST = 20;
/** A note this late is still played where it stands. */
const TOLERANCE = 3;

interface BackingNote {
  readonly id: number;
  readonly role: number;
  readonly pitch: Pitch;
  readonly velocity: number;
  readonly beat: Beats;
  /** When it is struck. */
  wanted: Ms;
  /** Null while it is not known. */
  end: Beats | null;
}

/** What a role that plays on the clock has planned, in beats, so that a change of tempo moves what has not sounded. Realtime-safe: yes, but for a note's own memory. */
export class BackingNotes {
  private readonly context: RoleContext;
  private notes: BackingNote[] = [];
  private readonly indexed = new Map<number, BackingNote>();

  constructor(context: RoleContext) {
    this.context = context;
  }

  /** Plans note `index` of the plan at hand; one that would be late is left out. */
  strike(index: number, role: number, pitch: Pitch, velocity: number, beat: Beats, timeline: Timeline, now: Ms): void {
    const wanted = timeAt(timeline, beat);
    if (now - wanted > TOLERANCE) {
      this.context.out.count('late');
      return;
    }
    const note: BackingNote = { id: this.context.nextId(), role, pitch, velocity, beat, wanted, end: null };
    this.notes.push(note);
    if (index >= 0) this.indexed.set(index, note);
    this.context.out.note(note.id, role, pitch, velocity, wanted, ms(LONGEST));
  }

  /** The end of note `index` is known. */
  end(index: number, beat: Beats, timeline: Timeline): void {
    const note = this.indexed.get(index);
    if (!note) return;
    this.indexed.delete(index);
    this.fix(note, beat, timeline);
  }

  /** The plan at hand says no more: what it left open ends at `beat`. */
  close(beat: Beats, timeline: Timeline): void {
    for (const note of this.indexed.values()) this.fix(note, beat, timeline);
    this.indexed.clear();
  }

  /** Plays what began from `from` to `until` once more, `by` beats later; how many notes that were. */
  repeat(from: Beats, until: Beats, by: number, timeline: Timeline, now: Ms): number {
    const again = this.notes.filter(({ beat }) => beat >= from && beat < until);
    for (const { role, pitch, velocity, beat, end } of again) {
      const later = beats(beat + by);
      if (now - timeAt(timeline, later) > TOLERANCE) continue;
      this.strike(-1, role, pitch, velocity, later, timeline, now);
      this.fix(this.notes.at(-1) as BackingNote, beats(later + ((end ?? beat + 1) - beat)), timeline);
    }
    return again.length;
  }

  /** Another tempo: what has not sounded moves with its beat, and what sounds ends with its. */
  retime(to: Timeline, now: Ms): void {
    const passed = new Set<BackingNote>();
    for (const note of this.notes) {
      const { id, role, pitch, velocity, beat } = note;
      if (note.wanted <= now) {
        if (note.end !== null) this.context.out.end(id, ms(Math.max(now, endOf(note, to))));
        continue;
      }
      note.wanted = timeAt(to, beat);
      if (note.wanted < now) {
        this.context.out.withdraw(id, now);
        this.context.out.count('late');
        passed.add(note);
      } else this.context.out.note(id, role, pitch, velocity, note.wanted, ms(endOf(note, to) - note.wanted));
    }
    if (passed.size > 0) this.notes = this.notes.filter((note) => !passed.has(note));
  }

  /** Forgets what began before `beat` and will have ended by now. */
  forget(beat: Beats, timeline: Timeline, now: Ms): void {
    this.notes = this.notes.filter((note) => note.beat >= beat || endOf(note, timeline) > now);
  }

  /** Takes all of it back. */
  withdraw(now: Ms): void {
    for (const { id } of this.notes) this.context.out.withdraw(id, now);
    this.notes = [];
    this.indexed.clear();
  }

  private fix(note: BackingNote, beat: Beats, timeline: Timeline): void {
    note.end = beat;
    this.context.out.end(note.id, endOf(note, timeline));
  }
}

/** When a note ends, as far as it is known: no note sounds longer than the longest. */
const endOf = ({ wanted, end }: BackingNote, timeline: Timeline): Ms =>
  ms(wanted + (end === null ? LONGEST : clamp(timeAt(timeline, end) - wanted, SHORTEST, LONGEST)));
