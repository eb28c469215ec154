import { Command, CommanderError } from 'commander';
import { vi } from 'vitest';

/** What a command printed, and how its process would have ended. */
export interface Ran {
  readonly out: string;
  readonly told: string;
  readonly code: number;
}

/** Runs one command in this process. @throws what the command throws: `main` prints it and ends with 1 */
export const run = async (add: (program: Command) => void, ...words: string[]): Promise<Ran> => {
  let out = '';
  let told = '';
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((told += String(text)), true)),
  ];
  process.exitCode = 0;
  try {
    const program = new Command().exitOverride();
    add(program);
    for (const command of program.commands) command.exitOverride();
    await program.parseAsync(words, { from: 'user' });
    return { out, told, code: process.exitCode };
  } catch (thrown) {
    if (thrown instanceof CommanderError) return { out, told, code: thrown.exitCode };
    throw thrown;
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
};
