import { ms, type Ms, type Pitch } from '../core/units.ts';
import type { Ask } from '../live/ask.ts';
import { ROLES } from '../live/command.ts';
import { DRAWN_BY } from '../live/drawing.ts';
import { TOGETHER, type Foresight } from '../live/foresight.ts';
import { PARAM_NAMES } from '../live/params.ts';

const HARMONISE = ROLES.indexOf('harmonise');
const HEEDED: ReadonlySet<number> = new Set(DRAWN_BY.map((name) => PARAM_NAMES.indexOf(name)));

type Harmony = Extract<Ask, { kind: 'harmony' }>;

/**
 * The stage's end of what is foreseen: says whether a struck key is answered there, and from which sight. A chord's keys are all answered from
 * where the music stood before it, as the choir has it.
 */
export class Prompter {
  private readonly board: Foresight;
  private generation = 0;
  private changed = false;
  private plan = 0;
  private time: Ms = ms(-Infinity);
  /** The sight of the chord's first key, and its generation; 0 where it had none. */
  private sight = 0;
  private sightOf = 0;

  constructor(board: Foresight) {
    this.board = board;
  }

  /** Hears what models are told: what changes roles, or parameters that harmony hangs on, leaves nothing of what is foreseen. */
  hear(ask: Ask): void {
    if (ask.kind !== 'role' && !(ask.kind === 'param' && ask.role === HARMONISE && HEEDED.has(ask.param))) return;
    if (this.changed) return;
    this.changed = true;
    this.generation++;
  }

  /** What the models are to be told before they are asked anything more; null where nothing has changed. */
  news(): Extract<Ask, { kind: 'generation' }> | null {
    if (!this.changed) return null;
    this.changed = false;
    return { kind: 'generation', generation: this.generation };
  }

  /** The sight and the notes a key is answered with; null where the model must be asked. */
  answer({ plan, pitch, time }: Harmony): { readonly sight: number; readonly notes: readonly Pitch[] } | null {
    const chord = time - this.time <= TOGETHER;
    const sight = chord ? (this.sightOf === this.generation ? this.sight : 0) : this.board.find(this.plan, this.generation, time);
    // Before the first key each was drawn in a key of its own: the others of its chord are in that of the first.
    this.sight = this.plan === 0 ? 0 : sight;
    this.plan = plan;
    this.time = time;
    this.sightOf = this.generation;
    const notes = this.board.read(sight, pitch);
    return notes && { sight, notes };
  }
}
