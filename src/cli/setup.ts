import { InvalidArgumentError, type Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import { setupSteps } from '../engine/setup.ts';
import { tensorflowHome } from '../engine/tensorflow.ts';
import { say } from './terminal.ts';

const WHAT = ['tensorflow'];

const thing = (text: string): string => {
  if (!WHAT.includes(text)) throw new InvalidArgumentError(`There is: ${WHAT.join(', ')}.`);
  return text;
};

/** Adds `antiphon setup tensorflow [--cuda]`. */
export const setupCommand = (program: Command): void => {
  program
    .command('setup')
    .description('set up an engine that npm cannot bring along; run again it goes on where it stopped')
    .argument('<what>', 'tensorflow: for training, and for GPUs', thing)
    .option('--cuda', 'for an NVIDIA GPU (its driver must be installed)', false)
    .addHelpText('after', '\nIt is put in ~/.local/share/antiphon/tensorflow, or where ANTIPHON_TENSORFLOW says.\n\nExample:\n  $ antiphon setup tensorflow\n')
    .action((_what: string, options: { cuda: boolean }) => setUp(options.cuda));
};

const setUp = async (cuda: boolean): Promise<void> => {
  say(`Setting up TensorFlow${cuda ? ' for CUDA' : ''} in ${tensorflowHome()}`);
  const began = performance.now();
  const steps = setupSteps({ cuda });
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
  say(`TensorFlow is ready, after ${seconds(began)}. \`antiphon train\` uses it, \`antiphon live --engine tensorflow\` too.`);
};

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
