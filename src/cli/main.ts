#!/usr/bin/env node
import { Command } from 'commander';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { say } from './terminal.ts';
import { liveCommand } from './live.ts';
import { trainCommand } from './train.ts';

const program = new Command('antiphon').description('A real-time partner for live performance.').showHelpAfterError();
for (const add of [liveCommand, trainCommand]) add(program);

program.parseAsync().catch((thrown: unknown) => {
  say(thrown instanceof AntiphonError ? `antiphon: ${thrown.message} [${thrown.code}]` : `antiphon: ${thrown instanceof Error ? (thrown.stack ?? messageOf(thrown)) : messageOf(thrown)}`);
  process.exitCode = 1;
});
