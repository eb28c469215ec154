import { velocityBin, velocityOf } from './performance.ts';

/**
 * Drums on a 16th grid with their human timing, after GrooVAE (Gillick et al. 2019): nine classes, each hit with how hard it is
 * and how far from its step. Hits of a step come in the order of the table; then `DRUM.step` goes on to the next step.
 */
export const DRUMS = [
  { name: 'kick', key: 36, keys: [35, 36] },
  { name: 'snare', key: 38, keys: [37, 38, 39, 40] },
  { name: 'closed hat', key: 42, keys: [22, 42, 44] },
  { name: 'open hat', key: 46, keys: [26, 46] },
  { name: 'low tom', key: 43, keys: [41, 43, 58] },
  { name: 'mid tom', key: 47, keys: [45, 47] },
  { name: 'high tom', key: 50, keys: [48, 50] },
  { name: 'crash', key: 49, keys: [49, 52, 55, 57] },
  { name: 'ride', key: 51, keys: [51, 53, 59] },
] as const satisfies readonly { readonly name: string; readonly key: number; readonly keys: readonly number[] }[];

/** What can happen beside a hit; `start` is input only. */
export const DRUM = { step: 9, start: 10 } as const;
const WHATS = 10;
const NO_FORCE = 32;
/** Offsets from half a step early to half a step late, a sixteenth of a step apart. */
const OFFSETS = 17;
const NO_OFFSET = OFFSETS;

/** The steps of the longest bar that is told. */
export const LONGEST_BAR = 32;
/** The styles the model can be told, by their first word in the Groove MIDI Dataset; 0 is for any. */
export const STYLES = ['any', 'afrobeat', 'afrocuban', 'blues', 'country', 'dance', 'funk', 'gospel', 'highlife', 'hiphop', 'jazz', 'latin', 'middleeastern', 'neworleans', 'pop', 'punk', 'reggae', 'rock', 'soul'] as const;
/** Whether a groove or a fill is wanted; 0 is for either. */
export const DRUM_KINDS = ['any', 'beat', 'fill'] as const;
const TEMPOS = 17;

/** What is told beside the hits: fed and never asked, 0 where it is not known. */
export const DRUM_PARTS = [
  { name: 'what', inputs: WHATS + 1, outputs: WHATS },
  { name: 'velocity', inputs: NO_FORCE + 1, outputs: NO_FORCE },
  { name: 'offset', inputs: OFFSETS + 1, outputs: OFFSETS },
  { name: 'place', inputs: LONGEST_BAR, outputs: 0 },
  { name: 'style', inputs: STYLES.length, outputs: 0 },
  { name: 'kind', inputs: DRUM_KINDS.length, outputs: 0 },
  { name: 'tempo', inputs: TEMPOS, outputs: 0 },
] as const;
/** The parts that a player may leave open, as indices. */
export const DRUM_CONDITIONS = [4, 5, 6] as const;
/** The event before the first. */
export const DRUM_START: readonly number[] = [DRUM.start, NO_FORCE, NO_OFFSET, 0, 0, 0, 0];

/** One hit: `drum` is a row of `DRUMS`, `offset` in steps from −0.5 (early) to 0.5, velocity 1 to 127. */
export interface Hit {
  readonly step: number;
  readonly drum: number;
  readonly velocity: number;
  readonly offset: number;
}

/** What is known of a piece for drums: steps a bar, and rows of `STYLES` and `DRUM_KINDS`. */
export interface DrumManner {
  readonly bar: number;
  readonly style: number;
  readonly kind: number;
  readonly bpm: number | null;
}

const drumOfKey = new Map<number, number>(DRUMS.flatMap(({ keys }, drum) => keys.map((key) => [key, drum] as const)));

/** The class a drum's key is folded to (General MIDI and Roland TD-11 maps); undefined for cowbells and the like. */
export const drumOf = (key: number): number | undefined => drumOfKey.get(key);

/** Tempo as the model is told it: twelve beats a minute to a bin, 0 where it is not known. */
export const tempoBin = (bpm: number | null): number => (bpm === null ? 0 : 1 + Math.max(0, Math.min(TEMPOS - 2, Math.floor((bpm - 40) / 12))));

const offsetBin = (offset: number): number => Math.max(0, Math.min(OFFSETS - 1, Math.round((offset + 0.5) * (OFFSETS - 1))));

/** How far a bin lies from its step, in steps from −0.5 (early) to 0.5. */
export const offsetOf = (bin: number): number => bin / (OFFSETS - 1) - 0.5;

/** Hits as events from step 0, the first of a bar, to the last hit; a silence of more than two bars loses whole bars. */
export const encodeDrums = (hits: readonly Hit[], { bar, style, kind, bpm }: DrumManner): number[][] => {
  const told = [style, kind, tempoBin(bpm)];
  const events: number[][] = [];
  let now = 0;
  let cut = 0;
  for (const { step, drum, velocity, offset } of oneEach(hits)) {
    const silence = step - cut - now;
    if (silence > 2 * bar) cut += Math.floor(silence / bar - 1) * bar;
    while (now < step - cut) events.push([DRUM.step, NO_FORCE, NO_OFFSET, ++now % bar, ...told]);
    events.push([drum, velocityBin(velocity), offsetBin(offset), now % bar, ...told]);
  }
  return events;
};

/** In playing order, the loudest of each class at a step. */
const oneEach = (hits: readonly Hit[]): Hit[] => {
  const loudest = new Map<number, Hit>();
  for (const hit of hits) {
    const at = hit.step * DRUMS.length + hit.drum;
    if (hit.velocity > (loudest.get(at)?.velocity ?? 0)) loudest.set(at, hit);
  }
  return [...loudest].sort((a, b) => a[0] - b[0]).map(([, hit]) => hit);
};

/** Events back to hits, the first at step 0. */
export const decodeDrums = (events: readonly (readonly number[])[]): Hit[] => {
  const hits: Hit[] = [];
  let step = 0;
  for (const [what, velocity, offset] of events as readonly (readonly [number, number, number])[]) {
    if (what === DRUM.step) step++;
    else if (what < DRUM.step) hits.push({ step, drum: what, velocity: velocityOf(velocity), offset: offsetOf(offset) });
  }
  return hits;
};

/** At one step each class strikes once, in the order of the table; the next step may always come. */
export class DrumGrammar {
  private last = -1;

  /** Realtime-safe: yes. */
  allows(what: number): boolean {
    return what === DRUM.step || (what < DRUM.step && what > this.last);
  }

  /** Realtime-safe: yes. */
  take(what: number): void {
    this.last = what < DRUM.step ? what : -1;
  }
}
