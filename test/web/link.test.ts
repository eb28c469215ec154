import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROTOCOL, type ServerMessage } from '../../src/net/protocol.ts';
import { Clock } from '../../src/web/clock.ts';
import { Echo } from '../../src/web/echo.ts';
import { Link } from '../../src/web/link.ts';
import { readMidi } from '../../src/web/midi.ts';

describe('the clock', () => {
  it('knows nothing before the first pong', () => {
    const clock = new Clock();
    expect(clock.known).toBe(false);
    expect(clock.trip).toBeNaN();
    expect(clock.toOurs(5)).toBe(5);
  });

  it('takes the quickest round trip: the daemon is 1000 ms ahead', () => {
    const clock = new Clock();
    clock.add(100, 1140, 1140, 150);
    clock.add(200, 1201, 1202, 203);
    clock.add(300, 1301, 1301, 400);
    expect(clock.trip).toBe(2);
    expect(clock.toOurs(1500)).toBe(500);
  });

  it('forgets all but the last eight', () => {
    const clock = new Clock();
    clock.add(0, 0, 0, 0);
    for (let i = 0; i < 8; i++) clock.add(0, 55, 55, 10);
    expect(clock.toOurs(50)).toBe(0);
  });
});

/** A socket whose other end is the test. */
class Socket extends EventTarget {
  static readonly OPEN = 1;
  static last: Socket;
  readonly readyState = 1;
  readonly sent: { readonly type: string; readonly client: number }[] = [];
  constructor() {
    super();
    Socket.last = this;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as (typeof this.sent)[number]);
  }
  say(message: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
  }
}

describe('the link', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', Socket);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const linked = (): { changes: boolean[]; heard: ServerMessage[]; link: Link } => {
    const changes: boolean[] = [];
    const heard: ServerMessage[] = [];
    const link = new Link({ url: 'ws://here/ws', now: () => Date.now(), onMessage: (message) => heard.push(message), onChange: (to) => changes.push(to) });
    Socket.last.say({ type: 'hello', protocol: PROTOCOL });
    return { changes, heard, link };
  };
  const pong = (): void => Socket.last.say({ type: 'pong', client: Date.now(), received: 0, sent: 0 });

  it('says that it is broken when the socket closes', () => {
    const { changes } = linked();
    Socket.last.dispatchEvent(new Event('close'));
    expect(changes).toEqual([true, false]);
  });

  it('says that it is broken when the daemon hangs, its socket open, and whole again at its next word', () => {
    const { changes } = linked();
    for (let n = 0; n < 20; n++) {
      vi.advanceTimersByTime(1000);
      pong();
    }
    expect(changes).toEqual([true]);
    vi.advanceTimersByTime(4000);
    expect(changes).toEqual([true, false]);
    vi.advanceTimersByTime(10_000);
    pong();
    expect(changes).toEqual([true, false, true]);
    vi.advanceTimersByTime(1000);
    expect(changes).toHaveLength(3);
  });
});

describe('the echo', () => {
  it('knows its own notes once each, and for two seconds', () => {
    const echo = new Echo();
    echo.sent(60, true, 0);
    expect(echo.isOurs(60, false, 10)).toBe(false);
    expect(echo.isOurs(60, true, 10)).toBe(true);
    expect(echo.isOurs(60, true, 20)).toBe(false);
    echo.sent(60, true, 100);
    expect(echo.isOurs(60, true, 2101)).toBe(false);
  });
});

describe('Web MIDI', () => {
  it.each([
    [[0x90, 60, 80], { type: 'note', pitch: 60, velocity: 80, channel: 1 }],
    [[0x9f, 60, 0], { type: 'note', pitch: 60, velocity: 0, channel: 16 }],
    [[0x81, 60, 64], { type: 'note', pitch: 60, velocity: 0, channel: 2 }],
    [[0xb0, 64, 127], { type: 'control', controller: 64, value: 127, channel: 1 }],
    [[0xf8], undefined],
    [[], undefined],
  ])('%o', (bytes, message) => {
    expect(readMidi(Uint8Array.from(bytes))).toEqual(message);
  });
});
