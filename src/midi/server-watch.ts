import { VIRTUAL, type MidiSystem } from './ports.ts';

type Say = (code: 'midi.lost' | 'midi.back', message: string) => void;

/** Says once that the server which carries the ports is gone, and once that it is there, for the first time or again. */
export class ServerWatch {
  lost: boolean;
  /** Times it was lost. */
  losses = 0;
  private readonly system: Pick<MidiSystem, 'name' | 'lost' | 'losses'> | null;
  private readonly say: Say;

  constructor(system: Pick<MidiSystem, 'name' | 'lost' | 'losses'> | null, say: Say) {
    this.system = system;
    this.say = say;
    this.lost = system?.lost ?? false;
  }

  look(): void {
    const { system } = this;
    if (!system) return;
    const { name, lost } = system;
    if (system.losses > this.losses) {
      this.losses = system.losses;
      this.lost = true;
      this.say('midi.lost', `The ${name} server has ended, and with it every MIDI port. Music goes on over WebSocket and OSC; the ports come back with the server.`);
    }
    if (!this.lost || lost) return;
    this.lost = false;
    this.say('midi.back', `The ${name} server is there: ports are opened by name. Cables at "${VIRTUAL.input}" and "${VIRTUAL.output}" are yours to put in.`);
  }
}
