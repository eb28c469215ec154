import { type ClientMessage, PROTOCOL, type ServerMessage } from '../net/protocol.ts';
import { Clock } from './clock.ts';

export interface LinkOptions {
  readonly url: string;
  /** Milliseconds of this page's clock. */
  readonly now: () => number;
  readonly onMessage: (message: ServerMessage) => void;
  /** Told of each change: connected or not. */
  readonly onChange: (connected: boolean) => void;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;
/** Pings close together at first, to know the clock soon; then seldom. */
const QUICK = { count: 8, every: 120 };
const SLOW = 2000;
/** No answer for so many milliseconds is silence: the daemon hangs. */
const PATIENCE = 1900;

/** The WebSocket to the daemon: it comes back by itself, keeps the two clocks together, and notices a daemon that hangs, whose socket stays open. */
export class Link {
  readonly clock = new Clock();
  private readonly options: LinkOptions;
  private socket: WebSocket | undefined;
  private wait = FIRST_WAIT;
  private pings = 0;
  private pinging: ReturnType<typeof setTimeout> | undefined;
  /** When the daemon was asked first of what it has not answered since. */
  private asked: number | undefined;
  private silent = false;

  constructor(options: LinkOptions) {
    this.options = options;
    this.connect();
  }

  /** False when not connected: what was to be said is lost, since a note said late is wrong. */
  send(message: ClientMessage): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private connect(): void {
    const socket = new WebSocket(this.options.url);
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.hear(JSON.parse(String(data)) as ServerMessage));
    socket.addEventListener('close', () => {
      clearTimeout(this.pinging);
      this.asked = undefined;
      this.silent = false;
      this.options.onChange(false);
      setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    });
  }

  private hear(message: ServerMessage): void {
    this.asked = undefined;
    if (this.silent) {
      this.silent = false;
      this.options.onChange(true);
    }
    if (message.type === 'pong') {
      this.clock.add(message.client, message.received, message.sent, this.options.now());
      return;
    }
    if (message.type === 'hello') {
      if (message.protocol !== PROTOCOL) {
        this.socket?.close();
        return;
      }
      this.wait = FIRST_WAIT;
      this.pings = 0;
      this.clock.reset();
      this.ping();
      this.options.onChange(true);
    }
    this.options.onMessage(message);
  }

  private ping(): void {
    const now = this.options.now();
    if (this.asked !== undefined && now - this.asked >= PATIENCE && !this.silent) {
      this.silent = true;
      this.options.onChange(false);
    }
    this.asked ??= now;
    this.send({ type: 'ping', client: now });
    this.pinging = setTimeout(() => this.ping(), ++this.pings < QUICK.count ? QUICK.every : SLOW);
  }
}
