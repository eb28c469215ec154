import { channel, pitch } from '../core/units.ts';
import type { Command } from '../live/command.ts';
import { PEDALS } from '../music/note.ts';

/** What one client holds down: when it goes away, its hands go with it. */
export class Held {
  private readonly keys = new Set<number>();
  private readonly pedals = new Set<number>();

  watch(command: Command): void {
    if (command.kind === 'note') {
      const key = command.channel * 128 + command.pitch;
      if (command.velocity > 0) this.keys.add(key);
      else this.keys.delete(key);
    } else if (command.kind === 'control' && Object.values<number>(PEDALS).includes(command.controller)) {
      const pedal = command.channel * 128 + command.controller;
      if (command.value > 0) this.pedals.add(pedal);
      else this.pedals.delete(pedal);
    }
  }

  /** The commands that let everything go; forgets it. */
  release(): Command[] {
    const offs = [...this.keys].map((key): Command => ({ kind: 'note', pitch: pitch(key % 128), velocity: 0, channel: channel(Math.floor(key / 128)) }));
    const ups = [...this.pedals].map((pedal): Command => ({ kind: 'control', controller: pedal % 128, value: 0, channel: channel(Math.floor(pedal / 128)) }));
    this.keys.clear();
    this.pedals.clear();
    return [...offs, ...ups];
  }
}
