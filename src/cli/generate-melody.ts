import { mean } from '../core/statistics.ts';
import { ms } from '../core/units.ts';
import { pick } from '../model/sampling.ts';
import { OPEN, type Conditions } from '../music/conditions.ts';
import { encodeMelody, MELODY, MelodyGrammar } from '../music/melody.ts';
import { MelodyOstinato } from '../music/ostinato.ts';
import type { Track } from '../music/smf-read.ts';
import { conditionsOf, endOf, givenOnGrid, gridNotes, MOST_TOLD, stepOf, Teller, type Generate } from './generator.ts';
import { TRACKS_OF } from './tracks-of.ts';

/** Goes on with the line of a file, or begins one. @throws AntiphonError `generate.style`, `generate.wish` */
export const generateMelody: Generate = async ({ predictor, prompt, seconds, choice, recall, coin, wishes }) => {
  const line = melodyOf(prompt.tracks);
  const grid = gridNotes(line?.notes ?? [], prompt.song?.ppq ?? 1);
  const first = endOf(grid);
  const stepMs = stepOf(prompt.bpm);

  const model = new Teller(predictor, recall, wishes.heed);
  const grammar = new MelodyGrammar();
  const ostinato = new MelodyOstinato();
  const wished = conditionsOf('melody', predictor, wishes);
  const feed = async (symbol: number, conditions: Conditions): Promise<void> => {
    grammar.take(symbol);
    await model.feed([symbol], conditions);
  };
  const given = [MELODY.start, ...encodeMelody(grid).slice(-MOST_TOLD)];
  // What is wished is wished of what comes after.
  for (const [i, symbol] of given.entries()) await feed(symbol, i < given.length - 1 ? OPEN : wished);

  const symbols: number[] = [];
  const steps = Math.max(1, Math.round((seconds * 1000) / stepMs));
  while (symbols.length < steps) {
    // The first step ends what was given: it holds nothing.
    const symbol = pick(await model.ask(0, [-1]), choice, coin(), (each) => (!grammar.writes(each) || (symbols.length === 0 && each === MELODY.hold) ? -Infinity : each >= MELODY.on ? ostinato.against(each) : 0));
    symbols.push(symbol);
    ostinato.take(symbol);
    await feed(symbol, wished);
  }
  return { given: givenOnGrid(line ? [line] : [], prompt), added: TRACKS_OF.melody(symbols.map((symbol) => [symbol]), stepMs, first), from: ms(first * stepMs) };
};

/** The line to go on from: the track so named, else the highest on average. */
export const melodyOf = (tracks: readonly Track[]): Track | undefined => {
  const sounding = tracks.filter((track) => track.notes.length > 0);
  const height = ({ notes }: Track): number => mean(notes.map((note) => note.pitch));
  return sounding.find(({ name }) => name.toLowerCase() === 'melody') ?? sounding.sort((a, b) => height(b) - height(a))[0];
};
