#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { nearest } from '../live/spelling.ts';
import { say } from './terminal.ts';

type Add = (program: Command) => void;

/** Every command: its name, what it does as its own help says it, and its module, which is loaded only when the command runs. */
const COMMANDS: readonly (readonly [name: string, about: string, load: () => Promise<Add>])[] = [
  ['live', 'play: listen to a keyboard or the page, and answer', async () => (await import('./live.ts')).liveCommand],
  ['rehearse', 'play a MIDI file in as the player, in simulated time, and write down what Antiphon adds', async () => (await import('./rehearse.ts')).rehearseCommand],
  ['generate', 'write music: go on where a MIDI file ends, or begin from nothing', async () => (await import('./generate.ts')).generateCommand],
  ['replay', "play a session's log again and check that it gives the same notes, bit for bit", async () => (await import('./replay.ts')).replayCommand],
  ['ports', 'list the MIDI ports of this machine', async () => (await import('./ports.ts')).portsCommand],
  ['doctor', 'say what was found here, measured and chosen', async () => (await import('./doctor.ts')).doctorCommand],
  ['setup', 'set up an engine or a driver that npm cannot bring along; run again it goes on where it stopped', async () => (await import('./setup.ts')).setupCommand],
  ['prepare', 'read folders of MIDI for training, and say what is in them', async () => (await import('./prepare.ts')).prepareCommand],
  ['train', 'train a model on folders of MIDI; begun again with the same options it goes on where it stopped', async () => (await import('./train.ts')).trainCommand],
  ['evaluate', 'judge a model on music it was not trained on, beside the floors it must beat', async () => (await import('./evaluate.ts')).evaluateCommand],
  ['listen', 'judge two folders of music by ear, blind, and count which is preferred', async () => (await import('./listen.ts')).listenCommand],
  ['bench', 'measure this machine', async () => (await import('./bench.ts')).benchCommand],
  ['soak', 'play to the daemon for a long time under load; fails if memory grows or a note is left sounding', async () => (await import('./soak.ts')).soakCommand],
];
const DEFAULT = 'live';

const main = async (words: readonly string[]): Promise<void> => {
  const names = COMMANDS.map(([name]) => name);
  const [first = ''] = words;
  const asked = first === 'help' ? (words[1] ?? '') : first;
  const isName = asked !== '' && !asked.startsWith('-');
  if (isName && !names.includes(asked)) {
    const meant = nearest(asked, names);
    throw new AntiphonError('cli.command', 'No such command', asked, meant ? `Did you mean ${meant}?` : `There are: ${names.join(', ')}. A patch is played by \`antiphon live PATCH\`.`);
  }
  const chosen = isName ? asked : DEFAULT;
  // Options such as --demo belong to the default command; these are the program's own, and need no module.
  const loads = isName || !['-h', '--help', '-V', '--version', 'help'].includes(first);

  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('antiphon').description('A real-time partner for live performance.').version(version).showHelpAfterError('Run it with --help for its options and examples.');
  program.addHelpText('after', '\nExamples:\n  $ antiphon live                          play; the page is at http://127.0.0.1:7400/\n  $ antiphon live --demo                   hear what an answer is like\n  $ antiphon rehearse tune.mid -o out.mid  have a file answered\n  $ antiphon help rehearse                 options and examples of a command\n');
  for (const [name, about, load] of COMMANDS) {
    if (name === chosen && loads) (await load())(program);
    else program.command(name).description(about);
  }
  await program.parseAsync(words, { from: 'user' });
};

main(process.argv.slice(2)).catch((thrown: unknown) => {
  say(thrown instanceof AntiphonError ? `antiphon: ${thrown.message} [${thrown.code}]` : `antiphon: ${thrown instanceof Error ? (thrown.stack ?? messageOf(thrown)) : messageOf(thrown)}`);
  process.exitCode = 1;
});
