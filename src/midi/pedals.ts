import type { Channel } from '../core/units.ts';
import { PEDALS } from '../music/note.ts';

/** Sends a controller change; false when it could not be. */
export type SendControl = (port: number, channel: Channel, controller: number, value: number) => boolean;

const CONTROLLERS: readonly number[] = Object.values(PEDALS);
const CHANNELS = 16;
/** Whoever holds one pedal at once: the player's foot, and a plan for each role. */
const HOLDERS = 4;

/**
 * The pedals we sent, by port and channel. Like a note, a pedal has owners: it stands as deep as the deepest of
 * them holds it, and is up when the last lifts it. Realtime-safe: yes.
 */
export class Pedals {
  private readonly send: SendControl;
  private readonly sent: Uint8Array;
  private readonly owners: Float64Array;
  private readonly depths: Uint8Array;

  constructor(ports: number, send: SendControl) {
    this.send = send;
    const pedals = ports * CHANNELS * CONTROLLERS.length;
    this.sent = new Uint8Array(pedals);
    this.owners = new Float64Array(pedals * HOLDERS);
    this.depths = new Uint8Array(pedals * HOLDERS);
  }

  /** Pedals that are down at the other end, as far as we know. */
  get down(): number {
    let count = 0;
    for (const depth of this.sent) if (depth > 0) count++;
    return count;
  }

  /** Whether this controller is a pedal and belongs here. */
  covers(controller: number): boolean {
    return CONTROLLERS.includes(controller);
  }

  press(owner: number, port: number, channel: Channel, controller: number, value: number): boolean {
    const pedal = (port * CHANNELS + channel - 1) * CONTROLLERS.length + CONTROLLERS.indexOf(controller);
    const at = this.seat(owner, pedal);
    this.owners[at] = owner;
    this.depths[at] = value;
    return this.settle(pedal);
  }

  /** Lifts the pedals held by owners that `chosen` says true of. */
  lift(chosen: (owner: number) => boolean): void {
    for (let pedal = 0; pedal < this.sent.length; pedal++) {
      let changed = false;
      for (let at = pedal * HOLDERS; at < (pedal + 1) * HOLDERS; at++) {
        if (this.depths[at] === 0 || !chosen(this.owners[at] as number)) continue;
        this.depths[at] = 0;
        changed = true;
      }
      if (changed) this.settle(pedal);
    }
  }

  /** Sends where each pedal of a port stands: the device may have lost it, or missed that it was lifted. */
  resend(port: number): void {
    const first = port * CHANNELS * CONTROLLERS.length;
    for (let pedal = first; pedal < first + CHANNELS * CONTROLLERS.length; pedal++) {
      if (this.depth(pedal) > 0 || (this.sent[pedal] as number) > 0) this.settle(pedal);
    }
  }

  /** Where the owner's depth is kept: its own seat, a free one, or the first when all are taken. */
  private seat(owner: number, pedal: number): number {
    let free = -1;
    for (let at = pedal * HOLDERS; at < (pedal + 1) * HOLDERS; at++) {
      if (this.depths[at] === 0) {
        if (free < 0) free = at;
      } else if (this.owners[at] === owner) return at;
    }
    return free < 0 ? pedal * HOLDERS : free;
  }

  private depth(pedal: number): number {
    let deepest = 0;
    for (let at = pedal * HOLDERS; at < (pedal + 1) * HOLDERS; at++) deepest = Math.max(deepest, this.depths[at] as number);
    return deepest;
  }

  private settle(pedal: number): boolean {
    const depth = this.depth(pedal);
    const line = Math.floor(pedal / CONTROLLERS.length);
    const went = this.send(Math.floor(line / CHANNELS), ((line % CHANNELS) + 1) as Channel, CONTROLLERS[pedal % CONTROLLERS.length] as number, depth);
    if (went) this.sent[pedal] = depth;
    return went;
  }
}
