import { clamp } from '../core/units.ts';
import { AntiphonError } from '../core/errors.ts';
import { GRADES, MANNERS } from '../music/conditions.ts';
import { STYLES } from '../music/drums.ts';

/** One live parameter: the patch schema, OSC addresses, WebSocket messages, controller maps, page and help all come from this row. */
export interface Param {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** How a controller's 0 to 127 is spread over the range. */
  readonly curve: 'linear' | 'whole' | 'exponential';
  readonly help: string;
}

const row = (unit: string, min: number, max: number, initial: number, curve: Param['curve'], help: string): Param => ({ unit, min, max, initial, curve, help });

/** Every live parameter by name. A log of a session tells them by their places: new ones come last. */
export const PARAMS = {
  temperature: row('', 0.1, 2, 1, 'linear', 'How daring the choice of notes is; 1 is as the model learnt it.'),
  topP: row('', 0.1, 1, 0.98, 'linear', 'Choose only among the likeliest notes that together have this probability.'),
  topK: row('notes', 0, 128, 0, 'whole', 'Choose only among this many of the likeliest notes; 0 for no limit.'),
  root: row('semitones', 0, 11, 0, 'whole', 'Root of the scale: 0 is C, 11 is B.'),
  scale: row('', 0, 9, 0, 'whole', 'Scale that notes keep to, a row of the scale table; 0 is all twelve notes.'),
  low: row('key', 0, 127, 28, 'whole', 'Lowest key Antiphon plays.'),
  high: row('key', 0, 127, 103, 'whole', 'Highest key Antiphon plays.'),
  polyphony: row('notes', 1, 16, 6, 'whole', 'Most keys that Antiphon holds at once in an answer.'),
  follow: row('', 0, 1, 0.8, 'linear', "How closely velocity follows the player's; 0 leaves it to the model."),
  patience: row('', 1, 6, 2.2, 'linear', "A phrase has ended after this many of the player's own usual gaps."),
  silence: row('ms', 150, 4000, 420, 'exponential', 'The shortest silence that can end a phrase.'),
  length: row('', 0.25, 4, 1, 'exponential', "Length of an answer, as a multiple of the phrase's."),
  bars: row('bars', 0, 16, 0, 'whole', 'With a clock: trade phrases of this many bars; 0 listens for silence.'),
  voices: row('notes', 0, 3, 1, 'whole', 'Notes that harmony adds to each note struck.'),
  above: row('', 0, 1, 0, 'whole', 'Where harmony lies: 0 under the note struck, 1 over it.'),
  softness: row('', 0.1, 1, 0.7, 'linear', "Velocity of harmony, as a share of the player's."),
  density: row('', 0.25, 4, 1, 'exponential', "Notes a second of `continue`, as a multiple of the player's."),
  tempo: row('bpm', 0, 300, 0, 'whole', 'Tempo of the clock; 0 listens to the player.'),
  swing: row('', 0, 1, 0, 'linear', 'How late the off-beat 16ths of grid answers lie; 1 is a triplet.'),
  style: row('', 0, STYLES.length - 1, 0, 'whole', `Style of the drums: ${STYLES.map((name, i) => `${i} ${name}`).join(', ')}.`),
  fill: row('', 0, 1, 0, 'whole', 'Whether the next bars of the drums are fills: 1 for fills.'),
  fills: row('bars', 0, 32, 8, 'whole', 'The drums play a fill in the last of every so many bars; 0 for none.'),
  manner: row('', 0, MANNERS.length - 1, 0, 'whole', `Manner of accompaniment, answers and what goes on, heeded by models that know it: ${MANNERS.map((name, i) => `${i} ${name}`).join(', ')}.`),
  busyness: row('', 0, GRADES, 0, 'whole', 'How busy answers and what goes on are, from 1, sparse, to 5; 0 follows the player.'),
  register: row('', 0, GRADES, 0, 'whole', 'How high answers lie, and with a model that knows it what goes on, from 1, low, to 5; 0 follows the player.'),
  heed: row('', 0, 4, 2, 'linear', 'How much `manner`, `busyness` and `register` count: 1 as the model learnt them, 4 to excess, 0 not at all.'),
  memory: row('', 0, 0.9, 0, 'linear', 'How much answers draw on what was played lately, your own figures above all; 0 leaves it to the model.'),
  sharpness: row('', 0.25, 8, 1, 'exponential', 'How exactly the moment must be like one before to call up what followed then: low recalls freely, high only note for note.'),
  colour: row('', 0, 1, 0.5, 'linear', 'How much dissonance harmony of two voices and more may have, as sevenths: 0 none, 1 as much as its model learnt.'),
} as const satisfies Record<string, Param>;

export type ParamName = keyof typeof PARAMS;
export type ParamValues = Record<ParamName, number>;

export const PARAM_NAMES = Object.keys(PARAMS) as readonly ParamName[];

export const isParam = (name: string): name is ParamName => Object.hasOwn(PARAMS, name);

/** The parameters as they are before a patch says otherwise. */
export const initialParams = (): ParamValues =>
  Object.fromEntries(PARAM_NAMES.map((name) => [name, PARAMS[name].initial])) as ParamValues;

/** @throws AntiphonError `param.name` or `param.value` */
export const checkParam = (name: string, value: unknown): { readonly name: ParamName; readonly value: number } => {
  if (!isParam(name)) throw new AntiphonError('param.name', 'No such parameter', name, `There are: ${PARAM_NAMES.join(', ')}.`);
  const { min, max, curve } = PARAMS[name];
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new AntiphonError('param.value', `${name} cannot be`, value, `Give a number from ${min} to ${max}.`);
  }
  return { name, value: curve === 'whole' ? Math.round(value) : value };
};

/** What a controller value (0 to 127) means for a parameter. */
export const paramFromController = (name: ParamName, controller: number): number => {
  const { min, max, curve } = PARAMS[name];
  const share = clamp(controller / 127, 0, 1);
  if (curve === 'exponential') return min * (max / min) ** share;
  const value = min + (max - min) * share;
  return curve === 'whole' ? Math.round(value) : value;
};
