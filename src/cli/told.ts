import { RECORD, type Ring } from '../core/ring.ts';
import { ms, pitch, type Channel } from '../core/units.ts';
import { ROLES, type Role, type Told } from '../live/command.ts';
import { PARAM_NAMES, type ParamName } from '../live/params.ts';
import { channelOf, toPlayed } from '../midi/message.ts';
import { IN, NO_LOOP, OUT } from '../stage/records.ts';

/** What clients are told of a record of the stage's, in or out; null where it is none of their business. */
export const toldOf = (r: Float64Array): Told | null => {
  const [code, a, b, c, d, e, f, now] = r as unknown as [number, number, number, number, number, number, number, number];
  const role = ROLES[b] as Role;
  if (code === OUT.sounded) return { kind: 'note', id: a, role, pitch: pitch(c), velocity: d, channel: e as Channel, wanted: ms(f), sent: ms(now) };
  if (code === OUT.ended) return { kind: 'note', id: a, role, pitch: pitch(c), velocity: 0, channel: d as Channel, wanted: ms(now), sent: ms(now) };
  if (code === OUT.withdrawn) return { kind: 'withdraw', id: a };
  if (code === OUT.param || code === IN.param) return { kind: 'param', name: PARAM_NAMES[a] as ParamName, value: b };
  if (code !== IN.midi) return null;
  const played = toPlayed(a, b, c, ms(d));
  if (!played || played.kind === 'control') return null;
  return { kind: 'note', id: 0, role: 'player', pitch: played.pitch, velocity: played.kind === 'on' ? played.velocity : 0, channel: channelOf(a), wanted: played.time, sent: ms(now) };
};

/** What is said of our own output coming back into an input, `lag` milliseconds later; or no longer. */
export const loopTold = (input: string, lag: number): Extract<Told, { kind: 'error' }> =>
  lag === NO_LOOP
    ? { kind: 'error', code: 'loop.over', message: `Your output no longer comes back into input ${input}: it is heard in full again.` }
    : { kind: 'error', code: 'loop.found', message: `Your output comes back into input ${input}, ${lag.toFixed(1)} ms later: what comes back is left out. Pull that cable, or turn monitoring or local thru off where it goes round.` };

/** Who is told first: of what is heard, then of what was withdrawn, then of all else. */
const RANKS: ReadonlyMap<number, number> = new Map([[OUT.sounded, 0], [OUT.ended, 0], [OUT.withdrawn, 1]]);
const rankOf = ([code]: Float64Array): number => RANKS.get(code as number) ?? 2;

const isParam = ([code]: Float64Array): boolean => code === OUT.param || code === IN.param;

/**
 * Takes out what the stage has told, and gives it as it was. Who waits for a note or its end comes before who is told what was withdrawn or what they did themselves.
 * Of a knob that was turned on meanwhile only where it stands is told: to tell a room of clients each of a thousand turns a second takes a processor.
 */
export const drainTold = (ring: Ring, tell: (record: Float64Array) => void): readonly Float64Array[] => {
  const record = new Float64Array(RECORD);
  const records: Float64Array[] = [];
  while (ring.pop(record)) records.push(record.slice());
  const stands = new Map(records.filter(isParam).map((each) => [each[1], each]));
  const told = records.filter((each) => !isParam(each) || stands.get(each[1]) === each).sort((a, b) => rankOf(a) - rankOf(b));
  for (const each of told) tell(each);
  return records;
};
