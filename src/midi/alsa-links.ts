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

/** Who is connected to the ports of a client; null where it has none. */
export const peersOf = (ports: readonly Pick<SequencerPort, 'address' | 'peers'>[], client: number): readonly string[] | null => {
  const found = ports.filter(({ address }) => address.startsWith(`${client}:`));
  return found.length > 0 ? [...new Set(found.flatMap(({ peers }) => peers))] : null;
};

/** The clients in /proc/asound/seq/clients, by number, those without a port included. */
export const readClients = (text: string): number[] => [...text.matchAll(/^Client +(\d+) :/gm)].map((match) => Number(match[1]));

/** Attempts at making a client while no other program makes one. */
const ATTEMPTS = 8;

/**
 * Makes a client of the sequencer, and says which it is: RtMidi keeps that to itself. Ours is the one that came; where others came in the same
 * moment, as the guard's do when a device is plugged in, it is unmade and made anew. Mistaken for another's, our cable would seem to be in as long as
 * theirs is, and never be put back.
 * @param clients those that are there; null for the client where that cannot be told
 */
export const identified = <P extends { destroy(): void }>(make: () => P, clients: () => readonly number[]): { readonly handle: P; readonly client: number | null } => {
  for (let attempt = 1; ; attempt++) {
    const before = new Set(clients());
    const handle = make();
    const there = clients();
    const [client, ...others] = there.filter((each) => !before.has(each));
    // None came where ours took the number of one that went.
    if (client !== undefined && others.length === 0) return { handle, client };
    if (there.length === 0 || attempt === ATTEMPTS) return { handle, client: null };
    handle.destroy();
  }
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
