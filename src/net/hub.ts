import type { Told } from '../live/command.ts';
import { messageFrom, type ServerMessage } from './protocol.ts';

/** The connection of one client, as the hub sees it: a WebSocket, or a stand-in in a test. */
export interface Line {
  /** Queues `text`; never blocks. */
  send(text: string): void;
  /** Bytes queued and not yet taken by the network. */
  readonly bufferedAmount: number;
  /** Drops the connection at once. */
  terminate(): void;
}

/** One client of a hub. */
export interface Client {
  readonly id: number;
  readonly line: Line;
  /** When it stopped keeping up, in milliseconds; undefined while it does. */
  stalledAt: number | undefined;
  /** Messages it has lost. */
  lost: number;
}

export interface HubOptions {
  /** Milliseconds of any monotonic clock. */
  readonly now: () => number;
  /** What a client is sent that lost messages and keeps up again. */
  readonly refresh: () => ServerMessage;
  /** Told how many clients there are, when that changes. */
  readonly changed?: (clients: number) => void;
  /** Bytes queued for a client from which it counts as stalled. */
  readonly limit?: number;
  /** Milliseconds a stalled client is kept. */
  readonly patience?: number;
}

/** An end must arrive, or a note hangs at the client. */
const ends = (message: ServerMessage): boolean => message.type === 'withdraw' || ((message.type === 'note' || message.type === 'heard') && message.velocity === 0);

/**
 * Everyone who is told what happens. One who does not keep up loses messages (but no note-off) and is closed
 * after a while, so that it costs neither the others nor the daemon's memory.
 */
export class Hub {
  readonly counters = { clients: 0, told: 0, lost: 0, closedStalled: 0 };
  private readonly clients = new Set<Client>();
  private readonly now: () => number;
  private readonly refresh: () => ServerMessage;
  private readonly changed: (clients: number) => void;
  private readonly limit: number;
  private readonly patience: number;
  private lastId = 0;

  constructor({ now, refresh, changed = () => {}, limit = 256 * 1024, patience = 5000 }: HubOptions) {
    this.now = now;
    this.refresh = refresh;
    this.changed = changed;
    this.limit = limit;
    this.patience = patience;
  }

  add(line: Line): Client {
    const client: Client = { id: ++this.lastId, line, stalledAt: undefined, lost: 0 };
    this.clients.add(client);
    this.count();
    return client;
  }

  remove(client: Client): void {
    this.clients.delete(client);
    this.count();
  }

  /** Tells every client; one call costs one serialisation, however many listen. */
  tell(told: Told): void {
    if (this.clients.size === 0) return;
    const message = messageFrom(told);
    const text = JSON.stringify(message);
    for (const client of this.clients) this.deliver(client, text, ends(message));
  }

  /** Tells one client. */
  reply(client: Client, message: ServerMessage): void {
    this.deliver(client, JSON.stringify(message), ends(message));
  }

  private count(): void {
    this.counters.clients = this.clients.size;
    this.changed(this.clients.size);
  }

  private deliver(client: Client, text: string, mustArrive: boolean): void {
    if (!this.clients.has(client)) return;
    if (client.line.bufferedAmount > this.limit) {
      client.stalledAt ??= this.now();
      if (this.now() - client.stalledAt > this.patience) {
        this.counters.closedStalled++;
        this.remove(client);
        client.line.terminate();
        return;
      }
      if (!mustArrive) {
        client.lost++;
        this.counters.lost++;
        return;
      }
    } else if (client.stalledAt !== undefined) {
      client.stalledAt = undefined;
      client.line.send(JSON.stringify(this.refresh()));
    }
    this.counters.told++;
    client.line.send(text);
  }
}
