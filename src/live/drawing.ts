import { coinAt } from '../core/rng.ts';
import { pitch as asPitch, type Pitch } from '../core/units.ts';
import type { ModelState, Predictor } from '../model/predictor.ts';
import { pick } from '../model/sampling.ts';
import { harshness } from '../music/consonance.ts';
import { BAR_STEPS, FRAME, HARMONY, SILENT, toldVoice, VOICES, type HarmonyVoices } from '../music/harmony.ts';
import { isParallel, type Move } from '../music/voice-leading.ts';
import { choiceOf, mayPlay } from './constraints.ts';
import type { ParamName, ParamValues } from './params.ts';

/** How near and how far from the note struck harmony may lie, in semitones: basses of chorales lie as far as two octaves and a fifth below their sopranos. */
const NEAREST = 3;
const FARTHEST = 31;

/**
 * Nats against parallel fifths, octaves and unisons, and against a fourth over the lowest note, as in a chord of the sixth and fourth, which
 * wants to move on. With these, four voices held to consonance and drawn under sopranos of Bach's have parallels in 4 % of their moves and 3 % such chords;
 * Bach has 6 and 3, and without them the model has 25 and 17.
 */
const PARALLEL = 4;
const FOURTH = 3;

/** The parameters that what is drawn hangs on. */
export const DRAWN_BY: readonly ParamName[] = ['temperature', 'topP', 'topK', 'root', 'scale', 'low', 'high', 'voices', 'above', 'colour'];

/** What stands before a moment: what the model has heard, what each voice sounds, and semitones from the player's key to the model's. */
export interface Stand {
  readonly state: ModelState;
  readonly voices: HarmonyVoices;
  readonly home: number;
}

/** What four voices do as the player strikes a key, as far as it is drawn. */
export interface Drawing {
  readonly stand: Stand;
  readonly struck: number;
  /** Steps since the last moment, less one, and the step in the bar. */
  readonly wait: number;
  readonly place: number;
  /** What each voice does; what heads are told of it, −1 where they are not yet. */
  readonly doing: number[];
  readonly given: number[];
  /** Voices that do not sound: they are only imagined, for the model knows music for four. */
  readonly silent: number[];
  /** The notes to sound, the voice beside the player's first. */
  readonly chosen: Pitch[];
  readonly params: ParamValues;
  /** Of its chance. */
  readonly key: number;
}

/** The voice that the player sings: the highest, or with `above` the lowest. */
export const playersVoice = ({ above }: ParamValues): number => (above >= 0.5 ? VOICES - 1 : 0);

/** The other voices, that beside the player's first: the order in which they are drawn. */
export const otherVoices = (params: ParamValues): number[] => {
  const own = playersVoice(params);
  return Array.from({ length: VOICES - 1 }, (_, n) => (own === 0 ? n + 1 : own - 1 - n));
};

/** A drawing of which only the player's voice is known. */
export const beginDrawing = (stand: Stand, struck: number, { wait, place }: Pick<Drawing, 'wait' | 'place'>, params: ParamValues, key: number): Drawing => {
  const doing = Array.from({ length: VOICES }, () => HARMONY.hold as number);
  const own = playersVoice(params);
  const drawing: Drawing = { stand, struck, wait, place, doing, given: [wait * BAR_STEPS + place, -1, -1, -1, -1], silent: [], chosen: [], params, key };
  addVoice(drawing, own, HARMONY.on + struck);
  return drawing;
};

/** Draws the first `count` voices beside the player's in each of the drawings, all of one set of parameters; what must not sound is left to be imagined. */
export const drawVoices = async (predictor: Predictor, drawings: readonly Drawing[], count: number): Promise<void> => {
  const { params } = drawings[0] as Drawing;
  const under = playersVoice(params) === 0;
  const others = otherVoices(params);
  // Two notes that are dissonant are no chord.
  const colour = count > 1 ? params.colour : 0;
  for (const [n, voice] of others.entries()) {
    if (n >= count) for (const { silent } of drawings) silent.push(voice);
    else {
      const logits = await ask(predictor, drawings, voice);
      const lowest = n === Math.min(count, others.length) - 1;
      drawings.forEach((drawing, i) => {
        const sounds = draw(drawing, voice, logits[i] as Float32Array, (key) => (fits(key, drawing, under) ? dissonances(key, drawing, colour) + parallels(drawing, voice, key) + fourths(drawing, key, under, lowest) : -Infinity));
        if (sounds === null) drawing.silent.push(voice);
        else drawing.chosen.push(asPitch(sounds));
      });
    }
  }
  for (const { chosen, struck, silent } of drawings) {
    // The other voices found no key that may sound: what was to be of a chord would stand by itself.
    if (chosen.length !== 1 || harshness((chosen[0] as number) - struck) === 0) continue;
    chosen.length = 0;
    silent.push(others[0] as number);
  }
};

/** Draws one voice as the model has it, whether it may sound or not. */
export const imagine = async (predictor: Predictor, drawing: Drawing, voice: number): Promise<void> => {
  const [logits] = await ask(predictor, [drawing], voice);
  draw(drawing, voice, logits as Float32Array, () => 0);
};

const ask = async (predictor: Predictor, drawings: readonly Drawing[], voice: number): Promise<readonly (Float32Array | null)[]> =>
  predictor.submit(drawings.map(({ stand, given }) => ({ kind: 'query', state: stand.state, part: FRAME.voice + voice, given })));

/** What a voice does, by the model and the nats for or against each key; the key it then sounds, null where none that may sound is left. */
const draw = (drawing: Drawing, voice: number, logits: Float32Array, liking: (key: number) => number): number | null => {
  const symbol = pick(logits, choiceOf(drawing.params), coinAt(drawing.key, voice), (each) => {
    const sounds = soundsOf(drawing.stand, voice, each);
    return sounds === null ? -Infinity : liking(sounds);
  });
  if (symbol < 0) return null;
  const sounds = soundsOf(drawing.stand, voice, symbol) as number;
  addVoice(drawing, voice, symbol === HARMONY.hold ? symbol : HARMONY.on + sounds);
  return sounds;
};

/** Notes what a voice does, and tells the heads. */
export const addVoice = ({ stand: { voices, home }, doing, given }: Drawing, voice: number, symbol: number): void => {
  doing[voice] = symbol;
  const sounds = voices.after(voice, symbol);
  given[FRAME.voice + voice] = toldVoice(symbol, sounds === SILENT ? SILENT : Math.max(0, Math.min(127, sounds + home)));
};

/** The key a voice sounds after a symbol of the model's; null for a rest, or past the keyboard. */
const soundsOf = ({ voices, home }: Stand, voice: number, symbol: number): number | null => {
  if (symbol === HARMONY.rest) return null;
  const sounds = symbol === HARMONY.hold ? (voices.sounding[voice] as number) : symbol - HARMONY.on - home;
  return sounds >= 0 && sounds < SILENT ? sounds : null;
};

/** Whether a key lies where it may sound with the one struck and those chosen with it. */
const fits = (key: number, { struck, chosen, params }: Drawing, under: boolean): boolean => {
  const distance = under ? struck - key : key - struck;
  return distance >= NEAREST && distance <= FARTHEST && mayPlay(key, params) && !chosen.includes(asPitch(key));
};

/** Nats against a key for the notes with which it is dissonant. */
const dissonances = (key: number, { struck, chosen }: Drawing, colour: number): number => {
  const harsh = [struck, ...chosen].reduce<number>((sum, other) => sum + harshness(key - other), 0);
  return harsh === 0 ? 0 : harsh * Math.log(colour);
};

/** Nats against a key with which a voice goes in parallel fifths or octaves with another: as the player's voice is heard, and those drawn. */
const parallels = ({ stand: { voices }, doing, given }: Drawing, voice: number, key: number): number => {
  const own: Move = { from: voices.sounding[voice] as number, to: key };
  if (own.from === SILENT) return 0;
  let nats = 0;
  for (let other = 0; other < VOICES; other++) {
    if (other === voice || (given[FRAME.voice + other] as number) < 0) continue;
    const move: Move = { from: voices.sounding[other] as number, to: voices.after(other, doing[other] as number) };
    if (move.from === SILENT || move.to === SILENT) continue;
    if (other < voice ? isParallel(move, own) : isParallel(own, move)) nats -= PARALLEL;
  }
  return nats;
};

/** Nats against a key that has a fourth over it as the lowest note, or lies a fourth over the player's where that is the lowest. */
const fourths = ({ struck, chosen }: Drawing, key: number, under: boolean, lowest: boolean): number => {
  const fourth = under ? lowest && [struck, ...chosen].some((other) => (other - key) % 12 === 5) : (key - struck) % 12 === 5;
  return fourth ? -FOURTH : 0;
};
