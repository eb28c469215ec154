/**
 * The ports that listen to a port of ours, as `aconnect -l` prints them: `CLIENT:PORT` by number, which ends RtMidi's name of each.
 * @param pid the process the port belongs to; aconnect says whose a client is since 1.1.2, and where it does not, all ports of this name are meant
 */
export const alsaSubscribers = (text: string, pid: number, port: string): string[] => {
  const found: string[] = [];
  let ours = false;
  let here = false;
  for (const line of text.split('\n')) {
    const client = /^client \d+: .*\[(?:.*pid=(\d+))?/.exec(line);
    const named = /^\s+\d+ '(.*?)\s*'/.exec(line);
    if (client) ours = client[1] === undefined || Number(client[1]) === pid;
    if (client || named) here = ours && named?.[1] === port;
    const to = /^\s+Connecting To: (.*)/.exec(line);
    if (here && to) found.push(...(to[1] as string).split(', ').map((each) => each.replace(/\[.*/, '').trim()));
  }
  return found;
};

/** The ports that listen to a port of ours, as `jack_lsp -c` prints them. JACK does not say whose a client is: all ports of this name are meant. */
export const jackSubscribers = (text: string, port: string): string[] => {
  const found: string[] = [];
  let here = false;
  for (const line of text.split('\n')) {
    if (!/^\s/.test(line)) here = line.endsWith(`:${port}`);
    else if (here) found.push(line.trim());
  }
  return found;
};
