import { AntiphonError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { DRUM, DRUM_KINDS, DRUM_START, DrumGrammar, drumOf, encodeDrums, LONGEST_BAR, STYLES, tempoBin, type DrumManner, type Hit } from '../music/drums.ts';
import { STEPS_PER_BEAT } from '../music/melody.ts';
import { givenOnGrid, MOST_TOLD, stepOf, Teller, type Generate, type Prompt } from './generator.ts';
import { writtenTracks } from './song.ts';
import { TRACKS_OF } from './tracks-of.ts';

const [WHAT, FORCE, OFFSET] = [0, 1, 2] as const;
/** What stands for "no force" and "no offset" where a step goes by. */
const [, NO_FORCE, NO_OFFSET] = DRUM_START as readonly [number, number, number];
/** Nothing is known of the next event yet. */
const NOTHING = DRUM_START.map(() => -1);

/**
 * Drums on channel 10, in the style wished for, as a groove or a fill: they go on with a file's own from its next bar, or begin.
 * @throws AntiphonError `generate.style` where there is no such style
 */
export const generateDrums: Generate = async ({ predictor, prompt, seconds, choice, coin, wishes }) => {
  const manner: DrumManner = { bar: barOf(prompt), style: styleNamed(wishes.style), kind: DRUM_KINDS.indexOf(wishes.fill ? 'fill' : 'beat'), bpm: prompt.bpm };
  const told = [manner.style, manner.kind, tempoBin(manner.bpm)];
  const given = encodeDrums(hitsOf(prompt), manner);
  const model = new Teller(predictor);
  const grammar = new DrumGrammar();
  let now = 0;
  await model.feed(DRUM_START);
  const pass = async (): Promise<void> => {
    grammar.take(DRUM.step);
    await model.feed([DRUM.step, NO_FORCE, NO_OFFSET, ++now % manner.bar, ...told]);
  };
  for (const event of given.slice(-MOST_TOLD)) {
    grammar.take(event[WHAT] as number);
    await model.feed(event);
  }
  now = given.filter(([what]) => what === DRUM.step).length;
  if (given.length > 0) do await pass(); while (now % manner.bar !== 0);

  const stepMs = stepOf(prompt.bpm);
  const from = now;
  const end = from + Math.max(1, Math.round((seconds * 1000) / stepMs));
  const events: number[][] = [];
  while (now < end) {
    const what = pick(await model.ask(WHAT, NOTHING), choice, coin(), (each) => (grammar.allows(each) ? 0 : -Infinity));
    if (what === DRUM.step) {
      events.push([DRUM.step, NO_FORCE, NO_OFFSET]);
      await pass();
      continue;
    }
    const offset = pick(await model.ask(OFFSET, NOTHING.with(WHAT, what)), choice, coin());
    const force = pick(await model.ask(FORCE, NOTHING.with(WHAT, what).with(OFFSET, offset)), choice, coin());
    grammar.take(what);
    events.push([what, force, offset]);
    await model.feed([what, force, offset, now % manner.bar, ...told]);
  }
  const drums = prompt.tracks.filter(({ notes }) => notes.some(({ channel }) => channel === DRUM_CHANNEL));
  return { given: drums.length > 0 ? givenOnGrid(drums, prompt) : writtenTracks([], 'Given'), added: TRACKS_OF.drums(events, stepMs, from), from: ms(from * stepMs) };
};

const DRUM_CHANNEL = 10;

const styleNamed = (name: string = STYLES[0]): number => {
  const row = (STYLES as readonly string[]).indexOf(name.toLowerCase());
  if (row < 0) throw new AntiphonError('generate.style', 'The drums know no style', name, `There are: ${STYLES.join(', ')}.`);
  return row;
};

/** Steps of a bar, of a file's first metre; four quarters where that is no whole number of them, or too many. */
const barOf = ({ song }: Prompt): number => {
  const metre = song?.metres[0];
  const steps = metre ? (4 * STEPS_PER_BEAT * metre.numerator) / metre.denominator : 0;
  return Number.isInteger(steps) && steps > 0 && steps <= LONGEST_BAR ? steps : 4 * STEPS_PER_BEAT;
};

const hitsOf = ({ tracks, song }: Prompt): Hit[] =>
  tracks.flatMap(({ notes }) => notes.flatMap(({ channel, tick, pitch, velocity }) => {
    const drum = channel === DRUM_CHANNEL ? drumOf(pitch) : undefined;
    const at = (tick / (song?.ppq ?? 1)) * STEPS_PER_BEAT;
    return drum === undefined ? [] : [{ step: Math.round(at), drum, velocity, offset: at - Math.round(at) }];
  }));
