import { ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { ENCODINGS } from '../music/encodings.ts';
import { BAR_STEPS, encodeHarmony, FRAME, HARMONY, HarmonyVoices, harmonyStart, LONGEST_WAIT, SILENT, toldVoice, VOICES } from '../music/harmony.ts';
import { homeOf } from '../training/read-harmony.ts';
import { voicesOf } from '../training/tracks.ts';
import { endOf, givenOnGrid, gridNotes, MOST_TOLD, stepOf, Teller, type Generate } from './generator.ts';
import { TRACKS_OF } from './tracks-of.ts';

/** Semitones that music is moved by, at most, where no key is asked for: the voices still sing it. */
const NEAR = 3;
/** Every voice in turn. */
const EVERY = Array.from({ length: VOICES }, (_, voice) => voice);

/** Four voices, each on a track of its own: they go on with the four highest of a file, or begin in the key wished for. */
export const generateHarmony: Generate = async ({ predictor, prompt, seconds, choice, coin, wishes }) => {
  const tracks = voicesOf(prompt).slice(0, VOICES);
  const voices = tracks.map(({ notes }) => gridNotes(notes, prompt.song?.ppq ?? 1));
  const first = endOf(voices.flat());
  // The model knows one key: what it hears is moved there, what it says is moved back.
  const key = first > 0 ? -homeOf(voices.flat()) : (wishes.key ?? Math.floor(coin() * (2 * NEAR + 1)) - NEAR);
  const { transpose } = ENCODINGS.harmony;
  const model = new Teller(predictor);
  const heard = new HarmonyVoices(BAR_STEPS - 1);
  await model.feed(harmonyStart(BAR_STEPS - 1));
  // The last frame says only that it ends.
  const given = (first > 0 ? encodeHarmony(voices, first).slice(0, -1) : []).map((frame) => transpose(frame, -key) ?? frame);
  for (const frame of given) heard.frame((frame[FRAME.wait] as number) + 1, frame.slice(FRAME.voice, FRAME.sounds));
  for (const frame of given.slice(-MOST_TOLD)) await model.feed(frame);

  const stepMs = stepOf(prompt.bpm);
  const end = BAR_STEPS + first + Math.max(1, Math.round((seconds * 1000) / stepMs));
  const before = heard.step + 1 - BAR_STEPS;
  const frames: number[][] = [];
  for (;;) {
    const begins = frames.length === 0;
    const wait = begins ? BAR_STEPS + first - heard.step : 1 + pick(await model.ask(FRAME.wait, EMPTY), choice, coin());
    if (heard.step + wait >= end) break;
    const symbols: number[] = [];
    const told = [(wait - 1) * BAR_STEPS + ((heard.step + wait) % BAR_STEPS), ...EVERY.map(() => -1)];
    for (const voice of EVERY) {
      // What was given has ended; and in every frame something happens, but where a wait is longer than can be told.
      const moves = begins ? heard.sounding[voice] !== SILENT : wait < LONGEST_WAIT;
      const last = voice === VOICES - 1 && symbols.every((symbol) => symbol === HARMONY.hold);
      const symbol = pick(await model.ask(FRAME.voice + voice, told), choice, coin(), (each) => {
        if (each === HARMONY.hold) return (begins || last) && moves ? -Infinity : 0;
        const sounds = heard.after(voice, each) + key;
        return heard.allows(voice, each) && (each < HARMONY.on || (sounds >= 0 && sounds <= 127)) ? 0 : -Infinity;
      });
      symbols.push(symbol);
      told[FRAME.voice + voice] = toldVoice(symbol, heard.after(voice, symbol));
    }
    frames.push(heard.frame(wait, symbols));
    await model.feed(frames.at(-1) as number[]);
  }
  frames.push(heard.frame(end - heard.step, EVERY.map(() => HARMONY.end)));
  return { given: givenOnGrid(tracks, prompt), added: TRACKS_OF.harmony(frames.map((frame) => transpose(frame, key) ?? frame), stepMs, before), from: ms(first * stepMs) };
};

const EMPTY: readonly number[] = [FRAME.wait, ...EVERY].map(() => -1);
