import { ms, type Ms } from '../core/units.ts';
import type { MuseModel } from '../live/instrument.ts';
import { Muse } from '../live/muse.ts';
import type { Patch } from '../live/patch.ts';
import type { Note } from '../music/note.ts';
import { channelOf, STATUS } from '../midi/message.ts';
import { IN, OUT, pushCompletion } from './records.ts';
import { Stage } from './stage.ts';

/** One MIDI message of the player's, at a time. */
export interface PlayerMessage {
  readonly time: Ms;
  readonly status: number;
  readonly a: number;
  readonly b: number;
}

/** A note that sounded, of a role; the player's have role 0. */
export interface Sounded extends Note {
  readonly role: number;
  readonly id: number;
  readonly wanted: Ms;
}

export interface Rehearsed {
  readonly notes: readonly Sounded[];
  readonly stage: Stage;
  /** Each record in, its time last, as the log has it. */
  readonly log: readonly (readonly number[])[];
  /** Each record out. */
  readonly told: readonly (readonly number[])[];
  readonly end: Ms;
}

/**
 * Plays messages in as the player in simulated time, models answering at once, until `tail` milliseconds after the last of them and
 * nothing more is due within it. The same messages, patch, models and seed give the same notes.
 */
export const rehearse = async (patch: Patch, models: readonly MuseModel[], messages: readonly PlayerMessage[], seed: number, tail: Ms): Promise<Rehearsed> => {
  const notes: Sounded[] = [];
  const open = new Map<number, Sounded>();
  const log: number[][] = [];
  const told: number[][] = [];
  const completions: Float64Array[] = [];
  const tell = (code: number, ...args: number[]): boolean => {
    const [id, role, pitch, velocity, channel, wanted, now] = args as [number, number, number, number, number, number, number];
    if (code === OUT.sounded) open.set(id, { id, role, pitch: pitch as Note['pitch'], velocity: velocity as Note['velocity'], channel: channel as Note['channel'], wanted: ms(wanted), start: ms(now), duration: ms(0) });
    told.push([code, ...args]);
    const sounded = open.get(id);
    if (code === OUT.ended && sounded) {
      open.delete(id);
      notes.push({ ...sounded, duration: ms(now - sounded.start) });
    }
    return true;
  };
  const muse = new Muse(models, seed, (completion) => pushCompletion((...record) => completions.push(Float64Array.from({ length: 8 }, (_, i) => record[i] ?? 0)) > 0, completion));
  await muse.open();
  const stage = new Stage([patch], { send: () => {}, ask: (ask) => muse.ask(ask), tell: tell as never }, ms(0), models.map(({ name }) => name));

  const take = (record: Float64Array, now: Ms): void => {
    log.push([...record.slice(0, 7), now]);
    stage.take(record, now);
  };
  const settle = async (now: Ms): Promise<void> => {
    let more = true;
    while (more) {
      more = await muse.step();
      for (let record = completions.shift(); record; record = completions.shift()) take(record, now);
    }
  };

  const last = messages[messages.length - 1]?.time ?? 0;
  let now = ms(0);
  let at = 0;
  for (;;) {
    const message = messages[at];
    const next = Math.min(message?.time ?? Infinity, stage.next());
    if (!(next <= last + tail)) break;
    now = ms(Math.max(now, next));
    if (message && message.time <= now) {
      at++;
      take(Float64Array.of(IN.midi, message.status, message.a, message.b, message.time, 0, 0, 0), now);
    } else take(Float64Array.of(IN.wake, 0, 0, 0, 0, 0, 0, 0), now);
    await settle(now);
  }
  const end = ms(last + tail);
  stage.close(end);
  const players = playerNotes(messages, end);
  return { notes: [...players, ...notes].sort((a, b) => a.start - b.start || a.id - b.id), stage, log, told, end };
};

/** The player's own notes out of the messages; a key struck again ends the note before, and one never let go ends with the music. */
const playerNotes = (messages: readonly PlayerMessage[], end: Ms): Sounded[] => {
  const notes: Sounded[] = [];
  const open = new Map<number, PlayerMessage>();
  const close = (place: number, time: Ms): void => {
    const on = open.get(place);
    if (!on) return;
    open.delete(place);
    notes.push({ id: 0, role: 0, pitch: on.a as Note['pitch'], velocity: on.b as Note['velocity'], channel: channelOf(on.status), wanted: on.time, start: on.time, duration: ms(time - on.time) });
  };
  for (const message of messages) {
    const kind = message.status & 0xf0;
    if (kind !== STATUS.on && kind !== STATUS.off) continue;
    const place = (message.status & 0x0f) * 128 + message.a;
    close(place, message.time);
    if (kind === STATUS.on && message.b > 0) open.set(place, message);
  }
  for (const place of open.keys()) close(place, end);
  return notes;
};
