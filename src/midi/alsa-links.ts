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
