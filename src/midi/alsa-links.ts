/** One port of the ALSA sequencer, as /proc/asound/seq/clients has it. */
export interface SequencerPort {
  /** "client:port" */
  readonly address: string;
  readonly name: string;
  /** "R" where others may read from it, "W" where they may write to it, among other letters. */
  readonly flags: string;
  /** Addresses it sends to and hears from. */
  readonly peers: readonly string[];
}

/** Who is connected to any of these ports; null where one of them is not there. */
export const peersAmong = (ports: readonly Pick<SequencerPort, 'address' | 'peers'>[], addresses: readonly string[]): readonly string[] | null => {
  const found = ports.filter(({ address }) => addresses.includes(address));
  return found.length === addresses.length ? [...new Set(found.flatMap(({ peers }) => peers))] : null;
};

/**
 * Which of the ports that came while one of ours was opened may be that one, by address: of our own the one that is called so, else one that is
 * connected to what we opened. Several, where other processes opened like ones in the same moment, as the guard does when the daemon starts.
 */
export const candidates = (came: readonly SequencerPort[], name: string, own: boolean): readonly string[] => {
  const fits = came.filter((port) => (own ? port.name === name : port.peers.some((peer) => name.endsWith(` ${peer}`))));
  return (fits.length > 0 ? fits : came).map(({ address }) => address);
};

/** Who is connected to any of the candidates that are there; null where none is. One whose device went has nobody, and so have the others. */
export const peersOfAny = (ports: readonly Pick<SequencerPort, 'address' | 'peers'>[], addresses: readonly string[]): readonly string[] | null => {
  const there = ports.filter(({ address }) => addresses.includes(address));
  return there.length > 0 ? [...new Set(there.flatMap(({ peers }) => peers))] : null;
};

/** Reads /proc/asound/seq/clients (Linux, sound/core/seq/seq_clientmgr.c); lines it does not know are passed over. */
export const readSequencer = (text: string): SequencerPort[] => {
  const ports: { address: string; name: string; flags: string; peers: string[] }[] = [];
  let client = '';
  for (const line of text.split('\n')) {
    client = /^Client +(\d+) :/.exec(line)?.[1] ?? client;
    const [, port, name, flags] = /^ +Port +(\d+) : "(.*)" \((.*?)\)/.exec(line) ?? [];
    if (port !== undefined) ports.push({ address: `${client}:${port}`, name: name as string, flags: flags as string, peers: [] });
    const peers = /^ +Connect(?:ing To|ed From): (.*)/.exec(line)?.[1];
    for (const [peer] of (peers ?? '').matchAll(/\d+:\d+/g)) ports.at(-1)?.peers.push(peer);
  }
  return ports;
};
