import type { OutputPort } from './ports.ts';

/** RtMidi's name of a port ends with what ALSA calls it, and is what JACK calls it. */
const isCalled = (name: string, peer: string): boolean => name === peer || name.endsWith(` ${peer}`);

const isConnected = (port: OutputPort): boolean => (port.peers?.()?.length ?? 0) > 0;

interface Opened {
  readonly port: OutputPort;
  /** Whether it was seen connected: JACK connects a little after the opening. */
  met: boolean;
}

/** Connections of our own to those who hear another process. */
export class Mirror {
  private readonly open: (name: string) => OutputPort;
  private readonly opened = new Map<string, Opened>();

  constructor(open: (name: string) => OutputPort) {
    this.open = open;
  }

  get names(): string[] {
    return [...this.opened.keys()];
  }

  /**
   * Connects to these peers, and to nobody else. One that was cut off is opened anew: ALSA gives what is plugged in the number of what went, so that a
   * synth and the one in its place are called alike.
   * @param list the names of the outputs that are there; asked for where somebody is to be connected
   */
  follow(peers: readonly string[], list: () => readonly string[]): void {
    for (const [name, opened] of this.opened) {
      if (peers.some((peer) => isCalled(name, peer)) && !this.isCut(opened)) continue;
      opened.port.close();
      this.opened.delete(name);
    }
    const unmet = peers.filter((peer) => !this.names.some((name) => isCalled(name, peer)));
    if (unmet.length === 0) return;
    for (const name of list().filter((each) => unmet.some((peer) => isCalled(each, peer)))) {
      try {
        const port = this.open(name);
        this.opened.set(name, { port, met: isConnected(port) });
      } catch {
        // It went away in this moment; if not, it is tried again.
      }
    }
  }

  send(status: number, a: number, b: number): void {
    for (const { port } of this.opened.values()) port.send(status, a, b);
  }

  /** A server that ended took what was opened along. */
  forget(): void {
    this.opened.clear();
  }

  close(): void {
    for (const { port } of this.opened.values()) port.close();
    this.opened.clear();
  }

  private isCut(opened: Opened): boolean {
    opened.met ||= isConnected(opened.port);
    return opened.met && opened.port.peers?.()?.length === 0;
  }
}
