import type { Command } from 'commander';
import { ms } from '../core/units.ts';
import { castOf } from '../live/cast.ts';
import { ROLES } from '../live/command.ts';
import { COUNTERS } from '../live/role.ts';
import { STATUS, statusOn } from '../midi/message.ts';
import { PEDALS, type Note } from '../music/note.ts';
import type { Track } from '../music/smf-read.ts';
import { writeSmf } from '../music/smf-write.ts';
import { rehearse, type PlayerMessage } from '../stage/rehearsal.ts';
import { loadMuseModels } from './muse-models.ts';
import { loadPatch } from './patches.ts';
import { measureOf, playerTracks, readSong, roleTracks, writeFile, writtenTracks } from './song.ts';
import { numberFrom, say } from './terminal.ts';

interface RehearseOptions {
  readonly out: string;
  readonly patch: string;
  readonly seed: number;
  readonly tail: number;
  readonly track?: string;
  readonly engine: string;
}

export const rehearseCommand = (program: Command): void => {
  program
    .command('rehearse')
    .description('play a MIDI file in as the player, in simulated time, and write down what Antiphon adds')
    .argument('<file>', 'a Standard MIDI File')
    .requiredOption('-o, --out <file>', 'MIDI file to write: player and each role on tracks of their own')
    .option('--patch <name>', 'a patch by name or file', 'duet')
    .option('--seed <n>', 'seed of every choice; the same seed gives the same bytes', numberFrom(0), 1)
    .option('--tail <seconds>', 'time that Antiphon has after the last event', numberFrom(0, 3600), 8)
    .option('--track <name>', 'one track only, by name or by number from 1; all but the drums by default')
    .option('--engine <name>', 'auto, tensorflow, webgpu, wasm or cpu', 'auto')
    .addHelpText('after', '\nExamples:\n  $ antiphon rehearse tune.mid -o answered.mid                      what the default patch would have played\n  $ antiphon rehearse song.mid --track 2 --patch continuo -o out.mid --seed 7\n')
    .action(run);
};

const run = async (file: string, options: RehearseOptions): Promise<void> => {
  const song = readSong(file);
  for (const fault of song.faults) say(`${file}: ${fault}`);
  const tracks = playerTracks(song, file, options.track);
  const patch = loadPatch(options.patch);
  const { models, close } = await loadMuseModels(options.engine, castOf([patch]));
  const { notes, stage } = await rehearse(patch, models, messagesOf(tracks), options.seed, ms(options.tail * 1000));
  close();
  const ours = notes.filter((note) => note.role > 0);
  writeFile(options.out, writeSmf({ tracks: [...writtenTracks(tracks, 'Player'), ...roleTracks(ours)], ...measureOf(song) }));
  const played = tracks.reduce((sum, track) => sum + track.notes.length, 0);
  const roles = [...new Set(ours.map((note) => note.role))].sort((a, b) => a - b).map((role) => `${ours.filter((note) => note.role === role).length} ${ROLES[role]}`);
  const counted = COUNTERS.filter((name) => stage.counters[name] > 0).map((name) => `${name} ${stage.counters[name]}`);
  process.stdout.write(`${played} notes in, ${ours.length} back (${roles.join(', ') || 'no role played'}); ${counted.join(', ') || 'nothing counted'}; ${options.out}\n`);
};

/** At one instant: pedal up, keys up, other controllers, keys down, pedal down. */
const RANK = { pedalUp: 0, off: 1, control: 2, on: 3, pedalDown: 4 } as const;

/** The tracks as a keyboard would have sent them: a key struck again while it is down is let go first. */
export const messagesOf = (tracks: readonly Track[]): PlayerMessage[] => {
  const ranked: { readonly rank: number; readonly message: PlayerMessage }[] = [];
  const keys = new Map<number, Note[]>();
  for (const note of tracks.flatMap((track) => track.notes)) {
    const key = note.channel * 128 + note.pitch;
    const struck = keys.get(key);
    if (struck) struck.push(note);
    else keys.set(key, [note]);
  }
  for (const notes of keys.values()) {
    notes.sort((a, b) => a.start - b.start);
    notes.forEach(({ start, duration, pitch, velocity, channel }, i) => {
      const next = notes[i + 1]?.start ?? Infinity;
      if (next === start) return;
      ranked.push(
        { rank: RANK.on, message: { time: start, status: statusOn(STATUS.on, channel), a: pitch, b: velocity } },
        { rank: RANK.off, message: { time: ms(Math.min(next, start + Math.max(duration, 1))), status: statusOn(STATUS.off, channel), a: pitch, b: 0 } },
      );
    });
  }
  for (const { time, controller, value, channel } of tracks.flatMap((track) => track.controls)) {
    const rank = controller !== PEDALS.sustain ? RANK.control : value >= 64 ? RANK.pedalDown : RANK.pedalUp;
    ranked.push({ rank, message: { time, status: statusOn(STATUS.control, channel), a: controller, b: value } });
  }
  return ranked.sort((a, b) => a.message.time - b.message.time || a.rank - b.rank).map(({ message }) => message);
};
