import { once } from 'node:events';
import { messageOf } from '../../src/core/errors.ts';
import { jackServers } from '../../src/midi/jack-registry.ts';
import { PATCHBAYS } from './patchbay.ts';
import type { Facts } from './playing.ts';
import { Rig, sounding } from './rig.ts';
import { scenariosOver } from './scenarios.ts';
import { waitsOf } from './waits.ts';

/** One line that `perform` prints. */
export interface Result {
  readonly name: string;
  readonly facts: Facts;
  readonly seconds: number;
}

/** What the sound system's server is to do, asked of whoever started this: to take a signal, or to start. */
export interface ServerRequest {
  readonly signal: NodeJS.Signals | null;
}

const ask = async (request: ServerRequest): Promise<void> => {
  process.send?.(request);
  await once(process, 'message');
};

const [first, ...wanted] = process.argv.slice(2);
const system = first as keyof typeof PATCHBAYS;
const server = { signal: (signal: NodeJS.Signals) => ask({ signal }), begin: () => ask({ signal: null }) };
const newRig = (): Rig => new Rig(PATCHBAYS[system], server);
let rig = newRig();
try {
  for (const { name, ports, run } of scenariosOver(system).filter((each) => wanted.length === 0 || wanted.includes(each.name))) {
    const began = performance.now();
    let facts: Facts;
    try {
      await rig.daemon();
      await rig.use(ports);
      facts = await run(rig);
    } catch (thrown) {
      const serverStandsStill = await rig.standsStill();
      if (serverStandsStill) process.stderr.write(`In ${name}: ${messageOf(thrown)}\n${waitsOf([...jackServers().map(({ pid }) => pid), process.pid, ...rig.pids])}`);
      facts = { failed: messageOf(thrown), sounding: [...sounding(rig.heard.all)], serverStandsStill };
      // Whatever state this left behind is not the next one's.
      await rig.close();
      rig = newRig();
    }
    process.stdout.write(`${JSON.stringify({ name, facts, seconds: Math.round(performance.now() - began) / 1000 } satisfies Result)}\n`);
  }
} finally {
  await rig.close();
}
process.exit(0);
