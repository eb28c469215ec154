import { messageOf } from '../../src/core/errors.ts';
import { PATCHBAYS } from './patchbay.ts';
import { Rig, sounding } from './rig.ts';
import { SCENARIOS, type Facts } from './scenarios.ts';

/** One line that `perform` prints. */
export interface Result {
  readonly name: string;
  readonly facts: Facts;
  readonly seconds: number;
}

const [system, ...wanted] = process.argv.slice(2);
const patchbay = PATCHBAYS[system as keyof typeof PATCHBAYS];
let rig = new Rig(patchbay);
try {
  for (const { name, ports, run } of SCENARIOS.filter((each) => wanted.length === 0 || wanted.includes(each.name))) {
    const began = performance.now();
    let facts: Facts;
    try {
      await rig.daemon();
      await rig.use(ports);
      facts = await run(rig);
    } catch (thrown) {
      facts = { failed: messageOf(thrown), sounding: [...sounding(rig.heard.all)] };
      // Whatever state this left behind is not the next one's.
      await rig.close();
      rig = new Rig(patchbay);
    }
    process.stdout.write(`${JSON.stringify({ name, facts, seconds: Math.round(performance.now() - began) / 1000 } satisfies Result)}\n`);
  }
} finally {
  await rig.close();
}
process.exit(0);
