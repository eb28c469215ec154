import type { Ms } from '../core/units.ts';
import type { Command } from '../live/command.ts';
import { PARAM_NAMES } from '../live/params.ts';
import { STATUS, statusOn } from '../midi/message.ts';
import { IN, type Push } from '../stage/records.ts';

/** Writes a client's command as a record for the stage; `patch` and `state` are main's own business. */
export const commandRecord = (push: Push, command: Exclude<Command, { kind: 'patch' | 'state' }>, source: number, now: Ms): boolean => {
  switch (command.kind) {
    case 'note':
      return push(IN.midi, statusOn(command.velocity > 0 ? STATUS.on : STATUS.off, command.channel), command.pitch, command.velocity, now, source);
    case 'control':
      return push(IN.midi, statusOn(STATUS.control, command.channel), command.controller, command.value, now, source);
    case 'param':
      return push(IN.param, PARAM_NAMES.indexOf(command.name), command.value);
    case 'play':
    case 'stop':
    case 'panic':
      return push(IN[command.kind]);
  }
};
