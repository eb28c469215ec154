import { ms, pitch, velocity, type Ms } from '../core/units.ts';
import { WINDOW } from '../live/muse.ts';
import { pick } from '../model/sampling.ts';
import { OPEN } from '../music/conditions.ts';
import { PEDALS, type Control, type Note } from '../music/note.ts';
import { encodePerformance, gesturesOf, isOff, isOn, NO_VELOCITY, PerformanceGrammar, TIME_BINS, velocityOf, WHAT } from '../music/performance.ts';
import { ofKeys } from '../music/ostinato.ts';
import type { WrittenTrack } from '../music/smf-write.ts';
import { CHANNEL, conditionsOf, Teller, type Generate } from './generator.ts';
import { writtenTracks } from './song.ts';

/** A key that the model forgets is let go after this long: of what people play one note in a thousand is longer. */
const LONGEST = 4000;
/** At most this many events at one instant: a model may not stop the clock. */
const AT_ONCE = 32;
/** The event before the first. */
const START = { what: WHAT.start, time: 0, velocity: NO_VELOCITY } as const;

/** Goes on with what a file plays in free time, or begins from nothing. @throws AntiphonError `generate.style`, `generate.wish` */
export const generatePerformance: Generate = async ({ predictor, prompt: { tracks }, seconds, choice, recall, coin, wishes }) => {
  const gestures = gesturesOf(tracks.flatMap((track) => track.notes), tracks.flatMap((track) => track.controls));
  const from = ms(gestures.at(-1)?.time ?? 0);
  const grammar = new PerformanceGrammar();
  const ostinato = ofKeys();
  for (const { what } of gestures) grammar.take(what);
  if (grammar.pedal) {
    gestures.push({ time: from, what: WHAT.pedalUp, value: 0 });
    grammar.take(WHAT.pedalUp);
  }

  const model = new Teller(predictor, recall, wishes.heed);
  const wished = conditionsOf('performance', predictor, wishes);
  const heard = [START, ...encodePerformance(gestures).slice(-WINDOW)];
  // What is wished is wished of what comes after.
  for (const [i, { what, time, velocity: force }] of heard.entries()) await model.feed([what, time, force], i < heard.length - 1 ? OPEN : wished);

  const notes: Note[] = [];
  const controls: Control[] = [];
  const down = new Map<number, { readonly since: number; readonly force: number }>();
  const release = (key: number, at: number): void => {
    const { since, force } = down.get(key) as { since: number; force: number };
    down.delete(key);
    notes.push({ start: ms(from + since), duration: ms(at - since), pitch: pitch(key), velocity: velocity(force), channel: CHANNEL });
  };
  const pedal = (on: boolean, at: number): void => void controls.push({ time: ms(from + at), controller: PEDALS.sustain, value: on ? 127 : 0, channel: CHANNEL });

  const end = seconds * 1000;
  let now = 0;
  let atOnce = 0;
  for (;;) {
    const time = pick(await model.ask(1, [-1, -1, -1]), choice, coin(), (bin) => (bin === 0 && atOnce >= AT_ONCE ? -Infinity : 0));
    now += TIME_BINS[time] as number;
    atOnce = time === 0 ? atOnce + 1 : 0;
    if (now > end) break;
    const forgotten = [...down].find(([, { since }]) => now - since > LONGEST);
    const what = forgotten ? WHAT.off + forgotten[0] : pick(await model.ask(0, [-1, time, -1]), choice, coin(), (each) => (!grammar.allows(each) ? -Infinity : isOn(each) ? ostinato.against(each) : 0));
    const force = isOn(what) ? pick(await model.ask(2, [what, time, -1]), choice, coin()) : NO_VELOCITY;
    grammar.take(what);
    if (isOn(what)) {
      ostinato.take(what);
      down.set(what, { since: now, force: velocityOf(force) });
    } else if (isOff(what)) release(what - WHAT.off, now);
    else pedal(what === WHAT.pedalDown, now);
    await model.feed([what, time, force], wished);
  }
  for (const key of down.keys()) release(key, end);
  if (grammar.pedal) pedal(false, end);
  return { given: writtenTracks(tracks, 'Given').map((track) => pedalUp(track, from)), added: [{ name: 'performance', channel: CHANNEL, notes, controls }], from };
};

/** The track with its pedal let go at `end`, where the file leaves it down: what follows has a pedal of its own. */
const pedalUp = (track: WrittenTrack, end: Ms): WrittenTrack => {
  const last = track.controls.findLast(({ controller }) => controller === PEDALS.sustain);
  return !last || last.value < 64 ? track : { ...track, controls: [...track.controls, { ...last, time: ms(Math.max(end, last.time)), value: 0 }] };
};
