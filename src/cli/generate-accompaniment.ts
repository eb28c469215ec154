import { AntiphonError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { ACCOMPANIMENT_PART, ACCOMPANIMENT_START, BACKING_STYLES, BASS, CHORD, EIGHTHS_PER_BEAT, HEARD, heardMelody, homeOfEvents, keyHeard, LONGEST_BACKED_BAR, Standing, STRIKE, transposeAccompaniment } from '../music/accompaniment.ts';
import { Form } from '../music/form.ts';
import { againstIdleBass } from '../music/idle-bass.ts';
import { againstMelody } from '../music/under-melody.ts';
import { endOf, givenOnGrid, gridNotes, stepOf, Teller, type Generate, type Prompt } from './generator.ts';
import { melodyOf } from './generate-melody.ts';
import { TRACKS_OF } from './tracks-of.ts';

const { chord: CHORD_PART, strike: STRIKE_PART, bass: BASS_PART } = ACCOMPANIMENT_PART;
const NOTHING = ACCOMPANIMENT_START.map(() => -1);

/**
 * Chords and bass under the melody of a file, for as long as that lasts, each 8th knowing the melody up to its beginning;
 * without a file from nothing, for as long as is asked.
 *
 * @throws AntiphonError `generate.style` where there is no such style
 */
export const generateAccompaniment: Generate = async ({ predictor, prompt, seconds, choice, coin, wishes }) => {
  const line = melodyOf(prompt.tracks);
  const melody = line ? gridNotes(line.notes, prompt.song?.ppq ?? 1) : [];
  const stepMs = stepOf(prompt.bpm);
  const length = line ? Math.ceil(endOf(melody) / 2) : Math.max(1, Math.round((seconds * 1000) / (2 * stepMs)));
  const sung = line ? heardMelody(melody, 2 * length + 1) : null;
  // The model knows one key: the melody is moved there, and what it plays moved back; with no melody to any.
  const inKey = (event: readonly number[], semitones: number): readonly number[] => transposeAccompaniment(event, semitones) ?? event;
  const hearing = (symbol: number): readonly number[] => ACCOMPANIMENT_START.with(ACCOMPANIMENT_PART.later, symbol);
  const home = (sung ? homeOfEvents(sung.map(hearing), false) : Math.floor(coin() * 12) - 6) ?? 0;
  const heard = sung && sung.map((symbol) => inKey(hearing(symbol), home)[ACCOMPANIMENT_PART.later] as number);
  const style = styleNamed(wishes.style);
  const bar = barOf(prompt);

  const model = new Teller(predictor);
  const standing = new Standing();
  const form = new Form(bar);
  await model.feed(ACCOMPANIMENT_START.with(ACCOMPANIMENT_PART.style, style));
  const events: (readonly number[])[] = [];
  /** The 8th in which the bass last struck a key. */
  let struck = 0;
  while (events.length < length) {
    const i = events.length;
    const ask = async (part: number, given: readonly number[], liking: (symbol: number) => number): Promise<number> =>
      pick(await model.ask(part, given), choice, coin(), (each) => (standing.allows(part, each) ? liking(each) : -Infinity));
    const chord = await ask(CHORD_PART, NOTHING, (each) => form.likes(each, standing.chord, i) + againstMelody(each, standing.chord, heard ? keyHeard(heard[2 * i] as number) : -1, i % bar));
    const bass = await ask(BASS_PART, NOTHING.with(CHORD_PART, chord), (each) => againstIdleBass(each, i - struck, i % bar));
    if (bass >= BASS.on) struck = i;
    const stands = chord >= CHORD.on || (chord === CHORD.hold && standing.chord >= 0);
    // Where no chord stands there is none to strike.
    const strike = await ask(STRIKE_PART, NOTHING.with(CHORD_PART, chord).with(BASS_PART, bass), (each) => (stands || each < STRIKE.on ? 0 : -Infinity));
    standing.take(chord, strike, bass);
    form.stands(standing.chord, i);
    const [earlier, later] = heard ? [heard[2 * i + 1] as number, heard[2 * i + 2] as number] : [HEARD.unheard, HEARD.unheard];
    form.hears(earlier, later, i);
    const event = [chord, strike, bass, earlier, later, (i + 1) % bar, style, standing.chord + 1, standing.bass + 1];
    events.push(event);
    await model.feed(event);
  }
  return { given: givenOnGrid(line ? [line] : [], prompt), added: TRACKS_OF.accompaniment(events.map((event) => inKey(event, -home)), stepMs), from: ms(0) };
};

const styleNamed = (name: string = BACKING_STYLES[0]): number => {
  const row = (BACKING_STYLES as readonly string[]).indexOf(name.toLowerCase());
  if (row < 0) throw new AntiphonError('generate.style', 'The accompaniment knows no style', name, `There are: ${BACKING_STYLES.join(', ')}.`);
  return row;
};

/** 8ths of a bar, of a file's first metre; four quarters where that is no whole number of them, or too many. */
const barOf = ({ song }: Prompt): number => {
  const metre = song?.metres[0];
  const eighths = metre ? (4 * EIGHTHS_PER_BEAT * metre.numerator) / metre.denominator : 0;
  return Number.isInteger(eighths) && eighths > 0 && eighths <= LONGEST_BACKED_BAR ? eighths : 4 * EIGHTHS_PER_BEAT;
};
