import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coins, type Coin } from '../core/rng.ts';
import { percentiles, type Percentiles } from '../core/statistics.ts';
import { ROLES } from '../live/command.ts';
import { HARMONY_DEADLINE } from '../live/harmonise.ts';
import { IN, OUT } from '../stage/records.ts';
import { machineLine } from './machine.ts';
import { TRANSPORTS, type Transport } from './bench-transports.ts';
import { freePort, startDaemon } from './spawned.ts';
import { pause, stateOf } from './steer.ts';

/** What came of what was played while each step of the models took `factor` times as long. */
export interface SlowedFigures {
  readonly factor: number;
  readonly patch: string;
  /** Keys that were to be harmonised, of these the share that were, and of the notes due the share that sounded on time. */
  readonly keys: number;
  readonly harmonised: number;
  readonly onTime: number;
  /** Milliseconds from a key to the stage: no model has a part in that. */
  readonly arrival: Percentiles;
  /** Answers that were due (chunks, where a role plays on the clock), and those that sounded. */
  readonly answers: { readonly due: number; readonly sounded: number };
  /**
   * Of the notes of harmony due, where there are any, else of the answers: those that sounded and came from the model, those that sounded
   * and came from the fallback, and those that did not sound. Together they are all.
   */
  readonly shares: { readonly model: number; readonly fallback: number; readonly dropped: number };
  /** Times that an answer was moved, and notes of a backing that were left out. */
  readonly moved: number;
  readonly late: number;
  /** Milliseconds after the wanted time: of harmony from the key, of all else from the grid. */
  readonly harmonyLateness: Percentiles;
  readonly lateness: Percentiles;
}

export interface SlowedReport {
  readonly machine: string;
  readonly engine: string;
  readonly stepMs: number;
  readonly realtime: boolean;
  readonly figures: readonly SlowedFigures[];
}

interface Settings {
  readonly factors: readonly number[];
  readonly phrases: number;
  readonly engine: string;
}

/** Each patch, the notes of harmony a key is due with it, and whether each phrase is due an answer. */
const PLAYED = [
  { patch: 'duet', voices: 1, answers: true },
  { patch: 'call-and-response', voices: 0, answers: true },
  { patch: 'harmony', voices: 2, answers: false },
  { patch: 'continuo', voices: 0, answers: false },
  { patch: 'combo', voices: 0, answers: false },
] as const;
const HARMONISE = ROLES.indexOf('harmonise');
/** The fallback sounds at the deadline; so much more is the machine's own lateness. */
const SLACK = 3;
/** An answer that has not begun this long after its phrase does not come. */
const PATIENCE = 6000;
const QUIET = 700;

/** Plays to a daemon whose models are slowed, for each factor and patch, and reads in its log what came of it. */
export const benchSlowed = async ({ factors, phrases, engine }: Settings): Promise<SlowedReport> => {
  const figures: SlowedFigures[] = [];
  let about = { engine, stepMs: NaN, realtime: false };
  for (const factor of factors) {
    for (const { patch, voices, answers } of PLAYED) {
      const folder = mkdtempSync(join(tmpdir(), 'antiphon-slowed-'));
      const back = await freePort();
      const daemon = await startDaemon([patch, '--engine', engine, '--no-midi', '--slow', String(factor), '--osc-out', `127.0.0.1:${back}`, '--record', folder]);
      try {
        // OSC's thread has the stage's priority, nearly: what is late by the client's or main's is none of the models'.
        const played = (await TRANSPORTS[0]?.({ osc: { port: daemon.osc, back }, ws: daemon.http })) as Transport;
        const answered = await perform(played, phrases, answers);
        played.close();
        await pause(500);
        const state = await stateOf(daemon.http);
        about = { engine: state.engine, stepMs: state.stepMs, realtime: daemon.realtime };
        await daemon.stop();
        const { keys, harmonies, late, harmonyLate, byModel, arrivals } = fromLog(folder);
        const counted = (name: string): number => state.counters[name] ?? 0;
        // A fallback that goes on where the model broke off can give a key a note more.
        const notes = [...harmonies.values()].reduce((sum, sounded) => sum + Math.max(voices, sounded), (keys - harmonies.size) * voices);
        const [due, model, fallback] = voices > 0 ? [notes, byModel, harmonyLate.length - byModel] : [counted('answers'), counted('fromModel'), counted('fallback')];
        figures.push({
          factor,
          patch,
          keys: voices > 0 ? keys : 0,
          harmonised: voices > 0 ? harmonies.size / keys : NaN,
          onTime: voices > 0 ? harmonyLate.filter((each) => each <= HARMONY_DEADLINE + SLACK).length / due : NaN,
          arrival: percentiles(arrivals),
          answers: answers ? { due: phrases, sounded: answered } : voices > 0 ? { due: 0, sounded: 0 } : { due: counted('answers'), sounded: counted('answers') - counted('dropped') },
          shares: { model: model / due, fallback: fallback / due, dropped: (due - model - fallback) / due },
          moved: counted('moved'),
          late: counted('late'),
          harmonyLateness: percentiles(harmonyLate),
          lateness: percentiles(late),
        });
      } finally {
        await daemon.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  return { machine: machineLine(), ...about, figures };
};

/** Plays phrases with single notes and chords, and lets each be answered where it is to be; the number answered. */
const perform = async (played: Transport, phrases: number, answers: boolean): Promise<number> => {
  let answered = 0;
  let sounding = 0;
  let last = 0;
  played.heard((_pitch, role, _wanted, velocity) => {
    if (role !== 'respond') return;
    sounding += velocity > 0 ? 1 : -1;
    last = performance.now();
  });
  const coin = coins(23);
  for (let n = 0; n < phrases; n++) {
    await phrase(played, coin);
    const ended = performance.now();
    if (!answers) await pause(300);
    else while (performance.now() < ended + PATIENCE && !(last > ended && sounding === 0 && performance.now() - last > QUIET)) await pause(20);
    if (last > ended) answered++;
  }
  return answered;
};

/** Five to ten strikes at a player's pace, one in five of them a chord. */
const phrase = async (played: Transport, coin: Coin): Promise<void> => {
  const strikes = 5 + Math.floor(coin() * 6);
  for (let n = 0; n < strikes; n++) {
    const root = 60 + Math.floor(coin() * 14);
    const keys = coin() < 0.2 ? [root, root + 4, root + 7] : [root];
    for (const pitch of keys) played.strike(pitch, 50 + Math.floor(coin() * 60));
    await pause(70 + 130 * coin());
    for (const pitch of keys) played.strike(pitch, 0);
    await pause(20 + 40 * coin());
  }
};

interface Read {
  keys: number;
  /** Notes of harmony that sounded, by the time of their key. */
  readonly harmonies: Map<number, number>;
  readonly late: number[];
  readonly harmonyLate: number[];
  /** Notes of harmony that sounded as the model's completion came. */
  byModel: number;
  readonly arrivals: number[];
}

const fromLog = (folder: string): Read => {
  const session = join(folder, readdirSync(folder)[0] as string, 'session.jsonl');
  const read: Read = { keys: 0, harmonies: new Map(), late: [], harmonyLate: [], byModel: 0, arrivals: [] };
  let cause = NaN;
  for (const line of readFileSync(session, 'utf8').trim().split('\n').slice(1)) {
    const [code, a, b, c, time, , wanted, now] = JSON.parse(line) as [number, number, number, number, number, number, number, number];
    // What the stage does stands behind the record that it does it for.
    if (code < OUT.sounded) cause = code;
    if (code === IN.midi && (a & 0xf0) === 0x90 && c > 0) {
      read.keys++;
      read.arrivals.push(now - time);
    } else if (code === OUT.sounded) {
      (b === HARMONISE ? read.harmonyLate : read.late).push(now - wanted);
      if (b === HARMONISE) read.harmonies.set(wanted, (read.harmonies.get(wanted) ?? 0) + 1);
      if (b === HARMONISE && cause === IN.harmony) read.byModel++;
    }
  }
  return read;
};
