import { execFileSync } from 'node:child_process';

/** From a port that sends to a port that receives, by their addresses. */
export type Cable = readonly [from: string, to: string];

/** The cables of one machine, as its own tools see and move them. */
export interface Patchbay {
  /** Whether messages take as long as they do on a stage: in an emulated machine they may take longer than any loop of cables. */
  readonly keepsTime: boolean;
  /** The address of a port, from the name RtMidi has for it. */
  addressOf(name: string): string;
  cables(): Cable[];
  connect(cable: Cable): void;
  disconnect(cable: Cable): void;
}

const run = (tool: string, ...words: string[]): string => execFileSync(tool, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });

const alsa: Patchbay = {
  keepsTime: false,
  addressOf: (name) => / (\d+:\d+)$/.exec(name)?.[1] ?? name,
  cables: () => {
    const cables: Cable[] = [];
    let [client, port] = ['', ''];
    for (const line of run('aconnect', '-l').split('\n')) {
      client = /^client (\d+):/.exec(line)?.[1] ?? client;
      port = /^ +(\d+) '/.exec(line)?.[1] ?? port;
      const to = /^\s+Connecting To: (.*)/.exec(line)?.[1];
      for (const [, each] of (to ?? '').matchAll(/(\d+:\d+)/g)) cables.push([`${client}:${port}`, each as string]);
    }
    return cables;
  },
  connect: ([from, to]) => void run('aconnect', from, to),
  disconnect: ([from, to]) => void run('aconnect', '-d', from, to),
};

const jack: Patchbay = {
  keepsTime: true,
  addressOf: (name) => name,
  cables: () => {
    const outputs = new Map<string, string[]>();
    let port = '';
    let peers: string[] = [];
    for (const line of run('jack_lsp', '-c', '-p').split('\n')) {
      if (line.startsWith('\tproperties:')) {
        if (line.includes('output')) outputs.set(port, peers);
      } else if (line.startsWith('   ')) peers.push(line.trim());
      else [port, peers] = [line, []];
    }
    return [...outputs].flatMap(([from, tos]) => tos.map((to): Cable => [from, to]));
  },
  connect: ([from, to]) => void run('jack_connect', from, to),
  disconnect: ([from, to]) => void run('jack_disconnect', from, to),
};

export const PATCHBAYS = { alsa, jack } as const;
