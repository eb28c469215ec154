/** No loop of cables, programs and networks takes longer, in milliseconds. */
export const LONGEST = 150;
/** A loop that is known may be so much slower than it was. Sooner than it was comes what was sent later in a sound system's period. */
const WANDERS = 8;
/** As many keys as a run can hold that was not found yet. */
const STRUCK = 32;

/** How a loop is told: by `enough` messages of so many velocities; from more than `chance` on, each is doubtful. */
interface Kind {
  /** Milliseconds between the least and the most lag. */
  readonly spread: number;
  readonly enough: number;
  readonly velocities: number;
  readonly chance: number;
  /** It returns nothing that was forwarded. */
  readonly ours: boolean;
}

/**
 * By so many messages in a row that came back within so many milliseconds of one lag. Cables are steady; a program that passes on what it
 * gets with each block of its audio is not, and needs more of them, of different velocities. Hands that double us with 10 ms of spread, and
 * as hard as we play, hit the one window one time in eight and the other two times in five.
 */
export const STEADY_KINDS: readonly Kind[] = [
  { spread: 3, enough: 8, velocities: 1, chance: 2, ours: false },
  { spread: 10, enough: 32, velocities: 4, chance: 16, ours: false },
];

/**
 * At any lag, by so many neighbours in a row that came back in order and close together. Hands that double us as hard as we play brought 10
 * at the most in 200 goes at each of three pieces, with 10 ms of spread or more, staccato or not; with 5 or 2 ms, which no hand has, 28.
 */
export const ORDERED_KIND: Kind = { spread: LONGEST, enough: 40, velocities: 4, chance: 20, ours: true };

/** For each of those so many may have come apart: of what a network delays by chance, half do; of what hands detach, nearly all. */
export const APART = 2;

/** Messages that came back into one source, of one kind. */
export interface Run {
  readonly kind: Kind;
  /** Messages of it that have come back, one bit a source. */
  readonly returned: Int32Array;
  evidence: number;
  found: boolean;
  /** The least and the most lag of the run's messages. */
  least: number;
  most: number;
  /** Messages sent before this one have been looked at for not coming back. */
  judged: number;
  /** Statuses of which one came back: a loop may leave the others out. */
  readonly lines: Uint8Array;
  /** Keys that the run struck before it was found. */
  readonly struck: Int32Array;
  strikes: number;
  /** Velocities (or values) of its messages, and how many. */
  readonly velocities: Uint8Array;
  varied: number;
}

/** A run without messages. */
export const runOf = (kind: Kind, returned: Int32Array): Run => ({
  kind,
  returned,
  evidence: 0,
  found: false,
  least: 0,
  most: 0,
  judged: 0,
  lines: new Uint8Array(128),
  struck: new Int32Array(STRUCK),
  strikes: 0,
  velocities: new Uint8Array(128),
  varied: 0,
});

/** The run struck this key. */
export const strike = (run: Run, key: number): void => {
  if (run.strikes < STRUCK) run.struck[run.strikes++] = key;
};

/** The key is up. */
export const letGo = (run: Run, key: number): void => {
  const at = run.strikes > 0 ? run.struck.lastIndexOf(key, run.strikes - 1) : -1;
  if (at >= 0) run.struck[at] = run.struck[--run.strikes] as number;
};

/** The lags at which a message belongs to the run. */
export const leastOf = ({ kind, evidence, found, most }: Run): number => (evidence === 0 || found ? 0 : Math.max(0, most - kind.spread));
export const mostOf = ({ kind, evidence, found, least, most }: Run): number => (evidence === 0 ? LONGEST : found ? most + WANDERS : least + kind.spread);

/** The run begins again. */
export const clear = (run: Run): void => {
  run.evidence = 0;
  run.found = false;
  run.strikes = 0;
  run.lines.fill(0);
  run.velocities.fill(0);
  run.varied = 0;
};
