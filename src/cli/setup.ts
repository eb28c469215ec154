import { InvalidArgumentError, type Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import { setupSteps, type SetupStep } from '../engine/setup.ts';
import { tensorflowHome } from '../engine/tensorflow.ts';
import { jackHome } from '../midi/driver.ts';
import { jackSteps } from './setup-jack.ts';
import { say } from './terminal.ts';

interface Thing {
  readonly about: string;
  /** How it is called in the first line and the last. */
  readonly title: string;
  readonly home: () => string;
  readonly steps: (options: { readonly cuda: boolean }) => readonly SetupStep[];
  readonly ready: string;
}

/** Everything that npm cannot bring along. */
const THINGS: Readonly<Record<string, Thing>> = {
  tensorflow: {
    about: 'for training, and for GPUs',
    title: 'TensorFlow',
    home: tensorflowHome,
    steps: setupSteps,
    ready: '`antiphon train` uses it, `antiphon live --engine tensorflow` too.',
  },
  jack: {
    about: 'MIDI ports on a JACK server (Linux)',
    title: 'MIDI over JACK',
    home: jackHome,
    steps: () => jackSteps(),
    ready: '`ANTIPHON_MIDI=jack antiphon live` plays over it.',
  },
};

const thing = (text: string): string => {
  if (!Object.hasOwn(THINGS, text)) throw new InvalidArgumentError(`There is: ${Object.keys(THINGS).join(', ')}.`);
  return text;
};

/** Adds `antiphon setup tensorflow [--cuda]` and its like. */
export const setupCommand = (program: Command): void => {
  program
    .command('setup')
    .description('set up an engine or a driver that npm cannot bring along; run again it goes on where it stopped')
    .argument('<what>', Object.entries(THINGS).map(([name, { about }]) => `${name}: ${about}`).join('; '), thing)
    .option('--cuda', 'TensorFlow for an NVIDIA GPU (its driver must be installed)', false)
    .addHelpText('after', '\nIt is put in ~/.local/share/antiphon/, or where ANTIPHON_TENSORFLOW and ANTIPHON_JACK say.\n\nExample:\n  $ antiphon setup tensorflow\n  $ antiphon setup jack\n')
    .action((what: string, options: { cuda: boolean }) => setUp(THINGS[what] as Thing, options));
};

const setUp = async ({ title, home, steps: stepsOf, ready }: Thing, options: { cuda: boolean }): Promise<void> => {
  say(`Setting up ${title}${options.cuda ? ' for CUDA' : ''} in ${home()}`);
  const began = performance.now();
  const steps = stepsOf(options);
  for (const [i, step] of steps.entries()) {
    const label = `${i + 1}/${steps.length} ${step.name.padEnd(11)} ${step.what}`;
    if (step.done()) {
      say(`${label}: done before`);
      continue;
    }
    say(`${label} ...`);
    const from = performance.now();
    try {
      await step.run();
    } catch (thrown) {
      say(`\nThe step "${step.name}" failed after ${seconds(from)}.\n${messageOf(thrown)}`);
      process.exitCode = 1;
      return;
    }
    say(`    ${step.name} took ${seconds(from)}`);
  }
  say(`${title} is ready, after ${seconds(began)}. ${ready}`);
};

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
