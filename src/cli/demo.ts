import { ms } from '../core/units.ts';
import { castOf } from '../live/cast.ts';
import { ROLES } from '../live/command.ts';
import { nameOf } from '../music/pitch.ts';
import { rehearse, type PlayerMessage } from '../stage/rehearsal.ts';
import { loadMuseModels } from './muse-models.ts';
import { loadPatch } from './patches.ts';
import { songOf, writeFile } from './song.ts';
import { say } from './terminal.ts';

/** A phrase as a person might play it: key, start, length in milliseconds, velocity. */
const PHRASE = [
  [60, 0, 270, 74], [64, 292, 240, 70], [67, 588, 260, 80], [72, 895, 520, 90], [71, 1480, 230, 76], [69, 1775, 250, 72],
  [67, 2066, 540, 82], [64, 2660, 240, 70], [65, 2952, 230, 72], [67, 3250, 260, 78], [62, 3545, 250, 70], [60, 3842, 640, 76],
] as const;

const messages = (): PlayerMessage[] =>
  PHRASE.flatMap(([key, start, length, velocity]) => [
    { time: ms(500 + start), status: 0x90, a: key, b: velocity as number },
    { time: ms(500 + start + length), status: 0x80, a: key, b: 0 },
  ]).sort((a, b) => a.time - b.time);

/** Plays the phrase in, in simulated time; prints what came back and writes `demo.mid`. */
export const demo = async (patchName: string, seed: number, engine: string): Promise<void> => {
  const patch = loadPatch(patchName);
  const { models, close } = await loadMuseModels(engine, castOf([patch]));
  const { notes } = await rehearse(patch, models, messages(), seed, ms(8000));
  for (const note of notes) {
    process.stdout.write(`${(note.start / 1000).toFixed(2).padStart(6)} s  ${(ROLES[note.role] as string).padEnd(10)} ${nameOf(note.pitch).padEnd(4)} velocity ${String(note.velocity).padStart(3)}  ${Math.round(note.duration)} ms\n`);
  }
  close();
  writeFile('demo.mid', songOf(notes));
  const answers = notes.filter((note) => note.role > 0).length;
  say(`${notes.length - answers} notes played in, ${answers} played back; both are in demo.mid`);
};
