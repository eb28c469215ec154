import type { Command } from 'commander';
import { nativeMidi } from '../midi/native.ts';
import { VIRTUAL, type MidiSystem } from '../midi/ports.ts';

export const portsCommand = (program: Command): void => {
  program
    .command('ports')
    .description('list the MIDI ports of this machine')
    .addHelpText('after', '\nExample:\n  $ antiphon ports\n  $ antiphon live --midi-in nano --midi-out "usb midi"   part of a name is enough\n')
    .action(() => {
      const system = nativeMidi();
      process.stdout.write(portsText(system));
      system.close();
    });
};

/** What `antiphon ports` prints. */
export const portsText = (system: MidiSystem): string => {
  if (!system.available) return `No MIDI system here: ${system.why}\n`;
  const list = (title: string, names: readonly string[]): string => `${title}\n${names.map((name) => `  ${name}\n`).join('') || '  none plugged in\n'}`;
  const own = system.supportsVirtual ? `yes: \`live\` opens "${VIRTUAL.input}" and "${VIRTUAL.output}"` : `no: ${system.name} knows none`;
  return `${list('Inputs', system.inputs())}${list('Outputs', system.outputs())}Ports of our own\n  ${own}\n`;
};
