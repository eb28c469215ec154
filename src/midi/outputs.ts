import { STATUS } from './message.ts';
import { PORTS, type OutputPort } from './ports.ts';
import { isOff, isOn } from './same.ts';
import { Standing } from './standing.ts';

const KEYS = 16 * 128;
/** As many note-offs as the ledger owes one key at most. */
const MOST = 8;
/** What a driver loses at every look is told again at so many; then it never gets better, and only what is new is told. */
const INSISTS = 8;

interface Seat {
  port: OutputPort | null;
  /** Milliseconds after the wanted time at which it gets what is on a schedule. */
  offset: number;
  /** Devices that were connected here and are not now. */
  away: number;
  /** Whether the driver has refused a message: it has room for so many, while the sound system stands still. */
  refused: boolean;
  /** Moments in which the driver had lost some, when that was asked last. */
  lapses: number;
  /** Looks in a row at which it had. */
  lapsed: number;
  /** Note-offs that a device may have missed, by channel and key: those sent while one was away, or since the last look at the cables. */
  readonly missed: Uint8Array;
  /** Those from the look before, where the driver says afterwards that they may not have arrived. */
  readonly before: Uint8Array;
  /** Note-offs beyond those to come, owed to keys that sounded when the rest was told: each is told when its key ends. */
  readonly owed: Uint8Array;
  /** Notes that sound here, by channel and key, as far as they were sent to this seat's offset. */
  readonly sounding: Uint8Array;
}

const add = (offs: Uint8Array, key: number, more: number): void => {
  offs[key] = Math.min(MOST, (offs[key] as number) + more);
};

/** Where our own virtual output sits; devices sit where `PortWatch` puts them. */
export const VIRTUAL_SEAT = PORTS;

/**
 * Every output as one: what is sent goes to each of those with its offset. A device that was away, unplugged or with its cable pulled, is told on its return which
 * notes have ended, and how controllers, programs and bends stand; no note is struck
 * again. So is one that was late for what the driver sent.
 */
export class Outputs {
  private readonly seats: readonly Seat[] = Array.from({ length: PORTS + 1 }, () => ({ port: null, offset: 0, away: 0, refused: false, lapses: 0, lapsed: 0, missed: new Uint8Array(KEYS), before: new Uint8Array(KEYS), owed: new Uint8Array(KEYS), sounding: new Uint8Array(KEYS) }));
  private readonly standing = new Standing();
  private offsetOf: (name: string) => number = () => 0;

  get size(): number {
    return this.seats.filter(({ port }) => port).length;
  }

  get names(): string[] {
    return this.seats.flatMap(({ port }) => (port ? [port.name] : []));
  }

  /** What other programs call the ports; none where the driver does not tell. */
  addresses(): string[] {
    return this.seats.flatMap(({ port }) => port?.address?.() ?? []);
  }

  /** Says what offset each port has, those that are open and those to come; to be called while nothing sounds. */
  tune(offsetOf: (name: string) => number): void {
    this.offsetOf = offsetOf;
    for (const seat of this.seats) if (seat.port) this.seatAt(seat, seat.port);
  }

  /** Sends to the ports that have this offset. Realtime-safe: yes. */
  send(status: number, a: number, b: number, offset = 0): void {
    const key = (status & 0x0f) * 128 + a;
    const off = isOff(status, b);
    const on = isOn(status, b);
    if (!on && !off) this.standing.note(status, a, b);
    for (let at = 0; at <= PORTS; at++) {
      const seat = this.seats[at] as Seat;
      if (seat.offset !== offset) continue;
      const { port, missed, sounding } = seat;
      if (port && !port.send(status, a, b)) seat.refused = true;
      if (off) sounding[key] = Math.max(0, (sounding[key] as number) - 1);
      else if (on) sounding[key] = Math.min(255, (sounding[key] as number) + 1);
      if (!off) continue;
      add(missed, key, 1);
      if (sounding[key] === 0 && (seat.owed[key] as number) > 0) this.pay(seat, key);
    }
  }

  /** A port was opened: its device is told how things stand. */
  attach(port: OutputPort, seat: number): void {
    const at = this.seats[seat] as Seat;
    at.port = port;
    at.lapses = port.passage?.()?.lapses ?? 0;
    this.seatAt(at, port);
    this.joined(port);
  }

  /** A port was closed, or its device is gone. */
  detach(port: OutputPort): void {
    const seat = this.seatOf(port);
    if (!seat) return;
    seat.away = Math.max(1, seat.away);
    seat.port = null;
  }

  /** All ports and cables were looked at: who is there has had what was sent before, or is told again what the driver refused or may have lost. */
  confirm(): void {
    for (const seat of this.seats) {
      const { port, away, missed, before } = seat;
      if (away > 0 || !port) continue;
      const passage = port.passage?.() ?? null;
      seat.lapsed = passage && passage.lapses !== seat.lapses ? seat.lapsed + 1 : 0;
      seat.lapses = passage?.lapses ?? 0;
      if (seat.refused || seat.lapsed > 0) {
        this.remind(seat, port);
        if (seat.lapsed > INSISTS && !seat.refused && !passage?.waits) missed.fill(0);
      } else if (!passage?.waits) {
        // Where the driver says afterwards what was lost, that may have been before this look.
        if (passage) before.set(missed);
        missed.fill(0);
      }
    }
  }

  /** A device's cable was pulled. */
  left(port: OutputPort): void {
    const seat = this.seatOf(port);
    if (seat) seat.away++;
  }

  /** A device's cable was put in. */
  joined(port: OutputPort): void {
    const seat = this.seatOf(port);
    if (!seat) return;
    this.remind(seat, port);
    seat.away = Math.max(0, seat.away - 1);
  }

  /** Tells a key that ended the offs it is owed beyond its own. Realtime-safe: yes. */
  private pay(seat: Seat, key: number): void {
    const { port, missed, owed } = seat;
    add(missed, key, owed[key] as number);
    for (; (owed[key] as number) > 0; owed[key] = (owed[key] as number) - 1) {
      if (port && !port.send(STATUS.off | (key >> 7), key & 0x7f, 64)) seat.refused = true;
    }
  }

  /** Tells what ended, and how the rest stands. */
  private remind(seat: Seat, port: OutputPort): void {
    const { missed, before, owed, sounding } = seat;
    seat.refused = false;
    const send = (status: number, a: number, b: number): void => {
      if (!port.send(status, a, b)) seat.refused = true;
    };
    for (let key = 0; key < KEYS; key++) {
      add(missed, key, before[key] as number);
      before[key] = 0;
      // A key that sounds again must sound on: what it is owed beyond the offs to come is told when it ends.
      if (sounding[key] === 0) for (let n = missed[key] as number; n > 0; n--) send(STATUS.off | (key >> 7), key & 0x7f, 64);
      else {
        add(owed, key, missed[key] as number);
        missed[key] = 0;
      }
    }
    this.standing.each(send);
  }

  private seatAt(seat: Seat, { name }: OutputPort): void {
    const offset = this.offsetOf(name);
    // What sounds at another offset never sounded here, or has ended.
    if (offset !== seat.offset) {
      seat.sounding.fill(0);
      for (let key = 0; key < KEYS; key++) add(seat.missed, key, seat.owed[key] as number);
      seat.owed.fill(0);
    }
    seat.offset = offset;
  }

  private seatOf(port: OutputPort): Seat | undefined {
    return this.seats.find((seat) => seat.port === port);
  }
}
