import { STATUS } from './message.ts';

const UNSAID = -1;
const BANK = [0, 32];
/** Data entry and the numbers it goes to mean something in their order only; from 120 on are channel modes (MIDI 1.0, table 3). */
const isKept = (controller: number): boolean => controller < 120 && ![6, 38, 96, 97, 98, 99, 100, 101].includes(controller);

/** How controllers, programs, pressures and bends stand, by what was said last of each: what a device that was away has to be told. */
export class Standing {
  private readonly controls = new Int16Array(16 * 128).fill(UNSAID);
  private readonly programs = new Int16Array(16).fill(UNSAID);
  private readonly pressures = new Int16Array(16).fill(UNSAID);
  private readonly bends = new Int16Array(16).fill(UNSAID);

  /** Takes a channel message; notes leave nothing here. Realtime-safe: yes. */
  note(status: number, a: number, b: number): void {
    const channel = status & 0x0f;
    const kind = status & 0xf0;
    if (kind === STATUS.control && isKept(a)) this.controls[channel * 128 + a] = b;
    else if (kind === STATUS.program) this.programs[channel] = a;
    else if (kind === STATUS.pressure) this.pressures[channel] = a;
    else if (kind === STATUS.bend) this.bends[channel] = a | (b << 7);
  }

  /** Says all of it, banks before programs and those before the rest. Realtime-safe: yes. */
  each(say: (status: number, a: number, b: number) => void): void {
    for (let channel = 0; channel < 16; channel++) {
      const said = (values: Int16Array, at: number): number => values[at] as number;
      const control = (controller: number): void => {
        const value = said(this.controls, channel * 128 + controller);
        if (value !== UNSAID) say(STATUS.control | channel, controller, value);
      };
      BANK.forEach(control);
      if (said(this.programs, channel) !== UNSAID) say(STATUS.program | channel, said(this.programs, channel), 0);
      for (let controller = 1; controller < 120; controller++) if (!BANK.includes(controller)) control(controller);
      if (said(this.pressures, channel) !== UNSAID) say(STATUS.pressure | channel, said(this.pressures, channel), 0);
      const bend = said(this.bends, channel);
      if (bend !== UNSAID) say(STATUS.bend | channel, bend & 0x7f, bend >> 7);
    }
  }
}
